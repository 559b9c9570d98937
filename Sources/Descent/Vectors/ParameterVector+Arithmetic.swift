extension ParameterVector {
  /// self ← self + a x.
  @inlinable
  public mutating func add(_ x: Self, times a: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { y in x.withUnsafeLanes { x in for i in 0..<count { y[i] += a * x[i] } } }
  }

  /// self ← a self.
  @inlinable
  public mutating func scale(by a: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { y in for i in 0..<count { y[i] = a * y[i] } }
  }

  /// self ← (1 − λ) self, as self − λ self.
  @inlinable
  public mutating func decay(by λ: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { y in for i in 0..<count { y[i] -= λ * y[i] } }
  }

  /// self ← (1 − w) self + w x.
  @inlinable
  public mutating func decay(toward x: Self, by w: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { y in x.withUnsafeLanes { x in for i in 0..<count { y[i].decay(toward: x[i], by: w) } } }
  }
}
