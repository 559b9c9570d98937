/// Schedule-Free AdamW (Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky 2024, Algorithm 1).
///
///     v ← β₂ v + (1 − β₂) g²
///     z ← z − α (g / (√(v / (1 − β₂ᵗ)) + ε) + λ y)
///     x ← (1 − cₜ) x + cₜ z,  cₜ = wₜ / (w₁ + … + wₜ),  wₜ = tʳ max(α₁, …, αₜ)ᵖ
///     y = (1 − β₁) z + β₁ x
///
/// There is no first moment: the average takes its place. θ is y, where gradients are taken; x is for evaluation:
/// `averagedParameters`. First step: α sign(g), for x and z too. ``ScheduleFreeSGD`` explains x, z and the weights.
public struct ScheduleFreeAdamW<Scalar: RuleScalar>: ElementRule, AveragingRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1].
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// λ ≥ 0.
  public var weightDecay: Double
  /// The point at which the decay is taken.
  public var decayPoint: DecayPoint
  /// r ≥ 0.
  public var timePower: Double
  /// p ≥ 0.
  public var ratePower: Double

  private let weights = ScheduleFreeWeights()

  public init(
    learningRate: Schedule = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, decayPoint: DecayPoint = .y, timePower: Double = 0, ratePower: Double = 2
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decayPoint = decayPoint
    self.timePower = timePower
    self.ratePower = ratePower
  }

  private enum CodingKeys: String, CodingKey {
    case learningRate, beta1, beta2, epsilon, weightDecay, decayPoint, timePower, ratePower
  }

  @frozen public struct State: BitwiseCopyable { public var v, z, x: Scalar.Lane }

  // z and x are parameters.
  @inlinable public static var slotKinds: SlotKinds { .nonNegative + .exact + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ2, gLimit, ε, α, β1, c, yDecay, zDecay: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(v: .zero, z: θ, x: θ) }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    return Coefficients(
      oneMinusβ2: Scalar(1 - beta2), gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2),
      ε: Scalar(epsilon * root), α: Scalar(α * root), β1: Scalar(beta1),
      c: Scalar(weights.share(of: learningRate, timePower: timePower, ratePower: ratePower, at: t)),
      yDecay: Scalar(decayPoint == .y ? α * weightDecay : 0), zDecay: Scalar(decayPoint == .z ? α * weightDecay : 0))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", correction: 1 / Schedule.constant(beta2).oneMinusProduct(through: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ y: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    let step = (c.α * g).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε)
    s.z += y - (s.z + c.β1 * (s.x - s.z))
    s.z = (s.z - ((step + c.yDecay * y) + c.zDecay * s.z)).limited(to: .greatestFiniteMagnitude / 2)
    s.x.decay(toward: s.z, by: c.c)
    y = s.z + c.β1 * (s.x - s.z)
  }

  public static var obstacleToLookahead: String? {
    "z and its mean x go on without a return of θ, and lead it further away each time"
  }

  public static var averageSlot: String { "\(name)/x" }
  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size; constant, or with a warm-up"),
      .number("beta1", \.beta1, in: .closedUnit, "β₁: share of the average in where gradients are taken"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .decay("weightDecay", \.weightDecay, "λ: a step takes away the share α λ") { $0.learningRate.base },
      .choice("decayPoint", \.decayPoint, "the decay is of y, where gradients are taken, or of z")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
      .number("timePower", \.timePower, in: .nonNegative, "r: power of t in a step's weight"),
      .number("ratePower", \.ratePower, in: .nonNegative, "p: power of the largest rate in a step's weight"),
    ]
  }
}
