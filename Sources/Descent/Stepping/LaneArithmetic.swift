extension SIMD where Scalar: LaneScalar, Self == Scalar.Lane {
  /// Replaces each element a by β a + (1 − β) x, where `weight` is 1 − β.
  ///
  /// Written as (a − w a) + w x: with w exact to the last place the weights sum to one, where a rounded β would not let
  /// them (β₂ = 0.999 in `Float` biases v by 1.3e-5 for ever), and for β = 0 the result is x itself.
  @inlinable @inline(__always)
  public mutating func decay(toward x: Self, by weight: Scalar) {
    self = (self - weight * self) + weight * x
  }

  /// self ÷ divisor in each element, and 0 where the divisor is 0: what the papers mean by 0 ÷ 0 for a coordinate that
  /// never had a gradient.
  @inlinable @inline(__always)
  public func dividedOrZero(by divisor: Self) -> Self {
    Scalar.quotientOrZero(self, divisor)
  }
}
