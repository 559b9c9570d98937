/// AdaBeliefInject: ``AdaBelief`` with the second moment injected into the first (Dubey et al. 2021).
///
///     Δ = θₜ₋₂ − θₜ₋₁,  h = (g + Δ g²) / k from t = 2 on, g at t = 1
///     m ← β₁ m + (1 − β₁) h
///     s ← β₂ s + (1 − β₂) (g − m)² + ε'
///     θ ← θ − α m̂ / (√ŝ + ε)
///
/// with m̂ and ŝ as in ``AdaBelief`` and k = 2. First step: α sign(g) / β₁. The authors' code computes the same.
public struct AdaBeliefInject<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// ε' ≥ 0, added to s at each step.
  public var epsilonState: Double
  /// k > 0.
  public var divisor: Double

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonState: Double = 1e-8, divisor: Double = 2
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonState = epsilonState
    self.divisor = divisor
  }

  @frozen public struct State: BitwiseCopyable { public var m, s, step: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var adam: AdamCoefficients<Scalar>
    @usableFromInline var injected: Injection<Scalar>
    @usableFromInline var εState: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      adam: AdamCoefficients(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, epsilonForm: .corrected, at: t),
      injected: Injection(divisor: divisor, start: 2, at: t), εState: Scalar(epsilonState))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.adam.gLimit)
    // m is made of h, which contains g² and may be larger than g: the square of g − m must fit, too.
    let h = c.injected(g, step: s.step).limited(to: c.adam.gLimit)
    s.m.decay(toward: h, by: c.adam.oneMinusβ1)
    s.s.decay(towardSquareOf: g - s.m, by: c.adam.oneMinusβ2)
    s.s += c.εState
    s.step = (c.adam.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.s) + c.adam.ε).finite
    θ -= s.step
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean squared surprise"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonState", \.epsilonState, in: .nonNegative, "ε': added to s at each step"),
      .number("divisor", \.divisor, in: .positive, "k: what the gradient and its injected square are divided by"),
    ]
  }
}
