import RealModule

/// Averaged stochastic gradient descent (Polyak & Juditsky 1992; the schedule of Bottou 2010, as torch has it).
///
///     ηₜ = α / (1 + λ α (t − 1))ᵖ,  μₜ = 1 / max(1, t − 1 − t₀)
///     θ ← (1 − λ ηₜ) θ − ηₜ g
///     θ̄ ← θ̄ + μₜ (θ − θ̄)
///
/// First step: α (g + λ θ), and θ̄ = θ. λ is an L2 penalty that also sets how fast the rate falls; the average starts
/// after t₀ steps. θ̄ is for evaluation: `averagedParameters`.
///
/// Peers: torch; its `foreach` path once had the power on t alone. For a rate that does not fall, or an exponential
/// average, see `SGD().averaged(_:)`.
public struct ASGD<Scalar: RuleScalar>: ElementRule, AveragingRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// λ ≥ 0.
  public var lambda: Double
  /// p ≥ 0.
  public var power: Double
  /// t₀ ≥ 0: the number of steps before the average starts.
  public var averageAfter: Int

  public init(
    learningRate: Schedule = 0.01, lambda: Double = 1e-4, power: Double = 0.75, averageAfter: Int = 1_000_000
  ) {
    self.learningRate = learningRate
    self.lambda = lambda
    self.power = power
    self.averageAfter = averageAfter
  }

  @frozen public struct State: BitwiseCopyable { public var average: Scalar.Lane }

  // An average of θ.
  @inlinable public static var slotKinds: SlotKinds { .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var η, λη, μ: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(average: θ) }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    let η = α / Double.pow(1 + lambda * α * Double(t - 1), power)
    return Coefficients(
      η: Scalar(η), λη: Scalar(lambda * η), μ: Scalar(1 / max(1, Double(t - 1) - Double(averageAfter))))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    θ = (θ - (c.λη * θ + (c.η * g).finite)).finite
    s.average.decay(toward: θ, by: c.μ)
  }

  public static var averageSlot: String { "\(name)/average" }
  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size at the start"),
      .number("lambda", \.lambda, in: .nonNegative, "λ: penalty, and how the step size falls"),
      .number("power", \.power, in: .nonNegative, "p: power with which the step size falls"),
      .integer("averageAfter", \.averageAfter, in: 0...1_000_000_000, "t₀: steps before the average starts"),
    ]
  }
}
