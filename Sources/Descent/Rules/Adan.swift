/// Adan: adaptive Nesterov momentum (Xie, Zhou, Li, Lin & Yan 2022, Algorithm 1).
///
///     d = g − g_prev, 0 at t = 1;  g_prev ← g
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) d
///     n ← β₃ n + (1 − β₃) (g + β₂ d)²
///     θ ← (θ − α (m̂ + β₂ v̂) / (√n̂ + ε)) / (1 + α λ)
///
/// The decays are those of the authors' code; the paper writes 1 − β for them, (0.02, 0.08, 0.01). First step:
/// α sign(g). λ is the method's implicit decay; the explicit one, `no_prox` in their code, is the composition
/// `.decayed(by: λ)`.
///
/// The averages start from the first values, m₁ = g₁, v₂ = g₂ − g₁, n₁ = g₁², without correction (``Start/values``), or
/// from zero, divided by 1 − βᵗ (``Start/corrected``).
///
/// Peers: the authors' code corrects. optax multiplies d and v̂ by 1 − β₂ with the same default 0.92, so by
/// 0.08 instead of 0.92: its defaults are another method.
public struct Adan<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1): decay of the differences, and their factor.
  public var beta2: Double
  /// β₃ in [0, 1).
  public var beta3: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// λ ≥ 0.
  public var weightDecay: Double
  /// How the averages start.
  public var start: Start

  /// How Adan's averages start.
  public enum Start: String, Codable, CaseIterable, Sendable {
    /// From the first values: the paper.
    case values
    /// From zero, corrected: the authors' code.
    case corrected
  }

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.98, beta2: Double = 0.92, beta3: Double = 0.99,
    epsilon: Double = 1e-8, weightDecay: Double = 0, start: Start = .values
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.beta3 = beta3
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.start = start
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, n, gPrevious: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .signed + .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, oneMinusβ3, gLimit, β2, αm, αv, ε, shrinkage: Scalar
    @usableFromInline var isFirst: Bool
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    func correction(_ β: Double) -> Double {
      start == .corrected ? 1 / Schedule.constant(β).oneMinusProduct(through: t) : 1
    }
    func weight(_ β: Double, firstAt first: Int) -> Double { start == .values && t == first ? 1 : 1 - β }
    let root = nWeight(at: t).squareRoot()
    return Coefficients(
      oneMinusβ1: Scalar(weight(beta1, firstAt: 1)), oneMinusβ2: Scalar(weight(beta2, firstAt: 2)),
      oneMinusβ3: Scalar(weight(beta3, firstAt: 1)),
      gLimit: Scalar.largestGradient(squaresWeighedBy: weight(beta3, firstAt: 1)), β2: Scalar(beta2),
      αm: Scalar(α * correction(beta1) * root), αv: Scalar(α * beta2 * correction(beta2) * root),
      ε: Scalar(epsilon * root), shrinkage: Scalar(1 / (1 + α * weightDecay)), isFirst: t == 1)
  }

  /// The divisor of n.
  private func nWeight(at t: Int) -> Double {
    start == .corrected ? Schedule.constant(beta3).oneMinusProduct(through: t) : 1
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("n", correction: 1 / nWeight(at: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let d = c.isFirst ? Lane.zero : g - s.gPrevious
    s.gPrevious = g
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(toward: d, by: c.oneMinusβ2)
    s.n.decay(towardSquareOf: g + c.β2 * d, by: c.oneMinusβ3)
    let step = (c.αm * s.m + c.αv * s.v).dividedOrZero(by: Scalar.squareRoot(s.n) + c.ε)
    θ = c.shrinkage * (θ - step)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean difference, and its weight"),
      .number("beta3", \.beta3, in: .unit, "β₃: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("weightDecay", \.weightDecay, in: .nonNegative, "λ: decay, θ ÷ (1 + α λ) after the step"),
      .choice("start", \.start, "averages from the first values (paper) or from zero, corrected (authors' code)"),
    ]
  }
}
