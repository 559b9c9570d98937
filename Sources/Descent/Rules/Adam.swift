/// Adam: adaptive moment estimation (Kingma & Ba 2015, Algorithm 1).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← β₂ v + (1 − β₂) g²
///     m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
///     θ ← θ − α m̂ / (√(v̂ + ε') + ε)
///
/// computed with w = 1 − β₂ᵗ as α √w m / (1 − β₁ᵗ) / (√(v + ε' w) + ε √w), because v̂ may be too large although v is
/// not.
///
/// First step: α sign(g). ε' is 0 in the paper. Steps are about α at most. The worst sequence, a gradient that grows by
/// β₂ / β₁ a step, reaches α (1 − β₁) / √((1 − β₂) (1 − β₁² / β₂)), 7.3 α for the defaults; the paper's section 2.1 has
/// 3.2 α, for a gradient that follows many zeros.
///
/// β₁ may depend on t; the correction is then 1 − β₁,₁ β₁,₂ … β₁,ₜ. The theory's setting is `learningRate:
/// .inverseSquareRoot(α)` with `beta1: .exponential(β₁, factor: λ)`.
///
/// Peers: torch, optax, Optimisers.jl and MLX compute Algorithm 1; TensorFlow, Keras, swift-apis and ensmallen
/// compute the ε̂ form of the paper's section 2 (``EpsilonForm/hat``) with a constant ε̂, which at t = 1 has 31.6 times
/// the weight of ε.
/// Default ε: 1e-8, Keras 1e-7, burn 1e-5. optax's `eps_root` is `epsilonRoot`. MLX corrects no bias by default.
public struct Adam<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// ε' ≥ 0, added inside the root.
  public var epsilonRoot: Double
  /// What ε is added to: the corrected root (Algorithm 1) or the root of v itself.
  public var epsilonForm: EpsilonForm
  /// Whether the moments are corrected. If not, m̂ = m and v̂ = v: the paper's section 6.4, "RMSProp with momentum".
  /// The first step is then α (1 − β₁) / √(1 − β₂).
  public var biasCorrection: Bool

  public init(
    learningRate: Schedule = 0.001, beta1: Schedule = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonRoot: Double = 0, epsilonForm: EpsilonForm = .corrected, biasCorrection: Bool = true
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.epsilonRoot = epsilonRoot
    self.epsilonForm = epsilonForm
    self.biasCorrection = biasCorrection
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, ε, εRoot: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let mCorrection = biasCorrection ? 1 / beta1.oneMinusProduct(through: t) : 1
    let vWeight = vWeight(at: t)
    let root = vWeight.squareRoot()
    let isHat = epsilonForm == .hat
    return Coefficients(
      oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2), α: Scalar(learningRate(at: t) * mCorrection * root),
      ε: Scalar(isHat ? epsilon : epsilon * root), εRoot: Scalar(isHat ? epsilonRoot : epsilonRoot * vWeight))
  }

  /// 1 − β₂ᵗ, the divisor of v.
  private func vWeight(at t: Int) -> Double {
    biasCorrection ? Schedule.constant(beta2).oneMinusProduct(through: t) : 1
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold(
      "v", correction: epsilonForm == .hat ? 1 : 1 / vWeight(at: t), epsilon: epsilon, epsilonRoot: epsilonRoot)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.v + c.εRoot) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonRoot", \.epsilonRoot, in: .nonNegative, "ε': added inside the root"),
      .choice("epsilonForm", \.epsilonForm, "ε beside √v̂ (corrected, Algorithm 1) or beside √v (hat, section 2)")
        .requiring("biasCorrection=true") { $0.biasCorrection },
      .flag("biasCorrection", \.biasCorrection, "divide the moments by 1 − βᵗ"),
    ]
  }
}

/// What Adam's ε is added to.
public enum EpsilonForm: String, Codable, CaseIterable, Sendable {
  /// √v̂ + ε: the paper's Algorithm 1; torch, optax.
  case corrected
  /// √v + ε̂, with α √(1 − β₂ᵗ) / (1 − β₁ᵗ) before it: the end of the paper's section 2; TensorFlow, Keras.
  case hat
}
