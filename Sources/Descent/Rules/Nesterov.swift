/// Stochastic gradient descent with Nesterov's momentum, as Sutskever, Martens, Dahl & Hinton (2013) write it.
///
/// The paper takes the gradient at the look-ahead point φ = θ + μ u. Here, as everywhere in practice, φ is stored and
/// returned, so that the gradient is taken at the parameters:
///
///     u ← μₜ u + α g
///     φ ← φ − (α g + μₜ₊₁ u)
///
/// The sequence of φ is exactly the paper's, for a momentum that depends on t too. First step: (1 + μ) α g.
///
/// With the rate outside (``RatePlacement/outside``, torch and optax): u ← μ u + g, φ ← φ − α (g + μ u).
public struct Nesterov<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Schedule
  /// Where α enters.
  public var ratePlacement: RatePlacement

  public init(learningRate: Schedule = 0.01, momentum: Schedule = 0.9, ratePlacement: RatePlacement = .inside) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.ratePlacement = ratePlacement
  }

  @frozen public struct State: BitwiseCopyable { public var u: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var μ, inflow, α, lookAhead: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    let μ = momentum(at: t)
    let next = momentum(at: t + 1)
    return switch ratePlacement {
    case .inside: Coefficients(μ: Scalar(μ), inflow: Scalar(α), α: Scalar(α), lookAhead: Scalar(next))
    case .outside: Coefficients(μ: Scalar(μ), inflow: 1, α: Scalar(α), lookAhead: Scalar(α * next))
    }
  }

  @inlinable @inline(__always)
  public func update(_ φ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.u = (c.μ * s.u + c.inflow * g).finite
    φ -= (c.α * g).finite + c.lookAhead * s.u
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of the velocity that is kept"),
      .choice("ratePlacement", \.ratePlacement, "α inside the velocity (paper) or outside (torch)"),
    ]
  }
}
