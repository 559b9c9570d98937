/// AMSBound: ``AdaBound`` with the largest second moment so far (Luo, Xiong, Liu & Sun 2019, Algorithm 3).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     v̂ ← max(v̂, v)
///     η = clip(α / (√v̂ + ε), f (1 − 1 / (γ t + 1)), f (1 + 1 / (γ t)))
///     θ ← θ − η m
///
/// Bounds, schedule, first step and the authors' code as for ``AdaBound``.
public struct AMSBound<Scalar: RuleScalar>: ElementRule {
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

  @frozen public struct State: BitwiseCopyable { public var m, v, vMaximum: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .nonNegative }

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
    EpsilonThreshold("vMaximum", epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    s.vMaximum = Scalar.maximum(s.vMaximum, s.v)
    θ -= c.bound(dividedBy: Scalar.squareRoot(s.vMaximum) + c.ε) * s.m
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
