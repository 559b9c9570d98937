/// AdamInject: Adam with the second moment injected into the first (Dubey et al. 2021).
///
///     Δ = θₜ₋₂ − θₜ₋₁,  h = (g + Δ g²) / k from t = 2 on, g at t = 1
///     m ← β₁ m + (1 − β₁) h
///     v ← β₂ v + (1 − β₂) g²
///     θ ← θ − α m̂ / (√v̂ + ε)
///
/// with m̂ and v̂ as in ``Adam`` and k = 2. First step: α sign(g), as Adam's. From then on g counts half, and the
/// correction ignores this: the steps tend to half of Adam's. Δ g² is momentum weighted by g²: it lengthens steps that
/// keep their direction, and shortens one that turns back. If α |g| is about 2 or more it feeds itself and the steps
/// grow without bound: a step multiplies m by β₁ + (1 − β₁) α |g| / 2.
///
/// Peers: the authors' code has ε beside √v (``EpsilonForm/hat``). See also ``DiffGradInject``, ``RAdamInject`` and
/// ``AdaBeliefInject``.
public struct AdamInject<Scalar: RuleScalar>: ElementRule {
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

  @frozen public struct State: BitwiseCopyable { public var m, v, step: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var adam: AdamCoefficients<Scalar>
    @usableFromInline var injected: Injection<Scalar>
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      adam: AdamCoefficients(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, epsilonForm: epsilonForm, at: t),
      injected: Injection(divisor: divisor, start: 2, at: t))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon, epsilonForm, beta2: beta2, at: t)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.adam.gLimit)
    s.m.decay(toward: c.injected(g, step: s.step), by: c.adam.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.adam.oneMinusβ2)
    s.step = (c.adam.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.v) + c.adam.ε).finite
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
