/// AdaInject's gradient (Dubey et al. 2021, equation 5): the gradient with its square, weighed by the parameter's last
/// step, injected into it,
///
///     (g + Δ g²) / k,  Δ = θₜ₋₂ − θₜ₋₁,
///
/// from step `start` on, and g before. Δ is the last step as it was computed: the difference of two stored θ would have
/// lost the digits by which θ is larger than its step.
@frozen public struct Injection<Scalar: LaneScalar>: Sendable {
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
