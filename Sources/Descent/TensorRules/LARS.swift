/// LARS: layer-wise adaptive rate scaling (You, Gitman & Ginsburg 2017, Algorithm 1).
///
///     λₗ = η ‖θ‖ / (‖g‖ + λ ‖θ‖)
///     v ← μ v + α λₗ (g + λ θ)
///     θ ← θ − v
///
/// with the norms of one parameter. First step: α η ‖θ‖ in the direction of g, whatever its scale. λₗ is 1 for a
/// parameter whose θ or g is all zeros, as in the authors' Caffe and in every peer: with the paper's 0 it would never
/// move. Vectors and scalars are layers, like matrices, unless ``minimumRank`` says otherwise. The method reads nothing
/// else of a shape, so it does not matter which extents are inputs and which outputs.
///
/// Peers: optax divides by ‖g + λ θ‖ (``Denominator/normOfSum``); TensorFlow's and NVIDIA's large-batch recipes leave
/// biases and normalization out: `minimumRank: 2` gives such parameters λₗ = 1. The paper names no α; its λ is 0.0005.
public struct LARS<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0, the paper's global rate γ.
  public var learningRate: Schedule
  /// η > 0: the norm of a step with α = 1, as a share of ‖θ‖.
  public var trustCoefficient: Double
  /// μ in [0, 1).
  public var momentum: Double
  /// λ ≥ 0 of the penalty ½ λ ‖θ‖², which the ratio takes into account.
  public var weightDecay: Double
  /// ε ≥ 0, added to the ratio's denominator.
  public var epsilon: Double
  /// What ‖θ‖ is divided by.
  public var denominator: Denominator
  /// A parameter of fewer dimensions has λₗ = 1.
  public var minimumRank: Int

  public init(
    learningRate: Schedule = 1, trustCoefficient: Double = 0.001, momentum: Double = 0.9, weightDecay: Double = 0,
    epsilon: Double = 0, denominator: Denominator = .sumOfNorms, minimumRank: Int = 0
  ) {
    self.learningRate = learningRate
    self.trustCoefficient = trustCoefficient
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.epsilon = epsilon
    self.denominator = denominator
    self.minimumRank = minimumRank
  }

  /// What ‖θ‖ is divided by.
  public enum Denominator: String, Codable, CaseIterable, Sendable {
    /// ‖g‖ + λ ‖θ‖ + ε: the paper.
    case sumOfNorms
    /// ‖g + λ θ‖ + ε: optax.
    case normOfSum
  }

  public struct State: Sendable {
    @usableFromInline var v: LaneArray<Scalar>
    @inlinable init(v: LaneArray<Scalar>) { self.v = v }
  }

  public static var fields: [StateField<State, Scalar>] { [.array("v", \.v)] }

  public static var dependsOnAxes: Bool { false }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State { State(v: LaneArray(zeros: θ.shape)) }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let α = Scalar.finite(learningRate(at: t) * ratio(θ, g))
    let (μ, λ) = (Scalar(momentum), Scalar(weightDecay))
    let v = state.v.mutableLanes()
    for i in 0..<θ.laneCount {
      let x = θ.lanes[i]
      let u = (μ * v[i] + α * (g.lanes[i].infinityAsNaN + λ * x).finite).finite
      v[i] = u
      θ.lanes[i] = (x - u).finite
    }
  }

  /// λₗ.
  @inlinable
  func ratio(_ θ: TensorView<Scalar>, _ g: TensorView<Scalar>) -> Double {
    guard θ.shape.count >= minimumRank else { return 1 }
    let θNorm = θ.norm
    var divisor: Double
    switch denominator {
    case .sumOfNorms:
      let gNorm = g.norm
      guard gNorm != 0 else { return 1 }
      divisor = gNorm + weightDecay * θNorm
    case .normOfSum:
      divisor = g.norm(adding: weightDecay, times: θ)
    }
    guard θNorm != 0, divisor != 0 else { return 1 }
    return trustCoefficient * θNorm / (divisor + epsilon)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: global rate"),
      .number("trustCoefficient", \.trustCoefficient, in: .positive, "η: step's norm as a share of ‖θ‖"),
      .number("momentum", \.momentum, in: .unit, "μ: share of the last step that is repeated"),
      .number("weightDecay", \.weightDecay, in: .nonNegative, "λ: of the penalty ½ λ ‖θ‖², inside the ratio"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the ratio's denominator"),
      .choice("denominator", \.denominator, "‖g‖ + λ ‖θ‖ (sumOfNorms, the paper) or ‖g + λ θ‖ (normOfSum, optax)")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
      .integer("minimumRank", \.minimumRank, in: 0...100, "parameters of fewer dimensions have the ratio 1"),
    ]
  }
}
