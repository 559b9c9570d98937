/// ACProp: asynchronous centering and propagation (Zhuang et al. 2021, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     θ ← θ − α g / √(s + ε)
///     s ← β₂ s + (1 − β₂) (g − m)²
///
/// The step divides the gradient itself by the root of the s from the step before; m is used only for s. The method
/// converges on problems on which Adam does not.
///
/// First step: α g. The paper taken literally has α g / √ε, 10,000 times as much for ε = 1e-8, since s₀ = 0
/// (``FirstStep/divided``); the authors' code makes a plain step, and so does this one. The same happens at a
/// coordinate's first gradient, if it had none before: sparse problems need a larger ε.
///
/// Peers: the authors' code (``Form/official``) corrects s by 1 − β₂ᵗ⁻¹, adds ε to s at each step from the second on,
/// and again to the root. Its `rectify` (``Form/rectified``) is RAdam's with t, does not correct √s, and makes a plain
/// step while ρ < 5. Its `momentum_update` uses m̂ in place of g, and loses the convergence. optax centers with the
/// mean of the step before, so that s is 1 / β₁² times as large as the authors'.
public struct ACProp<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1); if it is 0, s stays 0.
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0.
  public var epsilon: Double
  /// The paper's method, the authors' code, or the authors' code with rectification.
  public var form: Form
  /// The step at t = 1.
  public var firstStep: FirstStep
  /// Whether the step is along m̂ = m / (1 − β₁ᵗ) in place of g.
  public var momentumUpdate: Bool

  /// Which of the methods called ACProp.
  public enum Form: String, Codable, CaseIterable, Sendable {
    /// √(s + ε): the paper.
    case paper
    /// s ← s + ε, then √(s / (1 − β₂ᵗ⁻¹)) + ε: the authors' code.
    case official
    /// s ← s + ε, then √s + ε with RAdam's α r √(1 − β₂ᵗ): the authors' code with `rectify`.
    case rectified
  }

  /// The step at t = 1, when s holds no gradient yet.
  public enum FirstStep: String, Codable, CaseIterable, Sendable {
    /// α g: the authors' code.
    case plain
    /// α g / √ε: the paper taken literally.
    case divided
  }

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    form: Form = .paper, firstStep: FirstStep = .plain, momentumUpdate: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.form = form
    self.firstStep = firstStep
    self.momentumUpdate = momentumUpdate
  }

  @frozen public struct State: BitwiseCopyable { public var m, s: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, αg, αm, εState, εRoot, rootWeight, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let isPaper = form == .paper
    let r = form == .rectified ? Rectification(beta2: beta2).factor(at: t, above: .five) : nil
    let isPlain = t == 1 && (!isPaper || firstStep == .plain) || form == .rectified && r == nil
    var α = learningRate(at: t)
    if let r { α *= r * Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot() }
    // α m / (√(s / w) + ε) is α √w m / (√s + ε √w), for w = 1 − β₂ᵗ⁻¹.
    let root = form == .official && t > 1 ? Schedule.constant(beta2).oneMinusProduct(through: t - 1).squareRoot() : 1
    α *= root
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2), αg: Scalar(momentumUpdate ? 0 : α),
      αm: Scalar(momentumUpdate ? α / Schedule.constant(beta1).oneMinusProduct(through: t) : 0),
      εState: Scalar(isPaper || t == 1 ? 0 : epsilon), εRoot: Scalar(isPaper ? epsilon : 0),
      // The divisor of a plain step is 0 √s + 1.
      rootWeight: isPlain ? 0 : 1, ε: isPlain ? 1 : Scalar(isPaper ? 0 : epsilon * root))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.s += c.εState
    let step = c.αg * g + c.αm * s.m
    θ -= step.dividedOrZero(by: c.rootWeight * Scalar.squareRoot(s.s + c.εRoot) + c.ε)
    s.s.decay(towardSquareOf: g - s.m, by: c.oneMinusβ2)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean squared surprise"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added in the root"),
      .choice("form", \.form, "paper, official (the authors' code) or rectified (theirs with rectify)"),
      .choice("firstStep", \.firstStep, "paper's step at t = 1: plain (α g) or divided (α g / √ε)")
        .requiring("form=paper") { $0.form == .paper },
      .flag("momentumUpdate", \.momentumUpdate, "step along m̂ in place of g"),
    ]
  }
}
