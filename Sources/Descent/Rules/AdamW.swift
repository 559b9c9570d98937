/// AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 2).
///
///     m, v, m̂, v̂ as in ``Adam``, from the gradient without the decay
///     θ ← θ − ηₜ αₜ (m̂ / (√v̂ + ε) + λ θ)
///
/// λ is multiplied by the learning rate, as in torch, optax, Keras and llm.c: with a schedule the decay ends when the
/// steps do. First step: η₁ α₁ (sign(g) + λ θ). ηₜ multiplies both.
///
/// The paper multiplies m̂ alone by α: θ ← θ − ηₜ (α m̂ / (√v̂ + ε) + λ θ), with the schedule in ηₜ. This is
/// `decayCoupling: .independent`. For the same decay, multiply λ by α there: torch's 0.01 at α = 0.001 becomes 1e-5.
public struct AdamW<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ηₜ ≥ 0: multiplies the whole step.
  public var schedule: Schedule
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// λ ≥ 0: a step takes away the share η α λ of θ, which must be at most 1.
  public var weightDecay: Double
  /// Whether α multiplies λ.
  public var decayCoupling: DecayCoupling

  public init(
    learningRate: Schedule = 0.001, schedule: Schedule = 1, beta1: Schedule = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, decayCoupling: DecayCoupling = .learningRate
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
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, λ, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let η = schedule(at: t)
    let α = learningRate(at: t)
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    return Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2),
      α: Scalar(η * α * root / beta1.oneMinusProduct(through: t)),
      λ: Scalar(η * weightDecay * decayCoupling.factor(α)),
      ε: Scalar(epsilon * root))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", correction: 1 / Schedule.constant(beta2).oneMinusProduct(through: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε) + c.λ * θ
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("schedule", \.schedule, in: .nonNegative, "η: multiplies step and decay"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .decay("weightDecay", \.weightDecay, "λ: a step takes away the share α λ of θ") {
        $0.schedule.base * $0.decayCoupling.factor($0.learningRate.base)
      },
      .choice("decayCoupling", \.decayCoupling, "α multiplies λ (learningRate, torch) or not (independent, paper)")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
    ]
  }
}
