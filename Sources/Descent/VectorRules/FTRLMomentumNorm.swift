/// Momentum derived from Follow-The-Regularized-Leader, with one adaptive step size (Li, Liu & Orabona 2022):
/// increasing momentum, updates that shrink.
///
///     G ← G + αₜ gₜ,   S ← S + αₜ
///     γ = c / √(b + Σ αᵢ² ‖gᵢ‖²)                      the sum over i = 1, …, t
///     z = θ₀ − γ G
///     θ ← (S θ + αₜ₊₁ z) / (S + αₜ₊₁)
///
/// ‖g‖ is the norm over all parameters. First step, with αₜ = 1: −γ g / 2. The method is momentum on the mean gradient
/// with βₜ = Sₜ₋₁ / Sₜ, which tends to 1, and a pull to θ₀ with the weight αₜ₊₁ / Sₜ₊₁. Without the pull the bound on
/// the last iterate, O(1 / √T), is lost. 0 / 0 = 0.
public struct FTRLMomentumNorm<Scalar: LaneScalar>: VectorRule {
  /// c ≥ 0.
  public var learningRate: Schedule
  /// b ≥ 0: where the sum of squared norms starts.
  public var initialAccumulator: Double
  /// αₜ > 0: the weight of the gradient and of the leader z.
  public var weight: Schedule

  public init(learningRate: Schedule = 0.1, initialAccumulator: Double = 0, weight: Schedule = 1) {
    self.learningRate = learningRate
    self.initialAccumulator = initialAccumulator
    self.weight = weight
  }

  public struct State: Sendable {
    @usableFromInline var G, start: ParameterVector<Scalar>
    /// Σ αᵢ² ‖gᵢ‖².
    @usableFromInline var squares = 0.0
    /// S.
    @usableFromInline var weights = 0.0

    @inlinable
    init(start: ParameterVector<Scalar>) {
      G = ParameterVector(zeros: start.layout)
      self.start = start
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("G", \.G), .vector("start", \.start), .number("squares", \.squares, in: .nonNegative),
      .number("weights", \.weights, in: .nonNegative),
    ]
  }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { State(start: θ) }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    let α = weight(at: t)
    let limit = Scalar.largestSummable(count: θ.layout.parameterCount)
    state.squares = Double.finite(state.squares + α * α * g.sumOfSquares(limit: limit, threads: threads))
    state.weights += α
    let next = weight(at: t + 1)
    let share = next / (state.weights + next)
    let root = (initialAccumulator + state.squares).squareRoot()
    let γ = root == 0 ? 0 : learningRate(at: t) / root
    let (w, scale, a) = (Scalar(share), Scalar.finite(share * γ), Scalar(α))
    let (x, G) = (θ.mutableLanes(), state.G.mutableLanes())
    let (start, g) = (state.start.lanes, g.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { i in
      G[i] = (G[i] + a * g[i].infinityAsNaN.limited(to: limit)).finite
      x[i] = ((x[i] - w * (x[i] - start[i]).finite) - scale * G[i]).finite
    }
  }

  public static var obstacleToMoving: String? {
    "each step computes θ anew from the start and the gradients' sum, and forgets what else was done to θ"
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "c: step size"),
      .number("initialAccumulator", \.initialAccumulator, in: .nonNegative, "b: where the sum of squared norms starts"),
      .schedule("weight", \.weight, in: .positive, "αₜ: weight of a gradient and of the leader"),
    ]
  }
}
