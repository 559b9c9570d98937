/// θ: all parameters of a model in one aligned buffer, with a name and a shape for each block of it.
///
/// Gradients, averages and slots of optimizer state are vectors of the same layout. A value type: copies share their
/// storage until one of them is written to.
///
/// ```swift
/// let layout = try ParameterLayout([("weight", [784, 10]), ("bias", [10])])
/// var θ = ParameterVector<Float>(zeros: layout)
/// try θ.assign(weights, to: "weight")
/// ```
public struct ParameterVector<Scalar: RuleScalar>: Sendable {
  public typealias Lane = Scalar.Lane

  /// Names, shapes and positions of the blocks.
  public let layout: ParameterLayout
  @usableFromInline var storage: LaneStorage<Scalar>

  /// A vector of zeros.
  public init(zeros layout: ParameterLayout) {
    self.layout = layout
    storage = LaneStorage(laneCount: layout.paddedCount / Scalar.laneWidth)
  }

  /// A vector of one block, called `name`, that holds `values`.
  /// - Throws: ``LayoutError`` if `values` is empty.
  public init(_ values: [Scalar], name: String = "x") throws(LayoutError) {
    self.init(zeros: try ParameterLayout([(name, [values.count])]))
    try assign(values, to: name)
  }

  /// Number of SIMD lanes, padding included.
  @inlinable public var laneCount: Int { storage.laneCount }

  /// An empty vector, for a slot that a method does not use.
  @usableFromInline static var none: Self { Self(zeros: .empty) }

  /// The lanes, for reading as long as the vector lives.
  @inlinable var lanes: UnsafePointer<Lane> { UnsafePointer(storage.lanes) }

  /// The lanes, for writing as long as the vector lives and is not copied. The padding must stay zero.
  @inlinable
  mutating func mutableLanes() -> UnsafeMutablePointer<Lane> {
    makeUnique()
    return storage.lanes
  }

  /// Calls `body` with the lanes.
  @inlinable
  public func withUnsafeLanes<R, E: Error>(_ body: (UnsafePointer<Lane>) throws(E) -> R) throws(E) -> R {
    try body(UnsafePointer(storage.lanes))
  }

  /// Calls `body` with the lanes for writing. The padding must stay zero.
  @inlinable
  public mutating func withUnsafeMutableLanes<R, E: Error>(
    _ body: (UnsafeMutablePointer<Lane>) throws(E) -> R
  ) throws(E) -> R {
    makeUnique()
    return try body(storage.lanes)
  }

  /// Calls `body` with all elements, padding included: the layout's offsets are positions in it.
  @inlinable
  public func withUnsafeElements<R, E: Error>(
    _ body: (UnsafeBufferPointer<Scalar>) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeBufferPointer(start: storage.elements, count: storage.laneCount * Scalar.laneWidth))
  }

  /// Calls `body` with all elements for writing, padding included: the padding must stay zero.
  @inlinable
  public mutating func withUnsafeMutableElements<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(E) -> R
  ) throws(E) -> R {
    makeUnique()
    return try body(UnsafeMutableBufferPointer(start: storage.elements, count: storage.laneCount * Scalar.laneWidth))
  }

  /// The values of the block called `name`, row-major.
  /// - Throws: ``LayoutError/unknown(_:)``.
  public func values(of name: String) throws(LayoutError) -> [Scalar] {
    let block = try layout.block(named: name)
    return withUnsafeElements { Array($0[block.elements]) }
  }

  /// Replaces the values of the block called `name`, row-major.
  /// - Throws: ``LayoutError`` if there is no such block or the count differs.
  public mutating func assign(_ values: [Scalar], to name: String) throws(LayoutError) {
    let block = try layout.block(named: name)
    guard values.count == block.count else {
      throw .wrongCount(name: name, expected: block.count, found: values.count)
    }
    withUnsafeMutableElements { elements in
      _ = UnsafeMutableBufferPointer(rebasing: elements[block.elements]).update(fromContentsOf: values)
    }
  }

  /// All values in the order of the blocks, without the padding.
  public var values: [Scalar] {
    withUnsafeElements { elements in layout.blocks.flatMap { elements[$0.elements] } }
  }

  /// Sets every element to zero.
  public mutating func setToZero() {
    if isKnownUniquelyReferenced(&storage) {
      storage.zero()
    } else {
      storage = LaneStorage(laneCount: storage.laneCount)
    }
  }

  @usableFromInline
  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = LaneStorage(copying: storage) }
  }
}

extension ParameterVector: Equatable {
  /// Same layout and equal elements, as floating-point numbers compare.
  public static func == (a: Self, b: Self) -> Bool {
    a.layout == b.layout && a.withUnsafeElements { x in b.withUnsafeElements { y in x.elementsEqual(y) } }
  }
}
