/// D-Adapted Adam: Adam that estimates its step size, the distance d to the solution, on the way (Defazio & Mishchenko
/// 2023, Algorithm 5).
///
///     r ← √β₂ r + (1 − √β₂) d α ⟨g, s / (√v + ε)⟩      with the s and v before g
///     m ← β₁ m + (1 − β₁) d α g,   v ← β₂ v + (1 − β₂) g²
///     s ← √β₂ s + (1 − √β₂) d α g
///     θ ← θ − m / (√v + ε)
///     d ← max(d, r / ((1 − √β₂) ‖s‖₁))
///
/// with the inner product and the norm over all parameters. First step: d₀ α (1 − β₁) / √(1 − β₂) sign(g). Leave α at
/// 1. A gradient of zeros changes nothing. It follows the authors' code; optax.contrib.dadapt_adamw always
/// corrects the bias.
public struct DAdaptAdam<Scalar: LaneScalar>: VectorRule {
  /// α ≥ 0: a factor of the estimated step size.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// d₀ > 0: the first estimate.
  public var initialDistance: Double
  /// How much d may grow in a step, at least 1; 0 for no bound.
  public var growthRate: Double
  /// λ ≥ 0 of decoupled decay, times d α.
  public var weightDecay: Double
  /// Whether α is multiplied by √(1 − β₂ᵗ) / (1 − β₁ᵗ).
  public var biasCorrection: Bool

  public init(
    learningRate: Schedule = 1, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    initialDistance: Double = 1e-6, growthRate: Double = 0, weightDecay: Double = 0, biasCorrection: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.initialDistance = initialDistance
    self.growthRate = growthRate
    self.weightDecay = weightDecay
    self.biasCorrection = biasCorrection
  }

  public struct State: Sendable {
    @usableFromInline var m, v, s: ParameterVector<Scalar>
    @usableFromInline var d: Double
    @usableFromInline var r = 0.0

    @inlinable
    init(layout: ParameterLayout, d: Double) {
      m = ParameterVector(zeros: layout)
      v = ParameterVector(zeros: layout)
      s = ParameterVector(zeros: layout)
      self.d = d
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [.vector("m", \.m), .vector("v", \.v), .vector("s", \.s), .number("d", \.d, in: .nonNegative), .number("r", \.r)]
  }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(layout: θ.layout, d: initialDistance) }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    let rate = Double.finite(state.d * learningRate(at: t) * (biasCorrection ? correction(beta1, beta2, at: t) : 1))
    let rootβ2 = beta2.squareRoot()
    let (m, v, s) = (state.m.mutableLanes(), state.v.mutableLanes(), state.s.mutableLanes())
    let (oneMinusβ1, oneMinusβ2, oneMinusRoot) = (Scalar(1 - beta1), Scalar(1 - beta2), Scalar(1 - rootβ2))
    let (scale, ε) = (Scalar.finite(rate), Scalar(epsilon))
    let summable = Scalar.largestSummable(count: θ.layout.parameterCount)
    let limit = min(Scalar.largestGradient(squaresWeighedBy: 1 - beta2), summable)
    let lanes = g.lanes
    let sums = summed(lanes: θ.laneCount, threads: threads) { range in
      var (product, sum) = (Scalar.Wide.zero, Scalar.Wide.zero)
      for i in range {
        let g = lanes[i].infinityAsNaN.limited(to: limit)
        let step = scale * g
        let direction = s[i].dividedOrZero(by: Scalar.squareRoot(v[i]) + ε).limited(to: summable)
        product += Scalar.widened(g) * Scalar.widened(direction)
        m[i].decay(toward: step, by: oneMinusβ1)
        v[i].decay(towardSquareOf: g, by: oneMinusβ2)
        s[i].decay(toward: step.limited(to: summable), by: oneMinusRoot)
        sum += Scalar.widened(Scalar.magnitude(s[i]))
      }
      return SumPair(product.sum(), sum.sum())
    }
    guard sums[1] != 0 else { return }
    state.r = Double.finite(rootβ2 * state.r + (1 - rootβ2) * rate * sums[0])
    let estimate = Double.finite(state.r / ((1 - rootβ2) * sums[1]))
    let bound = growthRate > 0 ? state.d * growthRate : .infinity
    state.d = larger(state.d, bound < estimate ? bound : estimate)

    let decay = Scalar.finite(rate * weightDecay)
    let x = θ.mutableLanes()
    forEachLane(in: θ.laneCount, threads: threads) { i in
      let step = (decay * x[i]).finite + m[i].dividedOrZero(by: Scalar.squareRoot(v[i]) + ε)
      x[i] = (x[i] - step).finite
    }
  }

  public static var obstacleToMoving: String? {
    "the estimated step size counts the method's own steps alone, and would not see what else is done to θ"
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: factor of the estimated step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .openUnit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("initialDistance", \.initialDistance, in: .positive, "d₀: first estimate"),
      .number("growthRate", \.growthRate, in: .nonNegative, "how much d may grow in a step; 0 for no bound"),
      .number("weightDecay", \.weightDecay, in: .nonNegative, "λ: of decoupled decay, times d α"),
      .flag("biasCorrection", \.biasCorrection, "multiply α by √(1 − β₂ᵗ) / (1 − β₁ᵗ)"),
    ]
  }
}
