/// D-Adapted SGD: gradient descent that estimates its step size, the distance d to the solution, on the way (Defazio &
/// Mishchenko 2023, Algorithm 4).
///
///     λ = d α / ‖g₁‖
///     r ← r + λ ⟨g, s⟩
///     s ← s + λ g
///     z = θ₀ − s
///     θ ← β θ + (1 − β) z
///     d ← max(d, 2 r / ‖s‖)
///
/// with norms and the inner product over all parameters. First step: d₀ α (1 − β) in the direction of g. Leave α at 1.
/// g₁ is the first gradient that is not zero; nothing happens before. The method follows the authors' code; the paper's
/// (‖s‖² − Σ λ² ‖g‖²) / ‖s‖ is the same estimate.
public struct DAdaptSGD<Scalar: LaneScalar>: VectorRule {
  /// α ≥ 0: a factor of the estimated step size.
  public var learningRate: Schedule
  /// β in [0, 1).
  public var momentum: Double
  /// d₀ > 0: the first estimate.
  public var initialDistance: Double
  /// How much d may grow in a step, at least 1; 0 for no bound.
  public var growthRate: Double

  public init(
    learningRate: Schedule = 1, momentum: Double = 0, initialDistance: Double = 1e-6, growthRate: Double = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.initialDistance = initialDistance
    self.growthRate = growthRate
  }

  public struct State: Sendable {
    @usableFromInline var s, start: ParameterVector<Scalar>
    @usableFromInline var d: Double
    @usableFromInline var r = 0.0
    /// ‖g₁‖; 0 before it.
    @usableFromInline var firstNorm = 0.0

    @inlinable
    init(start: ParameterVector<Scalar>, d: Double) {
      s = ParameterVector(zeros: start.layout)
      self.start = start
      self.d = d
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("s", \.s), .vector("start", \.start), .number("d", \.d, in: .nonNegative), .number("r", \.r),
      .number("firstNorm", \.firstNorm, in: .nonNegative),
    ]
  }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(start: θ, d: initialDistance) }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    if state.firstNorm == 0 { state.firstNorm = g.norm(threads: threads) }
    guard state.firstNorm != 0 else { return }
    // Finite, so that 0 · ∞ cannot arise.
    let λ = Double.finite(state.d * learningRate(at: t) / state.firstNorm)
    let scale = Scalar.finite(λ)
    let (lanes, s) = (g.lanes, state.s.mutableLanes())
    let limit = Scalar.largestSummable(count: θ.layout.parameterCount)
    let sums = summed(lanes: θ.laneCount, threads: threads) { range in
      var (product, squares) = (Scalar.Wide.zero, Scalar.Wide.zero)
      for i in range {
        let g = lanes[i].infinityAsNaN.limited(to: limit)
        product += Scalar.widened(g) * Scalar.widened(s[i])
        s[i] = (s[i] + scale * g).limited(to: limit)
        let sum = Scalar.widened(s[i])
        squares += sum * sum
      }
      return SumPair(product.sum(), squares.sum())
    }
    guard sums[1] != 0 else { return }
    state.r = Double.finite(state.r + λ * sums[0])
    let estimate = Double.finite(2 * state.r / sums[1].squareRoot())
    let bound = growthRate > 0 ? state.d * growthRate : .infinity
    state.d = larger(state.d, bound < estimate ? bound : estimate)

    let (x, start) = (θ.mutableLanes(), state.start.lanes)
    let weight = Scalar(1 - momentum)
    forEachLane(in: θ.laneCount, threads: threads) { x[$0].decay(toward: start[$0] - s[$0], by: weight) }
  }

  public static var obstacleToMoving: String? {
    "each step computes θ anew from the start and the gradients' sum, and forgets what else was done to θ"
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: factor of the estimated step size"),
      .number("momentum", \.momentum, in: .unit, "β: share of θ that is kept"),
      .number("initialDistance", \.initialDistance, in: .positive, "d₀: first estimate"),
      .number("growthRate", \.growthRate, in: .nonNegative, "how much d may grow in a step; 0 for no bound"),
    ]
  }
}
