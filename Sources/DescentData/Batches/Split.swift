import Descent

/// Examples, stored compactly: images as the bytes of their files, bags of words as sparse rows.
public struct Split: Sendable {
  enum Storage: Sendable {
    case bytes([UInt8])
    case floats([Float])
    case sparse(SparseRows)
  }

  /// Shape of one example.
  public let inputShape: [Int]
  /// The class of each example.
  public let labels: [Int32]
  let storage: Storage

  public var count: Int { labels.count }

  public var isSparse: Bool { if case .sparse = storage { true } else { false } }

  private var inputSize: Int { inputShape.reduce(1, *) }

  /// Images stored as bytes from 0 to 255; batches hold numbers from 0 to 1.
  init(bytes: [UInt8], inputShape: [Int], labels: [Int32]) {
    self.init(storage: .bytes(bytes), elementCount: bytes.count, inputShape: inputShape, labels: labels)
  }

  /// Makes a split from your own examples: `values` holds `labels.count` of them, of shape `inputShape`, row-major.
  public init(values: [Float], inputShape: [Int], labels: [Int32]) {
    self.init(storage: .floats(values), elementCount: values.count, inputShape: inputShape, labels: labels)
  }

  /// Makes a split from your own sparse examples, one in each row.
  public init(rows: SparseRows, labels: [Int32]) {
    self.init(
      storage: .sparse(rows), elementCount: rows.rowCount * rows.columnCount, inputShape: [rows.columnCount],
      labels: labels)
  }

  private init(storage: Storage, elementCount: Int, inputShape: [Int], labels: [Int32]) {
    precondition(
      elementCount == labels.count * inputShape.reduce(1, *), "there must be a label for each example of \(inputShape)")
    self.storage = storage
    self.inputShape = inputShape
    self.labels = labels
  }

  /// The examples at `indices`, in that order.
  public func batch(at indices: some Collection<Int>) -> Batch {
    let labels = indices.map { self.labels[$0] }
    switch storage {
    case .sparse(let rows): return Batch(inputs: .sparse(rows.rows(at: indices)), labels: labels)
    case .bytes(let bytes):
      let values = gather(indices, from: bytes) { source, target in
        // A division gives the nearest Float to k/255; the loop is vectorized.
        for i in source.indices { target[i] = Float(source[i]) / 255 }
      }
      return Batch(inputs: .dense(values, shape: [labels.count] + inputShape), labels: labels)
    case .floats(let floats):
      let values = gather(indices, from: floats) { source, target in _ = target.update(fromContentsOf: source) }
      return Batch(inputs: .dense(values, shape: [labels.count] + inputShape), labels: labels)
    }
  }

  /// The first `count` examples.
  public func prefix(_ count: Int) -> Split {
    let count = min(count, self.count)
    let labels = Array(labels.prefix(count))
    return switch storage {
    case .bytes(let bytes):
      Split(bytes: Array(bytes.prefix(count * inputSize)), inputShape: inputShape, labels: labels)
    case .floats(let floats):
      Split(values: Array(floats.prefix(count * inputSize)), inputShape: inputShape, labels: labels)
    case .sparse(let rows): Split(rows: rows.rows(at: 0..<count), labels: labels)
    }
  }

  /// All examples in order.
  public func all() -> Batch { batch(at: 0..<count) }

  @inline(__always)
  private func gather<Element>(
    _ indices: some Collection<Int>, from elements: [Element],
    convert: (UnsafeBufferPointer<Element>, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> [Float] {
    let size = inputSize
    return [Float](unsafeUninitializedCapacity: indices.count * size) { buffer, initialized in
      elements.withUnsafeBufferPointer { elements in
        for (k, i) in indices.enumerated() {
          convert(
            UnsafeBufferPointer(rebasing: elements[(i * size)..<((i + 1) * size)]),
            UnsafeMutableBufferPointer(rebasing: buffer[(k * size)..<((k + 1) * size)]))
        }
      }
      initialized = indices.count * size
    }
  }
}
