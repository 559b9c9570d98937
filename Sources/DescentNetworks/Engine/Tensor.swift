import Descent

/// A row-major array of single-precision numbers that lives on a ``Tape``: the first extent counts the examples.
///
/// A tensor is valid while its tape is in use; a ``Model`` must not keep one.
public final class Tensor {
  /// Extents, the batch first; images are [batch, height, width, channels].
  public let shape: [Int]
  /// Where the values lie, or the rows of a sparse input.
  let storage: Storage
  /// Whether a gradient with respect to this tensor is needed; it is not for the network's input.
  let isDifferentiable: Bool
  /// The parts of ∂loss/∂self that have been summed up so far.
  private(set) var gradient: Buffer?
  /// The derivative along the direction of a curvature product; nil if there is none, or if it is 0 because the tensor
  /// does not depend on the parameters.
  var tangent: Buffer?
  /// In passes for curvature, what goes back beside the gradient: the parts that have been summed up so far.
  private(set) var second: Buffer?

  enum Storage {
    case pooled(Buffer)
    case borrowed(UnsafePointer<Float>)
    case sparse(SparseRows, values: UnsafePointer<Float>, owner: Buffer?)
  }

  init(shape: [Int], storage: Storage, isDifferentiable: Bool) {
    self.shape = shape
    self.storage = storage
    self.isDifferentiable = isDifferentiable
  }

  /// Number of examples.
  public var batchCount: Int { shape[0] }
  /// Extents of one example.
  public var exampleShape: [Int] { Array(shape.dropFirst()) }
  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// Number of elements of one example.
  var exampleCount: Int { shape.dropFirst().reduce(1, *) }

  /// The values, row-major; of a sparse tensor, the values that are stored.
  public var values: [Float] {
    switch storage {
    case .pooled(let buffer): Array(UnsafeBufferPointer(start: buffer.elements, count: count))
    case .borrowed(let elements): Array(UnsafeBufferPointer(start: elements, count: count))
    case .sparse(let rows, let values, _): Array(UnsafeBufferPointer(start: values, count: rows.columns.count))
    }
  }

  /// The memory of a tensor that an operation has just made, for writing.
  var mutableElements: UnsafeMutablePointer<Float> {
    guard case .pooled(let buffer) = storage else { preconditionFailure("only results are written to") }
    return buffer.elements
  }

  /// The values of a dense tensor.
  /// - Throws: ``NetworkError/sparseInput(operation:)``.
  func elements(for operation: StaticString) throws(NetworkError) -> UnsafePointer<Float> {
    switch storage {
    case .pooled(let buffer): UnsafePointer(buffer.elements)
    case .borrowed(let elements): elements
    case .sparse: throw .sparseInput(operation: "\(operation)")
    }
  }

  /// Adds `part` to the gradient; the caller must not use the buffer afterwards.
  func receive(gradient part: Buffer) {
    guard isDifferentiable else { return }
    if let gradient {
      Lanes.update(gradient.elements, 0..<count) { i, sum in sum + Lanes.load(part.elements, i) }
    } else {
      gradient = part
    }
  }

  /// Adds `part` to what goes back beside the gradient; the caller must not use the buffer afterwards.
  func receive(second part: Buffer) {
    guard isDifferentiable else { return }
    if let second {
      Lanes.update(second.elements, 0..<count) { i, sum in sum + Lanes.load(part.elements, i) }
    } else {
      second = part
    }
  }

  /// The memory for the sum of the gradient. If `isFirst` is true, the caller overwrites it, else adds to it.
  func gradientTarget(from pool: BufferPool) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool) {
    if let gradient { return (gradient.elements, false) }
    let buffer = pool.buffer(count: count)
    gradient = buffer
    return (buffer.elements, true)
  }

  func takeGradient() -> Buffer? {
    defer { gradient = nil }
    return gradient
  }

  func takeSecond() -> Buffer? {
    defer { second = nil }
    return second
  }
}
