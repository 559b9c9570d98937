import RealModule

/// Nadam: Adam with Nesterov's momentum (Dozat 2016, Algorithm 2).
///
///     m ← μₜ m + (1 − μₜ) g
///     n ← ν n + (1 − ν) g²
///     m̂ = μₜ₊₁ m / (1 − μ₁ … μₜ₊₁) + (1 − μₜ) g / (1 − μ₁ … μₜ)
///     n̂ = ν n / (1 − νᵗ)
///     θ ← θ − α m̂ / (√n̂ + ε)
///
/// with the momentum's schedule μₜ = β₁ (1 − ½ 0.96^(t ψ)), ψ = 1/250, and ν = β₂. First step:
/// α (1 + μ₂ (1 − μ₁) / (1 − μ₁ μ₂)) / √ν sign(g), 1.31 α for the defaults.
///
/// Peers: torch and Keras use the schedule in the corrections but β₁ for m, and n̂ without the factor ν
/// (``Form/scheduled``; Keras's ψ is 1; first step 1.0565 α, Keras 1.0628 α). optax has no schedule and no factor ν
/// (``Form/simple``, 1.4737 α), Optimisers.jl has no schedule (``Form/constant``).
public struct Nadam<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1): the limit of the momentum's schedule.
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// ψ ≥ 0: how fast the momentum rises from β₁ / 2 to β₁.
  public var momentumDecay: Double
  /// Where the schedule is used, and whether n̂ has the factor ν.
  public var form: Form

  /// Which of the methods called Nadam.
  public enum Form: String, Codable, CaseIterable, Sendable {
    /// μₜ everywhere and n̂ = ν n / (1 − νᵗ): the paper.
    case paper
    /// The same without the schedule, μₜ = β₁: Optimisers.jl.
    case constant
    /// μₜ in the corrections, β₁ in the mean, n̂ = n / (1 − νᵗ): torch, Keras.
    case scheduled
    /// β₁ everywhere and n̂ = n / (1 − νᵗ): optax.
    case simple
  }

  public init(
    learningRate: Schedule = 0.002, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 0.004, form: Form = .paper
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.momentumDecay = momentumDecay
    self.form = form
  }

  @frozen public struct State: BitwiseCopyable { public var m, n: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusμ, oneMinusν, gLimit, αm, αg, root, ε: Scalar
  }

  /// μₜ of the corrections.
  private func momentum(at t: Int) -> Double {
    switch form {
    case .paper, .scheduled: beta1 * (1 - 0.5 * Double.pow(0.96, Double(t) * momentumDecay))
    case .constant, .simple: beta1
    }
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    let (μ, next) = (momentum(at: t), momentum(at: t + 1))
    let oneMinusProduct = oneMinusProduct(through: t) { 1 - momentum(at: $0) }
    // 1 − P μ with P = 1 − (1 − P).
    let oneMinusNext = (1 - next) + oneMinusProduct * next
    return Coefficients(
      oneMinusμ: Scalar(1 - (form == .paper ? μ : beta1)), oneMinusν: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - beta2),
      αm: Scalar(α * next / oneMinusNext), αg: Scalar(α * (1 - μ) / oneMinusProduct),
      // A factor of the root, and not in α and ε as in Adam: it may be 0.
      root: Scalar(nCorrection(at: t).squareRoot()), ε: Scalar(epsilon))
  }

  /// The factor of n.
  private func nCorrection(at t: Int) -> Double {
    (form == .paper || form == .constant ? beta2 : 1) / Schedule.constant(beta2).oneMinusProduct(through: t)
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("n", correction: nCorrection(at: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusμ)
    s.n.decay(towardSquareOf: g, by: c.oneMinusν)
    θ -= (c.αm * s.m + c.αg * g).dividedOrZero(by: c.root * Scalar.squareRoot(s.n) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: momentum that the schedule tends to"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("momentumDecay", \.momentumDecay, in: .nonNegative, "ψ: how fast the momentum rises to β₁")
        .requiring("form=paper or scheduled") { $0.form == .paper || $0.form == .scheduled },
      .choice("form", \.form, "paper, constant (Optimisers.jl), scheduled (torch, Keras) or simple (optax)"),
    ]
  }
}
