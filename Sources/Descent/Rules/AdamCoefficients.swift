/// The scalars of a step of ``Adam`` with constant decays, for methods that use other gradients in its moments.
@frozen public struct AdamCoefficients<Scalar: LaneScalar>: Sendable {
  @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, ε: Scalar

  /// α contains the corrections of m and v; for ``EpsilonForm/corrected``, ε contains that of v. It is the same in
  /// ``Adam``.
  init(
    learningRate: Schedule, beta1: Double, beta2: Double, epsilon: Double, epsilonForm: EpsilonForm, at t: Int
  ) {
    let mCorrection = 1 / Schedule.constant(beta1).oneMinusProduct(through: t)
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    oneMinusβ1 = Scalar(1 - beta1)
    oneMinusβ2 = Scalar(1 - beta2)
    gLimit = Scalar.largestGradient(squaresWeighedBy: 1 - beta2)
    α = Scalar(learningRate(at: t) * mCorrection * root)
    ε = Scalar(epsilonForm == .hat ? epsilon : epsilon * root)
  }
}
