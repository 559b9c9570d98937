/// Yogi: Adam whose second moment changes by at most (1 − β₂) g² a step (Zaheer et al. 2018, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g
///     v ← v − (1 − β₂) sign(v − g²) g²
///     θ ← θ − α m / (√v + ε)
///
/// The paper corrects no bias. First step with v₀ = 0: α (1 − β₁) / √(1 − β₂) sign(g), 3.16 α for the defaults if ε is
/// small beside √v. With `startsFromGradient` v₀ is the square of the first gradient, as in the paper's experiments,
/// and the first step is α (1 − β₁) g / (|g| + ε).
///
/// Peers: TensorFlow and optax start v, and m too, from 1e-6; optax corrects the bias of both. Here only v can start
/// from a number: an m that is not zero would move parameters that have no gradient.
public struct Yogi<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// v₀ ≥ 0.
  public var initialSecondMoment: Double
  /// Whether v₀ is the square of the first gradient.
  public var startsFromGradient: Bool
  /// Whether m and v are divided by 1 − βᵗ.
  public var biasCorrection: Bool

  public init(
    learningRate: Schedule = 0.01, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-3,
    initialSecondMoment: Double = 0, startsFromGradient: Bool = false, biasCorrection: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.initialSecondMoment = initialSecondMoment
    self.startsFromGradient = startsFromGradient
    self.biasCorrection = biasCorrection
  }

  @frozen public struct State: BitwiseCopyable { public var m, v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ1, oneMinusβ2, gLimit, α, ε: Scalar
    @usableFromInline var isStart: Bool
  }

  public func initialState(for θ: Lane) -> State {
    State(m: .zero, v: Lane(repeating: Scalar(initialSecondMoment)))
  }

  public func coefficients(at t: Int) -> Coefficients {
    let mCorrection = biasCorrection ? 1 / Schedule.constant(beta1).oneMinusProduct(through: t) : 1
    let root = vWeight(at: t).squareRoot()
    let isStart = startsFromGradient && t == 1
    return Coefficients(
      oneMinusβ1: Scalar(1 - beta1), oneMinusβ2: Scalar(1 - beta2),
      gLimit: Scalar.largestGradient(squaresWeighedBy: isStart ? 1 : 1 - beta2),
      α: Scalar(learningRate(at: t) * mCorrection * root), ε: Scalar(epsilon * root), isStart: isStart)
  }

  /// The divisor of v.
  private func vWeight(at t: Int) -> Double {
    biasCorrection ? Schedule.constant(beta2).oneMinusProduct(through: t) : 1
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", correction: 1 / vWeight(at: t), epsilon: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.oneMinusβ1)
    // For the comparison alone: the change of v may fit although g² does not.
    let g2 = (g * g).finite
    let v = c.isStart ? g2 : s.v
    s.v = (v - Scalar.sign(v - g2) * (c.oneMinusβ2 * g * g)).finite
    θ -= (c.α * s.m).dividedOrZero(by: Scalar.squareRoot(s.v) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: 1 less the share of g² that v changes by"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("initialSecondMoment", \.initialSecondMoment, in: .nonNegative, "v₀: where the mean square starts")
        .requiring("startsFromGradient=false") { !$0.startsFromGradient },
      .flag("startsFromGradient", \.startsFromGradient, "v₀ is the square of the first gradient"),
      .flag("biasCorrection", \.biasCorrection, "divide the moments by 1 − βᵗ, as optax does"),
    ]
  }
}
