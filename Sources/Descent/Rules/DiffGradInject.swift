/// diffGradInject: ``DiffGrad`` with the second moment injected into the first (Dubey et al. 2021).
///
///     Δ = θₜ₋₂ − θₜ₋₁,  h = (g + Δ g²) / k from t = 2 on, g at t = 1
///     m ← β₁ m + (1 − β₁) h
///     v ← β₂ v + (1 − β₂) g²
///     ξ = 1 / (1 + exp(−|g_prev − g|)),  g_prev ← g
///     θ ← θ − α ξ m̂ / (√v̂ + ε)
///
/// with m̂ and v̂ as in ``Adam`` and k = 2; ξ uses the gradients without injection. First step: diffGrad's,
/// α ξ(|g|) sign(g).
///
/// Peers: the authors' code has ε beside √v (``EpsilonForm/hat``).
public struct DiffGradInject<Scalar: RuleScalar>: ElementRule {
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
  /// k > 0.
  public var divisor: Double

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonForm: EpsilonForm = .corrected, divisor: Double = 2
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonForm = epsilonForm
    self.divisor = divisor
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, gPrevious, step: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .signed + .signed }

  public func coefficients(at t: Int) -> AdamInject<Scalar>.Coefficients {
    AdamInject.Coefficients(
      adam: AdamCoefficients(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, epsilonForm: epsilonForm, at: t),
      injected: Injection(divisor: divisor, start: 2, at: t))
  }

  @inlinable @inline(__always)
  public func update(
    _ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: AdamInject<Scalar>.Coefficients
  ) {
    let g = g.limited(to: c.adam.gLimit)
    s.m.decay(toward: c.injected(g, step: s.step), by: c.adam.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.adam.oneMinusβ2)
    let ξ = Scalar.sigmoid(Scalar.magnitude(s.gPrevious - g))
    s.gPrevious = g
    s.step = (c.adam.α * ξ * s.m).dividedOrZero(by: Scalar.squareRoot(s.v) + c.adam.ε).finite
    θ -= s.step
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("epsilonForm", \.epsilonForm, "ε beside √v̂ (corrected) or beside √v (hat, authors' code)"),
      .number("divisor", \.divisor, in: .positive, "k: what the gradient and its injected square are divided by"),
    ]
  }
}
