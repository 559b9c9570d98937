extension SIMD where Scalar: RuleScalar, Self == Scalar.Lane {
  /// Replaces each element a by β a + (1 − β) x, where `weight` is 1 − β.
  ///
  /// Computed as (a − w a) + w x, so that the weights sum to one to the last place. With a rounded β they would not:
  /// β₂ = 0.999 in `Float` biases v by 1.3e-5 forever. For β = 0 the result is x itself. Rounding near the largest
  /// numbers must not make it infinite.
  @inlinable @inline(__always)
  public mutating func decay(toward x: Self, by weight: Scalar) {
    self = ((self - weight * self) + weight * x).finite
  }

  /// Replaces each element a by β a + (1 − β) x², where `weight` is 1 − β; at most the largest number.
  ///
  /// x is multiplied by the weight before it is squared: x² itself may overflow although the weighted square does not.
  @inlinable @inline(__always)
  public mutating func decay(towardSquareOf x: Self, by weight: Scalar) {
    self = Scalar.atMost((self - weight * self) + (weight * x) * x, .greatestFiniteMagnitude)
  }

  /// Adds x² to each element; the sum is at most the largest number.
  @inlinable @inline(__always)
  public mutating func add(squareOf x: Self) {
    self = Scalar.atMost(self + x * x, .greatestFiniteMagnitude)
  }

  /// self ÷ divisor in each element, and 0 if the divisor is 0. The papers mean this by 0 ÷ 0 for a coordinate that
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

  /// Infinite elements replaced by NaN, so that no limit hides them.
  @inlinable @inline(__always)
  public var infinityAsNaN: Self { self - (self - self) }
}

extension RuleScalar {
  /// The largest gradient x that an average of squares can take in: `weight` · x² is just finite.
  ///
  /// A method limits its gradient to this number, so that all that it computes from the gradient stays in proportion:
  /// Adam's step is then about α for the largest gradient, too.
  ///
  /// - Parameter weight: 1 − β; 1 for a sum of squares.
  public static func largestGradient(squaresWeighedBy weight: Double = 1) -> Self {
    // Slightly less, because the square and this number itself are rounded.
    finite(Double(greatestFiniteMagnitude).squareRoot() / weight.squareRoot() * (1 - 8 * Double(ulpOfOne)))
  }
}
