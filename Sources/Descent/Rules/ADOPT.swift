/// ADOPT: Adam that converges for any β₂ (Taniguchi et al. 2024, Algorithm 2).
///
///     t = 1:  v ← g², no step
///     u = clip(g / max(√v, ε), ±(t − 1)^¼)
///     m ← β₁ m + (1 − β₁) u
///     θ ← θ − α m
///     v ← β₂ v + (1 − β₂) g²
///
/// The gradient is divided by the root of the v from the step before, and only then enters the momentum. θ first moves
/// at the second step, by at most α (1 − β₁). Step t here is the paper's t − 1: its v₀ takes a gradient of its own.
///
/// Peers: the authors' code and optax compute the same; ``clips`` off is the paper's Algorithm 1.
public struct ADOPT<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, the least divisor.
  public var epsilon: Double
  /// Whether the divided gradient is clipped to ±(t − 1)^¼.
  public var clips: Bool

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.9999, epsilon: Double = 1e-6,
    clips: Bool = true
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.clips = clips
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, ε, bound: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let oneMinusβ2 = t == 1 ? 1 : 1 - beta2
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(oneMinusβ2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: oneMinusβ2), α: Scalar(learningRate(at: t)),
      ε: Scalar(epsilon), bound: t == 1 ? 0 : clips ? Scalar(Double(t - 1).squareRoot().squareRoot()) : .infinity)
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let u = g.dividedOrZero(by: Scalar.atLeast(Scalar.squareRoot(s.v), c.ε))
    // At t = 1 the bound is 0: m stays 0, and v becomes g².
    s.m.decay(toward: u.limited(to: c.bound), by: c.oneMinusβ1)
    θ -= c.α * s.m
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean divided gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: the least divisor"),
      .flag("clips", \.clips, "clip the divided gradient to ±(t − 1)^¼"),
    ]
  }
}
