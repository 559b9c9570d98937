/// AdaBelief: steps by the belief in the gradient (Zhuang et al. 2020, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     s ← β₂ s + (1 − β₂) (g − m)² + ε'
///     m̂ = m / (1 − β₁ᵗ),  ŝ = s / (1 − β₂ᵗ)
///     θ ← θ − α m̂ / (√ŝ + ε)
///
/// (g − m)² uses the new m. ε' is added to the state at each step, so that its share of s grows to ε' / (1 − β₂); the
/// paper has ε' = ε. First step: α sign(g) / β₁, 1.11 α for the defaults.
///
/// Peers: the authors' package has ε = ε' = 1e-8 up to 0.0.5 and 1e-16 since, with `rectify` on; optax has 1e-16 for
/// both. A rectified step is RAdam's with s in place of v and the threshold ρ ≥ 5:
/// α r m √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√s + ε); below the threshold it is α m̂.
public struct AdaBelief<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// ε' ≥ 0, added to s at each step.
  public var epsilonState: Double
  /// Whether the first steps' variance is rectified as in RAdam.
  public var rectify: Bool

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonState: Double = 1e-8, rectify: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonState = epsilonState
    self.rectify = rectify
  }

  @frozen public struct State: BitwiseCopyable { public var m, s: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, rootWeight, ε, εState: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t) / Schedule.constant(beta1).oneMinusProduct(through: t)
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    let r = rectify ? Rectification(beta2: beta2).factor(at: t, above: .five) : 1
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2), α: Scalar(r.map { α * $0 * root } ?? α),
      // The divisor of a step that is not adaptive is 0 √s + 1.
      rootWeight: r == nil ? 0 : 1, ε: r == nil ? 1 : Scalar(rectify ? epsilon : epsilon * root),
      εState: Scalar(epsilonState))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    guard coefficients(at: t).rootWeight == 1 else { return nil }
    let correction = rectify ? 1 : 1 / Schedule.constant(beta2).oneMinusProduct(through: t)
    return EpsilonThreshold("s", correction: correction, epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.s.decay(towardSquareOf: g - s.m, by: c.oneMinusβ2)
    s.s += c.εState
    θ -= (c.α * s.m).dividedOrZero(by: c.rootWeight * Scalar.squareRoot(s.s) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean squared surprise"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonState", \.epsilonState, in: .nonNegative, "ε': added to s at each step"),
      .flag("rectify", \.rectify, "rectify the first steps' variance as RAdam does"),
    ]
  }
}
