extension SIMD where Scalar: LaneScalar, Self == Scalar.Lane {
  /// Replaces each element a by β a + (1 − β) x, where `weight` is 1 − β.
  ///
  /// Written as (a − w a) + w x: with w exact to the last place the weights sum to one, where a rounded β would not let
  /// them (β₂ = 0.999 in `Float` biases v by 1.3e-5 for ever), and for β = 0 the result is x itself. Between the largest
  /// numbers rounding must not make infinity of it.
  @inlinable @inline(__always)
  public mutating func decay(toward x: Self, by weight: Scalar) {
    self = ((self - weight * self) + weight * x).finite
  }

  /// Replaces each element a by β a + (1 − β) x², where `weight` is 1 − β; by the largest number where that is larger.
  ///
  /// x is weighed before it is squared: x² itself may be too large where what is added to the average is not.
  @inlinable @inline(__always)
  public mutating func decay(towardSquareOf x: Self, by weight: Scalar) {
    self = Scalar.atMost((self - weight * self) + (weight * x) * x, .greatestFiniteMagnitude)
  }

  /// Adds x² to each element; where the sum is larger than the largest number, it is that.
  @inlinable @inline(__always)
  public mutating func add(squareOf x: Self) {
    self = Scalar.atMost(self + x * x, .greatestFiniteMagnitude)
  }

  /// self ÷ divisor in each element, and 0 where the divisor is 0: what the papers mean by 0 ÷ 0 for a coordinate that
  /// never had a gradient.
  @inlinable @inline(__always)
  public func dividedOrZero(by divisor: Self) -> Self {
    Scalar.quotientOrZero(self, divisor)
  }

  /// Each element within [−bound, bound]; NaN stays NaN.
  @inlinable @inline(__always)
  public func limited(to bound: Scalar) -> Self { Scalar.atMost(Scalar.atLeast(self, -bound), bound) }

  /// The nearest finite number in each element; NaN stays NaN.
  @inlinable @inline(__always)
  public var finite: Self { limited(to: .greatestFiniteMagnitude) }

  /// NaN in each element that is infinite: no limit hides it then.
  @inlinable @inline(__always)
  public var infinityAsNaN: Self { self - (self - self) }
}

extension LaneScalar {
  /// The largest gradient that an average of squares which weighs a new one by `weight` has room for: weight · x² is just
  /// finite.
  ///
  /// A method limits its gradient to this number, so that what else it makes of the gradient is in proportion: a step of
  /// Adam is then about α for the largest gradient, too.
  ///
  /// - Parameter weight: 1 − β; 1 for a sum of squares.
  public static func largestGradient(squaresWeighedBy weight: Double = 1) -> Self {
    // Just: for the rounding of the square and of this number itself.
    finite(Double(greatestFiniteMagnitude).squareRoot() / weight.squareRoot() * (1 - 8 * Double(ulpOfOne)))
  }

  /// A number of which `count` squares, or products of two, can be added up in `Double`: no limit for `Float`.
  @usableFromInline
  static func largestSummable(count: Int) -> Self {
    finite(0x1p511 / Double(count).squareRoot())
  }
}
