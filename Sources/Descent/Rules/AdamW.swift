/// AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 2).
///
///     m, v, m̂, v̂ as in ``Adam``, of the gradient without the decay
///     θ ← θ − ηₜ (α m̂ / (√v̂ + ε) + λ θ)
///
/// ηₜ is the schedule's multiplier; α does not multiply λ. First step: η₁ (α sign(g) + λ θ).
///
/// Peers: torch, optax, Keras and llm.c multiply λ by α too (``DecayCoupling/learningRate``); the same decay needs λ there
/// divided by α: torch's default of 0.01 at α = 0.001 is the default here, 1e-5.
public struct AdamW<Scalar: LaneScalar>: UpdateRule {
  /// α ≥ 0.
  public var learningRate: Rate
  /// ηₜ ≥ 0: multiplies the whole step.
  public var schedule: Rate
  /// β₁ in [0, 1).
  public var beta1: Rate
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// λ ≥ 0: the share of θ that a step takes away.
  public var weightDecay: Double
  /// What multiplies λ besides ηₜ.
  public var decayCoupling: DecayCoupling

  public init(
    learningRate: Rate = 0.001, schedule: Rate = 1, beta1: Rate = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 1e-5, decayCoupling: DecayCoupling = .independent
  ) {
    self.learningRate = learningRate
    self.schedule = schedule
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decayCoupling = decayCoupling
  }

  @frozen public struct State: BitwiseCopyable {
    public var m, v: Scalar.Lane

    @inlinable
    init(m: Scalar.Lane, v: Scalar.Lane) {
      self.m = m
      self.v = v
    }
  }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, α, λ, vCorrection, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let η = schedule(at: t)
    let α = learningRate(at: t)
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1(at: t)), oneMinusβ2: Scalar(1 - beta2),
      α: Scalar(η * α / beta1.oneMinusProduct(through: t)),
      λ: Scalar(η * weightDecay * (decayCoupling == .learningRate ? α : 1)),
      vCorrection: Scalar(1 / Rate.constant(beta2).oneMinusProduct(through: t)), ε: Scalar(epsilon))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", correction: Double(coefficients(at: t).vCorrection), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(toward: g * g, by: c.oneMinusβ2)
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(c.vCorrection * s.v) + c.ε) + c.λ * θ
  }

  public static var options: [RuleOption<Self>] {
    [
      .rate("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .rate("schedule", \.schedule, in: .nonNegative, "η: multiplies step and decay"),
      .rate("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("weightDecay", \.weightDecay, in: .closedUnit, "λ: share of θ that a step takes away"),
      .choice("decayCoupling", \.decayCoupling, "λ as it is (independent, paper) or times α (learningRate, torch)"),
    ]
  }
}

/// What a decoupled weight decay is multiplied by.
public enum DecayCoupling: String, Codable, CaseIterable, Sendable {
  /// θ ← θ − λ θ: as in the paper, whatever the learning rate.
  case independent
  /// θ ← θ − α λ θ: as in torch, optax and Keras.
  case learningRate
}
