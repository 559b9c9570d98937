/// Padam: partially adaptive momentum (Chen, Zhou, Tang, Yang, Cao & Gu 2020, Algorithm 1).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     v̂ ← max(v̂, v)
///     θ ← θ − α m / (√v̂ + ε)²ᵖ
///
/// p in (0, ½] lies between momentum (p → 0) and ``AMSGrad`` (p = ½); the paper takes 1/8. It has no ε and corrects no
/// bias. First step: α (1 − β₁) |g|^(1 − 2 p) / (1 − β₂)ᵖ sign(g).
///
/// The authors' code has ε = 1e-8 and, with `biasCorrection`, α √(1 − β₂ᵗ) / (1 − β₁ᵗ) in place of α: this factor is
/// right for p = ½, but the code uses it for every p.
public struct Padam<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// p in (0, ½].
  public var partial: Double
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// Whether α is multiplied by √(1 − β₂ᵗ) / (1 − β₁ᵗ).
  public var biasCorrection: Bool

  public init(
    learningRate: Schedule = 0.1, partial: Double = 0.125, beta1: Schedule = 0.9, beta2: Double = 0.999,
    epsilon: Double = 0,
    biasCorrection: Bool = false
  ) {
    self.learningRate = learningRate
    self.partial = partial
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.biasCorrection = biasCorrection
  }

  @frozen public struct State: BitwiseCopyable { public var m, v, vMaximum: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, ε: Scalar
    /// 2 p.
    @usableFromInline var power: Double
  }

  public func coefficients(at t: Int) -> Coefficients {
    let correction =
      biasCorrection
      ? Schedule.constant(beta2).oneMinusProduct(through: t).squareRoot() / beta1.oneMinusProduct(through: t) : 1
    return Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2), α: Scalar(learningRate(at: t) * correction),
      ε: Scalar(epsilon), power: 2 * partial)
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
    let root = Scalar.squareRoot(s.vMaximum) + c.ε
    // Roots of roots are faster than any power and rounded better.
    let divisor =
      if c.power == 0.25 {
        Scalar.squareRoot(Scalar.squareRoot(root))
      } else if c.power == 0.5 {
        Scalar.squareRoot(root)
      } else if c.power == 1 {
        root
      } else {
        Scalar.power(root, c.power)
      }
    θ -= (c.α * s.m).dividedOrZero(by: divisor)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("partial", \.partial, in: .halfOpenHalf, "p: power of the second moment"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .flag("biasCorrection", \.biasCorrection, "α times √(1 − β₂ᵗ) / (1 − β₁ᵗ), as in the authors' code"),
    ]
  }
}
