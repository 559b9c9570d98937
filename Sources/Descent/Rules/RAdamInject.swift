/// RAdamInject: ``RAdam`` with the second moment injected into the first (Dubey et al. 2021).
///
///     Δ = θₜ₋₂ − θₜ₋₁,  h = (g + Δ g²) / k from t = 2 on, g before
///     m ← β₁ m + (1 − β₁) h
///     v ← β₂ v + (1 − β₂) g²
///     ρ > 5:      θ ← θ − α r m̂ √(1 − β₂ᵗ) / (√v + ε)
///     otherwise:  θ ← θ − α m̂
///
/// with ρ and r as in ``RAdam`` and k = 2. First step: α g.
///
/// Peers: the authors' code injects from t = 3 on (`injectionStart: 3`), since it counts the step after the test; the
/// other three inject from t = 2. Its decoupled decay is a composition, `.decayed(by: λ)`; Δ does not contain it.
public struct RAdamInject<Scalar: RuleScalar>: ElementRule {
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
  /// What ρ must exceed for a step to be adaptive.
  public var threshold: RectificationThreshold
  /// k > 0.
  public var divisor: Double
  /// The first step with an injected gradient, at least 2.
  public var injectionStart: Int

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonForm: EpsilonForm = .hat, threshold: RectificationThreshold = .five, divisor: Double = 2,
    injectionStart: Int = 2
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonForm = epsilonForm
    self.threshold = threshold
    self.divisor = divisor
    self.injectionStart = injectionStart
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, step: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var adam: RAdam<Scalar>.Coefficients
    @usableFromInline var injected: Injection<Scalar>
  }

  public func coefficients(at t: Int) -> Coefficients {
    let host = RAdam<Scalar>(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, epsilonForm: epsilonForm,
      threshold: threshold)
    return Coefficients(
      adam: host.coefficients(at: t), injected: Injection(divisor: divisor, start: injectionStart, at: t))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.adam.gLimit)
    s.m.decay(toward: c.injected(g, step: s.step), by: c.adam.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.adam.oneMinusβ2)
    let divisor = c.adam.rootWeight * Scalar.squareRoot(s.v) + c.adam.ε
    s.step = (c.adam.α * s.m).dividedOrZero(by: divisor).finite
    θ -= s.step
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("epsilonForm", \.epsilonForm, "ε beside √v̂ (corrected) or beside √v (hat, authors' code)"),
      .choice("threshold", \.threshold, "what ρ must exceed for an adaptive step: four or five"),
      .number("divisor", \.divisor, in: .positive, "k: what the gradient and its injected square are divided by"),
      .integer(
        "injectionStart", \.injectionStart, in: 2...1_000_000_000,
        "the first step with injection; 3 in the authors' code"),
    ]
  }
}
