/// Momentum with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 1).
///
///     m ← β₁ m + ηₜ αₜ g
///     θ ← θ − m − ηₜ αₜ λ θ
///
/// λ is multiplied by the learning rate, as in peers, and the decay does not enter m. First step: η₁ α₁ (g + λ θ).
///
/// The paper does not multiply λ by α: `decayCoupling: .independent`. `Momentum().decayed(by: λ)` decays before the
/// step; with a constant η this is the same.
public struct SGDW<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ηₜ ≥ 0: multiplies the gradient's share and the decay.
  public var schedule: Schedule
  /// β₁ in [0, 1).
  public var momentum: Schedule
  /// λ ≥ 0: a step takes away the share η α λ of θ, which must be at most 1.
  public var weightDecay: Double
  /// Whether α multiplies λ.
  public var decayCoupling: DecayCoupling

  public init(
    learningRate: Schedule = 0.01, schedule: Schedule = 1, momentum: Schedule = 0.9, weightDecay: Double = 0.001,
    decayCoupling: DecayCoupling = .learningRate
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
      λ: Scalar(η * weightDecay * decayCoupling.factor(α)))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.m = (c.β1 * s.m + c.α * g).finite
    θ -= s.m + c.λ * θ
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("schedule", \.schedule, in: .nonNegative, "η: multiplies step and decay"),
      .schedule("momentum", \.momentum, in: .unit, "β₁: share of the velocity that is kept"),
      .decay("weightDecay", \.weightDecay, "λ: a step takes away the share α λ of θ") {
        $0.schedule.base * $0.decayCoupling.factor($0.learningRate.base)
      },
      .choice("decayCoupling", \.decayCoupling, "α multiplies λ (learningRate) or not (independent, paper)")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
    ]
  }
}
