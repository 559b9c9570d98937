/// AdaMod: Adam whose step sizes are bounded by their own mean (Ding, Ren, Luo & Sun 2019, Algorithm 1).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     η = α / (√v̂ + ε)
///     s ← β₃ s + (1 − β₃) η
///     θ ← θ − min(η, s) m̂
///
/// with m̂ and v̂ as in ``Adam``. No step exceeds Adam's. First step: α (1 − β₃) sign(g), 0.001 α for the
/// defaults: a warm-up that needs no schedule. A coordinate without gradients has η = α / ε, which s remembers for
/// 1 / (1 − β₃) steps.
///
/// Peers: the authors' code (``Form/official``) has α √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√v + ε) for η, and m for m̂: s
/// then averages the correction of m, too.
public struct AdaMod<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// β₃ in [0, 1).
  public var beta3: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// What η contains.
  public var form: Form

  /// What AdaMod's step sizes contain.
  public enum Form: String, Codable, CaseIterable, Sendable {
    /// v's correction, and ε beside √v̂: the paper.
    case paper
    /// Both corrections, and ε beside √v: the authors' code.
    case official
  }

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, beta3: Double = 0.999,
    epsilon: Double = 1e-8, form: Form = .paper
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.beta3 = beta3
    self.epsilon = epsilon
    self.form = form
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, s: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, oneMinusβ3, gLimit, α, mCorrection, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let mCorrection = 1 / Schedule.constant(beta1).oneMinusProduct(through: t)
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    let isPaper = form == .paper
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2), oneMinusβ3: Scalar(1 - beta3),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2),
      α: Scalar(learningRate(at: t) * root * (isPaper ? 1 : mCorrection)),
      mCorrection: isPaper ? Scalar(mCorrection) : 1, ε: Scalar(isPaper ? epsilon * root : epsilon))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    let correction = form == .paper ? 1 / Schedule.constant(beta2).oneMinusProduct(through: t) : 1
    return EpsilonThreshold("v", correction: correction, epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    let η = Lane(repeating: c.α).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε)
    s.s.decay(toward: η, by: c.oneMinusβ3)
    θ -= Scalar.minimum(η, s.s) * (c.mCorrection * s.m)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("beta3", \.beta3, in: .unit, "β₃: decay of the mean step size"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("form", \.form, "step sizes of the paper or of the authors' code (official)"),
    ]
  }
}
