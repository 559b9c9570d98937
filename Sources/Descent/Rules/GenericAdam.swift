/// Generic Adam: Adam with any sequences of step sizes and decays (Zou, Shen, Jie, Zhang & Liu 2019, Algorithm 1).
///
///     v ← θₜ v + (1 − θₜ) g²
///     m ← βₜ m + (1 − βₜ) g
///     x ← x − αₜ m / √v
///
/// m₀ = 0 and v₀ = ε, which replaces the ε in the divisor and the bias correction: the method has neither. First step:
/// α₁ (1 − β₁) / √(1 − θ₁) sign(g) if ε is small beside g². ``sufficientCondition(through:)`` says whether the paper
/// proves convergence for the sequences.
///
/// The paper's family is αₜ = η / tˢ and θₜ = 1 − a / tʳ: `learningRate: .inversePower(η, power: s)`, `beta2:
/// .complement(.inversePower(a, power: r))`. RMSProp is βₜ = 0, ``AdamNC`` θₜ = 1 − 1/t. The mini-batch and the
/// distributed method (Chen, Shen, Zou & Liu 2022) are this one with the mean gradient. No peer has it.
public struct GenericAdam<Scalar: RuleScalar>: ElementRule {
  /// αₜ ≥ 0.
  public var learningRate: Schedule
  /// βₜ in [0, 1).
  public var beta1: Schedule
  /// The paper's θₜ, in [0, 1].
  public var beta2: Schedule
  /// v₀ = ε ≥ 0.
  public var epsilon: Double

  public init(
    learningRate: Schedule = .inverseSquareRoot(0.001), beta1: Schedule = 0.9,
    beta2: Schedule = .complement(.inversePower(0.9, power: 1)), epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, oneMinusβ, oneMinusθ, gLimit: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(m: .zero, v: Lane(repeating: Scalar(epsilon))) }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      α: Scalar(learningRate(at: t)), oneMinusβ: Scalar(beta1.oneMinus(at: t)),
      oneMinusθ: Scalar(beta2.oneMinus(at: t)),
      gLimit: Scalar.largestGradient(squaresWeighedBy: beta2.oneMinus(at: t)))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.v.decay(towardSquareOf: g, by: c.oneMinusθ)
    s.m.decay(toward: g, by: c.oneMinusβ)
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.v))
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "αₜ: step size"),
      .schedule("beta1", \.beta1, in: .unit, "βₜ: decay of the mean gradient"),
      .schedule("beta2", \.beta2, in: .closedUnit, "θₜ: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: where the mean square starts"),
    ]
  }
}
