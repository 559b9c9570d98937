import COneDNN

/// An operation that oneDNN has compiled for given shapes.
final class Primitive {
  /// The key that finds a compiled primitive again.
  enum Key: Hashable {
    case sliding(onednn_kind, Window)
    case product(Product)
  }

  private let operation: OpaquePointer
  /// Elements of working memory.
  private let scratchCount: Int
  /// Elements of memory for the positions of maxima.
  let placesCount: Int

  fileprivate init(_ key: Key) throws(NetworkError) {
    var operation: OpaquePointer?
    switch key {
    case .sliding(let kind, let window):
      var shape = window.shape
      try Engine.check(onednn_create(&operation, kind, &shape), "an operation for \(window)")
    case .product(let product):
      var shape = product.shape
      try Engine.check(onednn_create_product(&operation, &shape), "a product of \(product)")
    }
    self.operation = operation!
    scratchCount = (onednn_scratch_bytes(operation) + 3) / 4
    placesCount = (onednn_places_bytes(operation) + 3) / 4
  }

  deinit { onednn_destroy(operation) }

  /// Runs the primitive; the C header lists the arguments for each kind.
  func callAsFunction(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ third: UnsafePointer<Float>? = nil,
    _ fourth: UnsafePointer<Float>? = nil, pool: BufferPool
  ) throws(NetworkError) {
    let scratch = scratchCount > 0 ? pool.buffer(count: scratchCount) : nil
    let status = withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: 4) { arguments in
      arguments[0] = UnsafeMutableRawPointer(mutating: first)
      arguments[1] = UnsafeMutableRawPointer(mutating: second)
      arguments[2] = UnsafeMutableRawPointer(mutating: third)
      arguments[3] = UnsafeMutableRawPointer(mutating: fourth)
      return onednn_run(operation, arguments.baseAddress, scratch?.elements)
    }
    try Engine.check(status, "a product, convolution or pooling")
  }
}

extension onednn_kind: @retroactive Hashable {}

extension Engine {
  /// The primitive for `kind` and `window`, compiled at its first use.
  func primitive(_ kind: onednn_kind, _ window: Window) throws(NetworkError) -> Primitive {
    try primitive(.sliding(kind, window))
  }

  func primitive(_ key: Primitive.Key) throws(NetworkError) -> Primitive {
    if let primitive = primitives[key] { return primitive }
    let primitive = try Primitive(key)
    primitives[key] = primitive
    return primitive
  }
}
