/// RMSProp with momentum, as in TensorFlow and Keras.
///
///     v ← ρ v + (1 − ρ) g²
///     u ← μ u + α g / (√(v + ε') + ε)
///     θ ← θ − u
///
/// First step: α sign(g) / √(1 − ρ), so 3.16 α for ρ = 0.9: there is no bias correction.
///
/// Peers: torch has the rate outside (``RatePlacement/outside``: u ← μ u + g / …, θ ← θ − α u), optax and Keras inside;
/// for a constant α both are the same iteration. TensorFlow 1 has ε' = 1e-10 and starts v from 1; Keras has ε' = 1e-7,
/// torch ρ = 0.99 and ε = 1e-8. Without momentum it is ``RMSProp``, which needs half the state.
public struct RMSPropMomentum<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ρ in [0, 1).
  public var rho: Double
  /// μ in [0, 1).
  public var momentum: Schedule
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// ε' ≥ 0, added inside the root.
  public var epsilonRoot: Double
  /// v₀ ≥ 0.
  public var initialSecondMoment: Double
  /// Where α enters.
  public var ratePlacement: RatePlacement

  public init(
    learningRate: Schedule = 0.001, rho: Double = 0.9, momentum: Schedule = 0.9, epsilon: Double = 1e-8,
    epsilonRoot: Double = 0, initialSecondMoment: Double = 0, ratePlacement: RatePlacement = .inside
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.epsilonRoot = epsilonRoot
    self.initialSecondMoment = initialSecondMoment
    self.ratePlacement = ratePlacement
  }

  @frozen public struct State: BitwiseCopyable { public var v, u: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusρ, gLimit, μ, gradientWeight, velocityWeight, ε, εRoot: Scalar
  }

  public func initialState(for θ: Lane) -> State {
    State(v: Lane(repeating: Scalar(initialSecondMoment)), u: .zero)
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = Scalar(learningRate(at: t))
    let isInside = ratePlacement == .inside
    return Coefficients(
      oneMinusρ: Scalar(1 - rho), gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - rho),
      μ: Scalar(momentum(at: t)), gradientWeight: isInside ? α : 1,
      velocityWeight: isInside ? 1 : α, ε: Scalar(epsilon), εRoot: Scalar(epsilonRoot))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon, epsilonRoot: epsilonRoot)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.v.decay(towardSquareOf: g, by: c.oneMinusρ)
    s.u = c.μ * s.u + (c.gradientWeight * g).dividedOrZero(by: Scalar.squareRoot(s.v + c.εRoot) + c.ε)
    θ -= c.velocityWeight * s.u
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("rho", \.rho, in: .unit, "ρ: decay of the mean square"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of the velocity that is kept"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonRoot", \.epsilonRoot, in: .nonNegative, "ε': added inside the root"),
      .number("initialSecondMoment", \.initialSecondMoment, in: .nonNegative, "v₀: where the mean square starts"),
      .choice("ratePlacement", \.ratePlacement, "α inside the velocity (Keras, optax) or outside (torch)"),
    ]
  }
}
