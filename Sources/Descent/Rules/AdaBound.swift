/// AdaBound: Adam whose step sizes are clipped to bounds that close in on one value (Luo, Xiong, Liu & Sun 2019,
/// Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     η = clip(α / (√v + ε), f (1 − 1 / (γ t + 1)), f (1 + 1 / (γ t)))
///     θ ← θ − η m
///
/// The final step size f follows the schedule: αₜ is α sₜ, with α the schedule's ``Schedule/base``. At step t both α and
/// the bounds are multiplied by sₜ. So `learningRate: .inverseSquareRoot(α)` is the paper's η / √t, and after a
/// warm-up the step size tends to f. The paper ties γ to 1 − β₂, has no ε and corrects no bias. First step, if no
/// bound holds: α (1 − β₁) / √(1 − β₂) sign(g), 3.16 α for the defaults.
///
/// The authors' code has ε = 1e-8 and, with `biasCorrection`, α √(1 − β₂ᵗ) / (1 − β₁ᵗ) in place of α inside the clip.
public struct AdaBound<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// f > 0: the final step size at the schedule's base.
  public var finalRate: Double
  /// γ > 0: how fast the bounds close in.
  public var gamma: Double
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// Whether α is multiplied by √(1 − β₂ᵗ) / (1 − β₁ᵗ).
  public var biasCorrection: Bool

  public init(
    learningRate: Schedule = 0.001, finalRate: Double = 0.1, gamma: Double = 0.001, beta1: Schedule = 0.9,
    beta2: Double = 0.999, epsilon: Double = 0, biasCorrection: Bool = false
  ) {
    self.learningRate = learningRate
    self.finalRate = finalRate
    self.gamma = gamma
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.biasCorrection = biasCorrection
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, ε: Scalar
    @usableFromInline var bound: BoundedRate<Scalar>
  }

  public func coefficients(at t: Int) -> Coefficients {
    let correction =
      biasCorrection
      ? Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot() / beta1.oneMinusProduct(through: t) : 1
    return Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2), ε: Scalar(epsilon),
      bound: BoundedRate(learningRate, correction: correction, final: finalRate, gamma: gamma, at: t))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    θ -= c.bound(dividedBy: Scalar.squareRoot(s.v) + c.ε) * s.m
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size before the bounds close in"),
      .number("finalRate", \.finalRate, in: .positive, "f: step size in the end"),
      .number("gamma", \.gamma, in: .positive, "γ: how fast the bounds close in"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .flag("biasCorrection", \.biasCorrection, "α times √(1 − β₂ᵗ) / (1 − β₁ᵗ), as in the authors' code"),
    ]
  }
}

/// A step size α over a divisor, clipped to the bounds of step t, all times the schedule.
@frozen @usableFromInline
struct BoundedRate<Scalar: RuleScalar>: Sendable {
  @usableFromInline let scale, numerator, lower, upper: Scalar

  init(_ rate: Schedule, correction: Double, final: Double, gamma: Double, at t: Int) {
    let base = rate.base
    // If the base is 0 there is no share rate / base to scale by, and 0 ÷ 0 must not arise.
    scale = base == 0 ? 0 : Scalar(rate(at: t) / base)
    numerator = base == 0 ? 1 : Scalar(base * correction)
    let γt = gamma * Double(t)
    // f (1 − 1 / (γ t + 1)) without its cancellation.
    lower = Scalar(final * γt / (γt + 1))
    upper = Scalar(final * (1 + 1 / γt))
  }

  @inlinable @inline(__always)
  func callAsFunction(dividedBy divisor: Scalar.Lane) -> Scalar.Lane {
    // If the divisor is 0 the rate is infinite, and the upper bound holds.
    let rate = Scalar.Lane(repeating: numerator) / divisor
    return scale * Scalar.atMost(Scalar.atLeast(rate, lower), upper)
  }
}
