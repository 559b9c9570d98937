/// diffGrad: Adam slowed if the gradient changes little (Dubey et al. 2019).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     ξ = 1 / (1 + exp(−|g_prev − g|)),  g_prev ← g
///     θ ← θ − α ξ m̂ / (√v̂ + ε)
///
/// with m̂ and v̂ as in ``Adam``. ξ lies in [½, 1). g_prev starts at 0; first step: α ξ(|g|) sign(g), 0.88 α for g = 2.
///
/// Peers: the authors' code has ε beside √v (``EpsilonForm/hat``). Its first version kept a reference to the gradient
/// in place of a copy, so that ξ was ½ at every step: Adam with α / 2.
public struct DiffGrad<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// What ε is added to.
  public var epsilonForm: EpsilonForm

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonForm: EpsilonForm = .corrected
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonForm = epsilonForm
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, gPrevious: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .signed }

  public func coefficients(at t: Int) -> AdamCoefficients<Scalar> {
    AdamCoefficients(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, epsilonForm: epsilonForm, at: t)
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon, epsilonForm, beta2: beta2, at: t)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: AdamCoefficients<Scalar>) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    let ξ = Scalar.sigmoid(Scalar.magnitude(s.gPrevious - g))
    s.gPrevious = g
    θ -= (c.α * ξ * s.m).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("epsilonForm", \.epsilonForm, "ε beside √v̂ (corrected, paper) or beside √v (hat, authors' code)"),
    ]
  }
}
