/// AdEMAMix: Adam with a second, much slower mean of the gradients (Pagliardini, Ablin & Grangier 2024, Algorithm 1).
///
///     m₁ ← β₁ m₁ + (1 − β₁) g
///     m₂ ← β₃ m₂ + (1 − β₃) g
///     v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η (m̂₁ + α m₂) / (√v̂ + ε)
///
/// m̂₁ and v̂ are corrected as in ``Adam``, m₂ is not. First step: η (1 + α (1 − β₃)) sign(g). α = 0 is ``Adam``, to
/// the bit.
///
/// The paper warms up α and β₃ over T steps, at best the whole run: `alpha: .warmup(T, then: 5)` rises linearly, and
/// the half-life of `beta3: .shifted(.halfLife(from: 0.9, to: 0.9999, over: T), by: 1)` rises linearly. The paper's
/// decay is decoupled: `.decayed(by: λ)`. The authors' code and optax compute the same.
public struct AdEMAMix<Scalar: RuleScalar>: ElementRule {
  /// η ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// β₃ in [0, 1): decay of the slow mean.
  public var beta3: Schedule
  /// α ≥ 0: weight of the slow mean.
  public var alpha: Schedule
  /// ε ≥ 0, added to the root.
  public var epsilon: Double

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, beta3: Schedule = 0.9999,
    alpha: Schedule = 5,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.beta3 = beta3
    self.alpha = alpha
    self.epsilon = epsilon
  }

  @frozen public struct State: BitwiseCopyable { public var m1, m2, v: Scalar.Lane }

  // A step moves m₂ by 1 − β₃ = 1e-4 of a gradient: rounding would add more noise than m₂ has itself.
  @inlinable public static var slotKinds: SlotKinds { .signed + .exact + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, oneMinusβ3, gLimit, η1, η2, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    let η = learningRate(at: t)
    let mCorrection = 1 / Schedule.constant(beta1).oneMinusProduct(through: t)
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2), oneMinusβ3: Scalar(beta3.oneMinus(at: t)),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2), η1: Scalar(η * mCorrection * root),
      η2: Scalar(η * alpha(at: t) * root), ε: Scalar(epsilon * root))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", correction: 1 / Schedule.constant(beta2).oneMinusProduct(through: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m1.decay(toward: g, by: c.oneMinusβ1)
    s.m2.decay(toward: g, by: c.oneMinusβ3)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    θ -= (c.η1 * s.m1 + c.η2 * s.m2).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "η: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the fast mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .schedule("beta3", \.beta3, in: .unit, "β₃: decay of the slow mean gradient"),
      .schedule("alpha", \.alpha, in: .nonNegative, "α: weight of the slow mean"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
    ]
  }
}
