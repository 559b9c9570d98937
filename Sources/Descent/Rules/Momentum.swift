/// Stochastic gradient descent with classical momentum, the heavy ball (Polyak 1964; ADADELTA's equation 4).
///
///     u ← μ u + α g
///     θ ← θ − u
///
/// First step: α g.
///
/// The papers keep α inside the velocity u: when the rate falls, the old, larger velocity persists. torch and optax
/// keep it outside (``RatePlacement/outside``: u ← μ u + (1 − τ) g, θ ← θ − α u), so that a new rate rescales the whole
/// velocity at once; for a constant α both are the same iteration. Keras and Optimisers.jl have the papers' form.
public struct Momentum<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Schedule
  /// τ in [0, 1]: from the second step on the gradient enters the velocity as (1 − τ) g, as in torch.
  public var dampening: Double
  /// Where α enters.
  public var ratePlacement: RatePlacement

  public init(
    learningRate: Schedule = 0.01, momentum: Schedule = 0.9, dampening: Double = 0,
    ratePlacement: RatePlacement = .inside
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.ratePlacement = ratePlacement
  }

  @frozen public struct State: BitwiseCopyable { public var u: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var μ, gradientWeight, velocityWeight: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    let μ = Scalar(momentum(at: t))
    let inflow = t == 1 ? 1 : 1 - dampening
    return switch ratePlacement {
    case .inside: Coefficients(μ: μ, gradientWeight: Scalar(inflow * α), velocityWeight: 1)
    case .outside: Coefficients(μ: μ, gradientWeight: Scalar(inflow), velocityWeight: Scalar(α))
    }
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.u = (c.μ * s.u + c.gradientWeight * g).finite
    θ -= c.velocityWeight * s.u
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of the velocity that is kept"),
      .number("dampening", \.dampening, in: .closedUnit, "τ: from step 2 on the gradient enters as (1 − τ) g"),
      .choice("ratePlacement", \.ratePlacement, "α inside the velocity (papers) or outside (torch)"),
    ]
  }
}

/// Where a method with momentum applies its step size.
public enum RatePlacement: String, Codable, CaseIterable, Sendable {
  /// As the gradient enters the velocity: u ← μ u + α g, θ ← θ − u. The papers, Keras, Optimisers.jl.
  case inside
  /// As the velocity is applied: u ← μ u + g, θ ← θ − α u. torch, optax.
  case outside
}
