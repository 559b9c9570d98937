/// Conjugate gradients for A x = b with a symmetric positive definite A that is known by its products alone (Hestenes &
/// Stiefel 1952), stopped by the progress of the quadratic that they minimize (Martens 2010, §4.4):
///
///     φ(x) = ½ xᵀA x − bᵀx
///     stop after step i if φ(xᵢ) < 0 and (φ(xᵢ) − φ(xᵢ₋ₖ)) ÷ φ(xᵢ) < k ε,  k = max(10, ⌈i ÷ 10⌉)
///
/// They also stop if the residual is zero, or if A turns out not to be positive along a direction, which only rounding
/// does to a positive definite one. Scalars are computed in `Double`.
struct ConjugateGradients {
  /// The most steps; each costs one product.
  var mostSteps: Int
  /// ε: the relative progress for each step below which they stop.
  var tolerance: Double

  struct Solution<Scalar: LaneScalar> {
    var x: ParameterVector<Scalar>
    /// φ(x).
    var value: Double
    /// Steps made.
    var steps: Int
  }

  /// Replaces `product` by A v.
  typealias Multiply<Scalar: LaneScalar> = (
    _ v: ParameterVector<Scalar>, _ product: inout ParameterVector<Scalar>
  ) throws -> Void

  /// - Parameters:
  ///   - b: The right-hand side.
  ///   - start: Where they begin. If φ is above zero there, or not finite, they begin at zero: then φ(x) ≤ 0 at the end,
  ///     and x is a direction of descent.
  ///   - multiply: The product with A.
  /// - Returns: The last x; nil if already the first product is not finite.
  func solve<Scalar: LaneScalar>(
    _ b: ParameterVector<Scalar>, from start: ParameterVector<Scalar>, multiply: Multiply<Scalar>
  ) throws -> Solution<Scalar>? {
    var (x, product) = (start, ParameterVector<Scalar>(zeros: b.layout))
    // r = b − A x.
    var r = b
    var value = 0.0
    if start.sumOfSquares() > 0 {
      try multiply(x, &product)
      r.subtract(product)
      value = -0.5 * (x.dot(r) + x.dot(b))
      if !(value <= 0 && value.isFinite && r.sumOfSquares().isFinite) {
        x.setToZero()
        (r, value) = (b, 0)
      }
    }
    var p = r
    var square = r.sumOfSquares()
    var values = [value]
    var i = 0
    while i < mostSteps, square > 0 {
      try multiply(p, &product)
      let curvature = p.dot(product)
      guard curvature.isFinite else { return i == 0 ? nil : Solution(x: x, value: value, steps: i) }
      guard curvature > 0 else { break }
      let α = square / curvature
      var (next, rest) = (x, r)
      next.add(p, times: Scalar.finite(α))
      rest.add(product, times: Scalar.finite(-α))
      let nextSquare = rest.sumOfSquares()
      let nextValue = -0.5 * (next.dot(rest) + next.dot(b))
      guard nextValue.isFinite, nextSquare.isFinite else { break }
      (x, r, value) = (next, rest, nextValue)
      i += 1
      values.append(value)
      let k = max(10, (i + 9) / 10)
      if i > k, value < 0, (value - values[i - k]) / value < Double(k) * tolerance { break }
      p.scale(by: Scalar.finite(nextSquare / square))
      p.add(r)
      square = nextSquare
    }
    return Solution(x: x, value: value, steps: i)
  }
}
