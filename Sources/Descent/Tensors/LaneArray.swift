/// State of a tensor rule: numbers of any shape, row-major, in whole SIMD lanes; the padding is zero. A value type.
public struct LaneArray<Scalar: RuleScalar>: Sendable {
  public typealias Lane = Scalar.Lane

  /// Extents; empty for a scalar.
  public let shape: [Int]
  /// Number of elements, padding left out.
  public let count: Int
  @usableFromInline var storage: LaneStorage<Scalar>

  /// Zeros.
  public init(zeros shape: [Int]) {
    self.shape = shape
    count = shape.reduce(1, *)
    storage = LaneStorage(laneCount: (count + Scalar.laneWidth - 1) / Scalar.laneWidth)
  }

  /// An array of `values`, as many as the shape has elements.
  public init(_ values: [Scalar], shape: [Int]) {
    self.init(zeros: shape)
    precondition(values.count == count, "\(values.count) values do not fill the shape \(shape)")
    _ = UnsafeMutableBufferPointer(start: storage.elements, count: count).update(fromContentsOf: values)
  }

  @inlinable public var laneCount: Int { storage.laneCount }
  public var values: [Scalar] { Array(UnsafeBufferPointer(start: storage.elements, count: count)) }

  @inlinable
  public subscript(i: Int) -> Scalar {
    get { storage.elements[i] }
    set { mutableElements()[i] = newValue }
  }

  /// The lanes, for reading as long as the array lives.
  @inlinable public var lanes: UnsafePointer<Lane> { UnsafePointer(storage.lanes) }
  /// The elements, for reading as long as the array lives.
  @inlinable public var elements: UnsafePointer<Scalar> { UnsafePointer(storage.elements) }

  /// The lanes, for writing as long as the array lives and is not copied. The padding must stay zero.
  @inlinable
  public mutating func mutableLanes() -> UnsafeMutablePointer<Lane> {
    if !isKnownUniquelyReferenced(&storage) { storage = LaneStorage(copying: storage) }
    return storage.lanes
  }

  /// The elements, for writing as long as the array lives and is not copied.
  @inlinable
  public mutating func mutableElements() -> UnsafeMutablePointer<Scalar> {
    UnsafeMutableRawPointer(mutableLanes()).assumingMemoryBound(to: Scalar.self)
  }
}
