/// RAdam: Adam with the variance of its first steps rectified (Liu, Jiang, He, Chen, Liu, Gao & Han 2020, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     ρ∞ = 2 / (1 − β₂) − 1,  ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
///     ρ > 4:      θ ← θ − α r m̂ / √v̂,  r = √((ρ − 4) (ρ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρ))
///     otherwise:  θ ← θ − α m̂
///
/// First step: α g, proportional to the gradient. r rises to 1. The paper has no ε (0 ÷ 0 is 0).
///
/// Peers: the authors' code, torch and optax are adaptive for ρ ≥ 5 or ρ > 5 (``RectificationThreshold/five``; the two
/// differ only where ρ is 5 exactly) and have ε = 1e-8: beside √v in the authors' code and torch
/// (``EpsilonForm/hat``), beside √v̂ in optax. The authors' code makes no step at first if `degenerated_to_sgd` is
/// false (``Fallback/nothing``).
public struct RAdam<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// What ε is added to.
  public var epsilonForm: EpsilonForm
  /// What ρ must exceed for a step to be adaptive.
  public var threshold: RectificationThreshold
  /// The step while ρ is too small for an adaptive one.
  public var fallback: Fallback

  /// The step while ρ is too small for an adaptive one.
  public enum Fallback: String, Codable, CaseIterable, Sendable {
    /// α m̂: the paper.
    case momentum
    /// No step.
    case nothing
  }

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 0,
    epsilonForm: EpsilonForm = .corrected, threshold: RectificationThreshold = .four, fallback: Fallback = .momentum
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonForm = epsilonForm
    self.threshold = threshold
    self.fallback = fallback
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, rootWeight, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t) / Schedule.constant(beta1).oneMinusProduct(through: t)
    let root = Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot()
    let r = Rectification(beta2: beta2).factor(at: t, above: threshold)
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2),
      α: Scalar(r.map { α * $0 * root } ?? (fallback == .momentum ? α : 0)),
      // The divisor of a step that is not adaptive is 0 √v + 1: a branch in the loop would split the lanes.
      rootWeight: r == nil ? 0 : 1, ε: r == nil ? 1 : Scalar(epsilonForm == .hat ? epsilon : epsilon * root))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    coefficients(at: t).rootWeight == 1
      ? EpsilonThreshold("v", epsilon: epsilon, epsilonForm, beta2: beta2, at: t) : nil
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    θ -= (c.α * s.m).dividedOrZero(by: c.rootWeight * Scalar.squareRoot(s.v) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("epsilonForm", \.epsilonForm, "ε beside √v̂ (corrected, optax) or beside √v (hat, authors, torch)"),
      .choice("threshold", \.threshold, "what ρ must exceed for an adaptive step: four (paper) or five"),
      .choice("fallback", \.fallback, "the step before that: momentum (paper) or nothing"),
    ]
  }
}
