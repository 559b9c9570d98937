import RealModule

/// Schedule-Free SGD (Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky 2024, Algorithm of section 2).
///
///     z ← z − α (g + λ y)
///     x ← (1 − cₜ) x + cₜ z,  cₜ = wₜ / (w₁ + … + wₜ),  wₜ = tʳ max(α₁, …, αₜ)ᵖ
///     y = (1 − β) z + β x
///
/// θ is y, where gradients are taken; x is for evaluation: `averagedParameters`. Both x and z are kept: reading x then
/// changes nothing, and β may be 0. The authors' code keeps y and z and turns y into x in place, which loses bits at
/// each change.
///
/// If θ is changed between two steps, by a projection, `decayed(by:)` or `lookingAhead(every:rate:)`, z is changed by
/// the same. Otherwise θ is y to the bit, and z does not move.
///
/// First step: x = z = y = θ₀ − α g. For a constant α and r = 0, x is the mean of z. α is constant, or has a
/// warm-up: p = 2 then gives the early steps less weight.
///
/// Peers: optax computes the same for a constant α; during a warm-up it weights step t by the rate of step t + 1. It
/// computes x from y and z by dividing by β, which must not be 0.
public struct ScheduleFreeSGD<Scalar: RuleScalar>: ElementRule, AveragingRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β in [0, 1].
  public var beta: Double
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
    learningRate: Schedule = 1, beta: Double = 0.9, weightDecay: Double = 0, decayPoint: DecayPoint = .y,
    timePower: Double = 0, ratePower: Double = 2
  ) {
    self.learningRate = learningRate
    self.beta = beta
    self.weightDecay = weightDecay
    self.decayPoint = decayPoint
    self.timePower = timePower
    self.ratePower = ratePower
  }

  private enum CodingKeys: String, CodingKey {
    case learningRate, beta, weightDecay, decayPoint, timePower, ratePower
  }

  @frozen public struct State: BitwiseCopyable { public var z, x: Scalar.Lane }

  // z and x are parameters.
  @inlinable public static var slotKinds: SlotKinds { .exact + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, β, c, yDecay, zDecay: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(z: θ, x: θ) }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    return Coefficients(
      α: Scalar(α), β: Scalar(beta),
      c: Scalar(weights.share(of: learningRate, timePower: timePower, ratePower: ratePower, at: t)),
      yDecay: Scalar(decayPoint == .y ? α * weightDecay : 0), zDecay: Scalar(decayPoint == .z ? α * weightDecay : 0))
  }

  @inlinable @inline(__always)
  public func update(_ y: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.z += y - (s.z + c.β * (s.x - s.z))
    // At most half the largest number, so that x − z is finite.
    s.z = (s.z - (((c.α * g).finite + c.yDecay * y) + c.zDecay * s.z)).limited(to: .greatestFiniteMagnitude / 2)
    s.x.decay(toward: s.z, by: c.c)
    y = s.z + c.β * (s.x - s.z)
  }

  public static var obstacleToLookahead: String? {
    "z and its mean x go on without a return of θ, and lead it further away each time"
  }

  public static var averageSlot: String { "\(name)/x" }
  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size; constant, or with a warm-up"),
      .number("beta", \.beta, in: .closedUnit, "β: share of the average in where gradients are taken"),
      .decay("weightDecay", \.weightDecay, "λ: a step takes away the share α λ") { $0.learningRate.base },
      .choice("decayPoint", \.decayPoint, "the decay is of y, where gradients are taken, or of z")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
      .number("timePower", \.timePower, in: .nonNegative, "r: power of t in a step's weight"),
      .number("ratePower", \.ratePower, in: .nonNegative, "p: power of the largest rate in a step's weight"),
    ]
  }
}

/// The point that Schedule-Free's weight decay multiplies.
public enum DecayPoint: String, Codable, CaseIterable, Sendable {
  /// z ← z − α λ y: the paper, and the authors' code.
  case y
  /// z ← z − α λ z.
  case z
}

/// The weights cₜ of Schedule-Free's averages.
struct ScheduleFreeWeights: Sendable {
  private struct Key: Hashable {
    var rate: Schedule
    var timePower, ratePower: Double
  }
  private struct Sum {
    var largestRate = 0.0, total = 0.0, share = 0.0
  }
  private let sums = StepMemo<Key, Sum>()

  /// wₜ / (w₁ + … + wₜ); 0 while all weights are 0.
  func share(of rate: Schedule, timePower r: Double, ratePower p: Double, at t: Int) -> Double {
    if rate.constantValue != nil, r == 0 { return 1 / Double(t) }
    let key = Key(rate: rate, timePower: r, ratePower: p)
    let sum = sums.value(at: t, of: key, from: Sum()) { sum, i in
      let largest = max(sum.largestRate, rate(at: i))
      let weight = Double.pow(Double(i), r) * Double.pow(largest, p)
      let total = sum.total + weight
      if total.isFinite { return Sum(largestRate: largest, total: total, share: total == 0 ? 0 : weight / total) }
      // tʳ overflows, but the ratio of two weights does not: 1 / cₜ = 1 + (wₜ₋₁ / wₜ) / cₜ₋₁.
      let ratio = Double.pow(Double(i - 1) / Double(i), r) * Double.pow(sum.largestRate / largest, p)
      return Sum(largestRate: largest, total: total, share: 1 / (1 + ratio / sum.share))
    }
    return sum.share
  }
}
