/// AdaGrad-Norm: one step size from the norms of all gradients so far (Ward, Wu & Bottou 2019, Algorithm 1).
///
///     b² ← b² + ‖g‖²,   b = b₀ at the start
///     θ ← θ − α g / b
///
/// ‖g‖ is the norm over all parameters. First step: α g / √(b₀² + ‖g‖²). 0 / 0 = 0. It converges for every α and b₀,
/// without knowledge of the smoothness. The coordinate-wise form is ``AdaGrad``; in ``DelayedAdaGradNorm`` the sum ends
/// before the present gradient.
public struct AdaGradNorm<Scalar: LaneScalar>: VectorRule {
  /// α ≥ 0, the paper's η.
  public var learningRate: Schedule
  /// b₀ ≥ 0.
  public var initialNorm: Double

  public init(learningRate: Schedule = 1, initialNorm: Double = 0.1) {
    self.learningRate = learningRate
    self.initialNorm = initialNorm
  }

  public struct State: Sendable {
    /// Σ ‖g‖².
    @usableFromInline var sum = 0.0
    @inlinable init() {}
  }

  public static var fields: [StateField<State, Scalar>] { [.number("sum", \.sum, in: .nonNegative)] }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { State() }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    let limit = Scalar.largestSummable(count: θ.layout.parameterCount)
    state.sum = Double.finite(state.sum + g.sumOfSquares(limit: limit, threads: threads))
    let b = (initialNorm * initialNorm + state.sum).squareRoot()
    let scale = b == 0 ? 0 : Scalar.finite(learningRate(at: t) / b)
    let (x, g) = (θ.mutableLanes(), g.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { i in
      x[i] = (x[i] - scale * g[i].infinityAsNaN.limited(to: limit)).finite
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("initialNorm", \.initialNorm, in: .nonNegative, "b₀: where the root of the sum starts"),
    ]
  }
}
