/// Momentum with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 1).
///
///     m ← β₁ m + ηₜ α g
///     θ ← θ − m − ηₜ λ θ
///
/// ηₜ is the schedule's multiplier; α does not multiply λ, and the decay does not enter m. First step:
/// η₁ (α g + λ θ).
///
/// Peers multiply λ by α too (``DecayCoupling/learningRate``). Decay before the step, by `Momentum().decayed(by: λ)`,
/// is the same at a constant η.
public struct SGDW<Scalar: LaneScalar>: UpdateRule {
  /// α ≥ 0.
  public var learningRate: Rate
  /// ηₜ ≥ 0: multiplies the gradient's share and the decay.
  public var schedule: Rate
  /// β₁ in [0, 1).
  public var momentum: Rate
  /// λ in [0, 1]: the share of θ that a step takes away.
  public var weightDecay: Double
  /// What multiplies λ besides ηₜ.
  public var decayCoupling: DecayCoupling

  public init(
    learningRate: Rate = 0.01, schedule: Rate = 1, momentum: Rate = 0.9, weightDecay: Double = 1e-5,
    decayCoupling: DecayCoupling = .independent
  ) {
    self.learningRate = learningRate
    self.schedule = schedule
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.decayCoupling = decayCoupling
  }

  @frozen public struct State: BitwiseCopyable { public var m: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var β1, α, λ: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let η = schedule(at: t)
    let α = learningRate(at: t)
    return Coefficients(
      β1: Scalar(momentum(at: t)), α: Scalar(η * α),
      λ: Scalar(η * weightDecay * (decayCoupling == .learningRate ? α : 1)))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.m = c.β1 * s.m + c.α * g
    θ -= s.m + c.λ * θ
  }

  public static var options: [RuleOption<Self>] {
    [
      .rate("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .rate("schedule", \.schedule, in: .nonNegative, "η: multiplies step and decay"),
      .rate("momentum", \.momentum, in: .unit, "β₁: share of the velocity that is kept"),
      .number("weightDecay", \.weightDecay, in: .closedUnit, "λ: share of θ that a step takes away"),
      .choice("decayCoupling", \.decayCoupling, "λ as it is (independent, paper) or times α (learningRate)"),
    ]
  }
}
