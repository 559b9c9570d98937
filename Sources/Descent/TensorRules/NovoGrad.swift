/// NovoGrad: momentum on gradients divided by each parameter's norm (Ginsburg et al. 2019, Algorithm 1).
///
///     v ← β₂ v + (1 − β₂) ‖g‖²,                v₁ = ‖g₁‖²
///     m ← β₁ m + (g / (√v + ε) + λ θ),         m₀ = 0
///     θ ← θ − α m
///
/// v is one number for each parameter. First step: α g / ‖g‖ (α sign(g) for a scalar). The new gradient has the whole
/// weight 1, so steady steps are α / (1 − β₁); ``gradientAveraging`` gives it 1 − β₁. A vector is a layer, like a
/// matrix: the method reads no shape, so it does not matter which extents are inputs and which outputs.
///
/// Peers: optax has this with β₁ = 0.9, β₂ = 0.25 and ε = 1e-6, and m₁ = g₁ / (‖g₁‖ + ε) + λ θ; NVIDIA's code has ε =
/// 1e-8 and `grad_averaging`. The paper has ε only from the second step on; here it is used from the first, as in
/// all code.
public struct NovoGrad<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to √v.
  public var epsilon: Double
  /// λ ≥ 0: of the decay that enters m.
  public var weightDecay: Double
  /// Whether a new gradient enters m with the weight 1 − β₁ instead of 1.
  public var gradientAveraging: Bool

  public init(
    learningRate: Schedule = 0.01, beta1: Double = 0.95, beta2: Double = 0.98, epsilon: Double = 1e-8,
    weightDecay: Double = 0, gradientAveraging: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.gradientAveraging = gradientAveraging
  }

  public struct State: Sendable {
    @usableFromInline var m: LaneArray<Scalar>
    @usableFromInline var v = 0.0
    @inlinable init(m: LaneArray<Scalar>) { self.m = m }
  }

  public static var fields: [StateField<State, Scalar>] { [.array("m", \.m), .number("v", \.v, in: .nonNegative)] }

  public static var dependsOnAxes: Bool { false }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State { State(m: LaneArray(zeros: θ.shape)) }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let limit = Scalar.largestSummable(count: g.count)
    let squares = Scalar.sumOfSquares(g.lanes, count: g.laneCount, limit: limit)
    if t == 1 {
      state.v = squares
    } else {
      state.v = (state.v - (1 - beta2) * state.v) + (1 - beta2) * squares
    }
    let root = state.v.squareRoot() + epsilon
    let weight = gradientAveraging ? 1 - beta1 : 1
    let scale = root == 0 ? 0 : Scalar.finite(weight / root)
    let λ = Scalar(weight * weightDecay)
    let (α, β1) = (Scalar(learningRate(at: t)), Scalar(beta1))
    let m = state.m.mutableLanes()
    for i in 0..<θ.laneCount {
      let x = θ.lanes[i]
      let u = (β1 * m[i] + (scale * g.lanes[i].infinityAsNaN.limited(to: limit) + λ * x)).finite
      m[i] = u
      θ.lanes[i] = (x - α * u).finite
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the momentum"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean squared norm"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("weightDecay", \.weightDecay, in: .nonNegative, "λ: of the decay that enters the momentum"),
      .flag("gradientAveraging", \.gradientAveraging, "weigh a new gradient with 1 − β₁ instead of 1"),
    ]
  }
}
