import COneDNN

/// An operation that oneDNN has compiled for given shapes.
final class Primitive {
  /// What primitives are found again by.
  struct Key: Hashable {
    let kind: onednn_kind
    let window: Window
  }

  private let operation: OpaquePointer
  /// Elements of working memory.
  private let scratchCount: Int
  /// Elements of memory for the places of maxima.
  let placesCount: Int

  fileprivate init(_ key: Key) throws(NetworkError) {
    var shape = key.window.shape
    var operation: OpaquePointer?
    let status = onednn_create(&operation, key.kind, &shape)
    try Engine.check(status, "an operation for \(key.window)")
    self.operation = operation!
    scratchCount = (onednn_scratch_bytes(operation) + 3) / 4
    placesCount = (onednn_places_bytes(operation) + 3) / 4
  }

  deinit { onednn_destroy(operation) }

  /// Runs it; the arguments are those that the C header lists for its kind.
  func callAsFunction(_ arguments: UnsafePointer<Float>..., pool: BufferPool) throws(NetworkError) {
    let scratch = scratchCount > 0 ? pool.buffer(count: scratchCount) : nil
    let pointers = arguments.map { UnsafeMutableRawPointer(mutating: $0) as UnsafeMutableRawPointer? }
    try Engine.check(onednn_run(operation, pointers, scratch?.elements), "a convolution or pooling")
  }
}

extension onednn_kind: @retroactive Hashable {}

extension Engine {
  /// The primitive for `kind` and `window`, compiled at its first use.
  func primitive(_ kind: onednn_kind, _ window: Window) throws(NetworkError) -> Primitive {
    let key = Primitive.Key(kind: kind, window: window)
    if let primitive = primitives[key] { return primitive }
    let primitive = try Primitive(key)
    primitives[key] = primitive
    return primitive
  }
}
