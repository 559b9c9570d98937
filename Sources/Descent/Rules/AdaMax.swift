/// AdaMax: Adam in the infinity norm (Kingma & Ba 2015, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     u ← max(β₂ u, |g| + ε)
///     θ ← θ − α / (1 − β₁ᵗ) · m / u
///
/// First step: α sign(g); no step is larger than α (1 − β₁) / (1 − β₁ / β₂), 1.009 α for the defaults; the paper says
/// α. The paper has no ε; 0 ÷ 0 is 0.
///
/// Peers: torch and optax add ε = 1e-8 to |g| inside the maximum (`epsilon`); Keras adds 1e-7 to u in the denominator
/// (`denominatorEpsilon`).
public struct AdaMax<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to |g| inside the maximum.
  public var epsilon: Double
  /// ε ≥ 0, added to u in the denominator.
  public var denominatorEpsilon: Double

  public init(
    learningRate: Schedule = 0.002, beta1: Schedule = 0.9, beta2: Double = 0.999, epsilon: Double = 0,
    denominatorEpsilon: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.denominatorEpsilon = denominatorEpsilon
  }

  @frozen public struct State: BitwiseCopyable { public var m, u: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, β2, α, ε, εDenominator: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), β2: Scalar(beta2),
      α: Scalar(learningRate(at: t) / beta1.oneMinusProduct(through: t)), ε: Scalar(epsilon),
      εDenominator: Scalar(denominatorEpsilon))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.u = Scalar.maximum(c.β2 * s.u, Scalar.magnitude(g) + c.ε)
    // m is at most a small multiple of u, but α m may exceed the largest number: so the quotient comes first.
    θ -= c.α * s.m.dividedOrZero(by: s.u + c.εDenominator)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the infinity norm"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to |g| inside the maximum"),
      .number("denominatorEpsilon", \.denominatorEpsilon, in: .nonNegative, "ε: added to u in the denominator"),
    ]
  }
}
