/// RMSProp that divides by the gradient's standard deviation, with momentum (Graves 2013, equations 38–41).
///
///     e ← g − m
///     s ← ρ (s + (1 − ρ) e²)
///     m ← m + (1 − ρ) e
///     u ← μ u + α g / (√(s + ε') + ε)
///     θ ← θ − u
///
/// s is exactly E[g²] − E[g]², the papers' n − ḡ², computed by the recursion of an exponentially weighted variance. It
/// cannot become negative. The difference of the two averages can, by rounding, if the gradient hardly changes; torch,
/// optax, Keras, burn, dfdx and Optimisers.jl take the root of that difference: NaN.
///
/// First step: α sign(g) / √(ρ (1 − ρ)), so 3.33 α for ρ = 0.9 and no ε.
///
/// Graves' settings: `learningRate: 1e-4, rho: 0.95, momentum: 0.9, epsilon: 0, epsilonRoot: 1e-4`. If the
/// gradient is nearly constant, s nearly vanishes and loses its digits: a step is then only as exact as g − E[g], so ε'
/// should be larger than the square of the gradient's rounding error.
///
/// Peers: torch has ε and the rate outside (``RatePlacement/outside``), optax and Keras inside.
public struct CenteredRMSProp<Scalar: RuleScalar>: ElementRule {
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
  /// Where α enters.
  public var ratePlacement: RatePlacement

  public init(
    learningRate: Schedule = 0.001, rho: Double = 0.9, momentum: Schedule = 0, epsilon: Double = 1e-8,
    epsilonRoot: Double = 0,
    ratePlacement: RatePlacement = .inside
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.epsilonRoot = epsilonRoot
    self.ratePlacement = ratePlacement
  }

  @frozen public struct State: BitwiseCopyable { public var m, s, u: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var ρ, oneMinusρ, gLimit, μ, gradientWeight, velocityWeight, ε, εRoot: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = Scalar(learningRate(at: t))
    let isInside = ratePlacement == .inside
    return Coefficients(
      ρ: Scalar(rho), oneMinusρ: Scalar(1 - rho), gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - rho),
      μ: Scalar(momentum(at: t)), gradientWeight: isInside ? α : 1, velocityWeight: isInside ? 1 : α,
      ε: Scalar(epsilon), εRoot: Scalar(epsilonRoot))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("s", epsilon: epsilon, epsilonRoot: epsilonRoot)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let e = g - s.m
    s.s = c.ρ * (s.s + (c.oneMinusρ * e) * e).finite
    s.m += c.oneMinusρ * e
    s.u = c.μ * s.u + (c.gradientWeight * g).dividedOrZero(by: Scalar.squareRoot(s.s + c.εRoot) + c.ε)
    θ -= c.velocityWeight * s.u
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("rho", \.rho, in: .unit, "ρ: decay of mean and variance"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of the velocity that is kept"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonRoot", \.epsilonRoot, in: .nonNegative, "ε': added inside the root"),
      .choice("ratePlacement", \.ratePlacement, "α inside the velocity (Graves, Keras, optax) or outside (torch)"),
    ]
  }
}
