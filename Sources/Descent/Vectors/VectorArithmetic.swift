extension ParameterVector where Scalar: LaneScalar {
  /// self ← self + scale · x.
  public mutating func add(_ x: ParameterVector, times scale: Scalar = 1) {
    precondition(laneCount == x.laneCount, "the vectors differ in length")
    let count = laneCount
    x.withUnsafeLanes { x in
      withUnsafeMutableLanes { y in Scalar.add(x, scale: scale, to: y, count: count) }
    }
  }

  /// self ← self + λ x: adds the gradient of ½ λ ‖x‖². At most the largest number; NaN if the gradient is not finite.
  @usableFromInline
  mutating func penalize(_ x: ParameterVector, by λ: Scalar) {
    let count = laneCount
    x.withUnsafeLanes { x in
      withUnsafeMutableLanes { g in Scalar.penalize(g, x, by: λ, count: count) }
    }
  }

  /// self ← self − x.
  package mutating func subtract(_ x: ParameterVector) { add(x, times: -1) }

  /// self ← factor · self.
  public mutating func scale(by factor: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { Scalar.scale($0, by: factor, count: count) }
  }

  /// Takes the elements of another vector of the same layout, in the memory that it has.
  @inlinable
  mutating func copyElements(of other: Self) {
    precondition(laneCount == other.laneCount, "the vectors differ in length")
    let count = laneCount
    withUnsafeMutableLanes { y in other.withUnsafeLanes { y.update(from: $0, count: count) } }
  }

  /// self ← (1 − λ) self, as self − λ self.
  @inlinable
  public mutating func decay(by λ: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { y in for i in 0..<count { y[i] -= λ * y[i] } }
  }

  /// self ← (1 − w) self + w x.
  public mutating func decay(toward x: Self, by w: Scalar) {
    let count = laneCount
    withUnsafeMutableLanes { y in x.withUnsafeLanes { x in Scalar.decay(y, toward: x, by: w, count: count) } }
  }

  /// Σ xᵢ yᵢ, in Double.
  @usableFromInline
  package func dot(_ other: ParameterVector) -> Double {
    precondition(laneCount == other.laneCount, "the vectors differ in length")
    return withUnsafeLanes { x in other.withUnsafeLanes { y in Scalar.dot(x, y, count: laneCount) } }
  }

  /// Replaces the elements, in the order of the blocks and without the padding, by what `next` returns.
  package mutating func fill(_ next: () -> Scalar) {
    let blocks = layout.blocks
    withUnsafeMutableElements { elements in
      for block in blocks {
        for i in block.elements { elements[i] = next() }
      }
    }
  }
}
