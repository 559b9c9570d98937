/// AdamNC: Adam whose second moment is the plain mean of all squares (Reddi, Kale & Kumar 2018, Algorithm 3 with
/// β₂,ₜ = 1 − 1/t).
///
///     m ← β₁ₜ m + (1 − β₁ₜ) g
///     v ← v + (g² − v) / t
///     θ ← θ − αₜ m / (√v + ε)
///
/// First step: α (1 − β₁) sign(g). With the default αₜ = α / √t a step is α m / √(Σ g²): this is AdaGrad with
/// momentum, and converges on problems on which Adam does not. The paper corrects no bias (v has none) and has no ε
/// (0 ÷ 0 is 0). Its theory has β₁ₜ = β₁ λᵗ⁻¹: `beta1: .exponential(β₁, factor: λ)`.
///
/// For another β₂,ₜ see ``GenericAdam``. No peer has the method.
public struct AdamNC<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// ε ≥ 0, added to the root.
  public var epsilon: Double

  public init(learningRate: Schedule = .inverseSquareRoot(0.001), beta1: Schedule = 0.9, epsilon: Double = 0) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.epsilon = epsilon
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 / Double(t)),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 / Double(t)), α: Scalar(learningRate(at: t)),
      ε: Scalar(epsilon))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
    ]
  }
}
