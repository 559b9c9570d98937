/// AMSGrad (Reddi, Kale & Kumar 2018, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     v̂ ← max(v̂, v)
///     θ ← θ − α m / (√v̂ + ε)
///
/// The paper corrects no bias and has no ε (0 ÷ 0 is 0). First step: α (1 − β₁) / √(1 − β₂) sign(g), 3.16 α for the
/// defaults.
///
/// Peers: torch, Keras and burn take the maximum of v and then divide by 1 − β₂ᵗ (``Correction/afterMaximum``); optax
/// takes the maximum of v / (1 − β₂ᵗ) (``Correction/beforeMaximum``), so that one large early gradient slows the
/// coordinate for ever. Both correct m too.
public struct AMSGrad<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// Whether, and where, the moments are corrected for their bias.
  public var correction: Correction

  /// Where AMSGrad's moments are corrected for their start from zero.
  public enum Correction: String, Codable, CaseIterable, Sendable {
    /// Nowhere: the paper.
    case none
    /// m, and the maximum when it is used: torch, Keras.
    case afterMaximum
    /// m, and v before the maximum: optax.
    case beforeMaximum
  }

  public init(
    learningRate: Schedule = 0.001, beta1: Schedule = 0.9, beta2: Double = 0.999, epsilon: Double = 0,
    correction: Correction = .none
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.correction = correction
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, vMaximum: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, before, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let mCorrection = correction == .none ? 1 : 1 / beta1.oneMinusProduct(through: t)
    let isBefore = correction == .beforeMaximum
    let root = vWeight(at: t).squareRoot()
    return Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 - beta2),
      // The corrected average is stored: after the first gradient it is the square itself.
      gLimit: Scalar.largestGradient(squaresWeighedBy: isBefore ? 1 : 1 - beta2),
      α: Scalar(learningRate(at: t) * mCorrection * root),
      before: isBefore ? Scalar(1 / Schedule.constant(beta2).oneMinusProduct(through: t)) : 1, ε: Scalar(epsilon * root)
    )
  }

  /// The divisor of the maximum.
  private func vWeight(at t: Int) -> Double {
    correction == .afterMaximum ? Schedule.constant(beta2).oneMinusProduct(through: t) : 1
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("vMaximum", correction: 1 / vWeight(at: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    s.vMaximum = Scalar.maximum(s.vMaximum, (c.before * s.v).finite)
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.vMaximum) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("correction", \.correction, "bias: none (paper), afterMaximum (torch) or beforeMaximum (optax)"),
    ]
  }
}
