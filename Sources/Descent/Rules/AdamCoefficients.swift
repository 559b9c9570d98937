/// The scalars of a step of ``Adam`` with constant decays, for the methods that change what its moments are made of.
@frozen public struct AdamCoefficients<Scalar: LaneScalar>: Sendable {
  @usableFromInline var oneMinusβ1, oneMinusβ2, α, vCorrection, ε: Scalar

  /// α with m's correction in it, and with v's where ε is beside √v.
  init(
    learningRate: Rate, beta1: Double, beta2: Double, epsilon: Double, epsilonForm: EpsilonForm, at t: Int
  ) {
    let mCorrection = 1 / Rate.constant(beta1).oneMinusProduct(through: t)
    let vCorrection = 1 / Rate.constant(beta2).oneMinusProduct(through: t)
    let isHat = epsilonForm == .hat
    oneMinusβ1 = Scalar(1 - beta1)
    oneMinusβ2 = Scalar(1 - beta2)
    α = Scalar(learningRate(at: t) * mCorrection / (isHat ? vCorrection.squareRoot() : 1))
    self.vCorrection = isHat ? 1 : Scalar(vCorrection)
    ε = Scalar(epsilon)
  }
}
