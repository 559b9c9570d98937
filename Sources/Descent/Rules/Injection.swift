/// AdaInject's gradient (Dubey et al. 2021, equation 5): the gradient plus its square, which is weighted by the
/// parameter's last step,
///
///     (g + Δ g²) / k,  Δ = θₜ₋₂ − θₜ₋₁,
///
/// from step `start` on, and g before. Δ is the last step as computed: the difference of two stored θ would have lost
/// digits of the step, because θ is larger.
@frozen public struct Injection<Scalar: RuleScalar>: Sendable {
  @usableFromInline var gradient, square: Scalar

  init(divisor k: Double, start: Int, at t: Int) {
    gradient = t < start ? 1 : Scalar(1 / k)
    square = t < start ? 0 : Scalar(1 / k)
  }

  @inlinable @inline(__always)
  func callAsFunction(_ g: Scalar.Lane, step Δ: Scalar.Lane) -> Scalar.Lane {
    (gradient * g + square * Δ * g * g).finite
  }
}
