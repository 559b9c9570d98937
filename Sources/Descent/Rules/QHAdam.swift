/// QHAdam: Adam with quasi-hyperbolic moments (Ma & Yarats 2019, section 4.4).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
///     θ ← θ − α ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + ε)
///
/// First step: α sign(g). ν₁ = ν₂ = 1 is ``Adam``, to the bit; ν₁ = 0 and ν₂ = 1 is RMSProp with bias correction.
/// The defaults are the paper's recommendation. The authors' code computes the same.
public struct QHAdam<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ν₁ in [0, 1]: the share of the mean gradient.
  public var nu1: Double
  /// ν₂ in [0, 1]: the share of the mean square.
  public var nu2: Double
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double

  public init(
    learningRate: Schedule = 0.001, nu1: Double = 0.7, nu2: Double = 1, beta1: Double = 0.995, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.nu1 = nu1
    self.nu2 = nu2
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, αg, αm, g2Weight, vWeight, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let mCorrection = 1 / Schedule.constant(beta1).oneMinusProduct(through: t)
    let v = Schedule.constant(beta2).oneMinusProduct(through: t)
    let (α, root) = (learningRate(at: t), v.squareRoot())
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: max(1 - beta2, 1 - nu2)), αg: Scalar(α * root * (1 - nu1)),
      αm: Scalar(α * mCorrection * root * nu1), g2Weight: Scalar((1 - nu2) * v), vWeight: Scalar(nu2),
      ε: Scalar(epsilon * root))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    let v = ((c.g2Weight * g) * g + c.vWeight * s.v).finite
    θ -= (c.αg * g + c.αm * s.m).dividedOrZero(by: Scalar.squareRoot(v) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("nu1", \.nu1, in: .closedUnit, "ν₁: share of the mean gradient"),
      .number("nu2", \.nu2, in: .closedUnit, "ν₂: share of the mean square"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
    ]
  }
}
