import RealModule

/// STORM: stochastic recursive momentum (Cutkosky & Orabona 2019, Algorithm 1).
///
///     Gₜ = ‖∇f_Bₜ(θₜ)‖
///     dₜ = ∇f_Bₜ(θₜ) + (1 − aₜ) (dₜ₋₁ − ∇f_Bₜ(θₜ₋₁)),  d₁ = ∇f_B₁(θ₁)
///     ηₜ = k / (w + Σ_{i≤t} Gᵢ²)^⅓
///     θₜ₊₁ = θₜ − ηₜ dₜ,  aₜ₊₁ = min(1, c ηₜ²)
///
/// Variance reduction without snapshots or large batches: momentum whose old part is corrected by the difference of two
/// gradients on the same terms Bₜ, drawn with replacement. With a = 1 it is SGD, with a = 0 SARAH without restarts.
///
/// First step: k g / (w + ‖g‖²)^⅓. A step costs 2 |B| term gradients, the first |B|. The theory requires w ≥ (4 L k)³
/// and c k² ≤ w^⅔, so that a ≤ 1; a larger a is cut to 1, as in the authors' code. That code also has a step size for
/// each coordinate and clips d. The paper's experiments use w = k = 0.1 and tune c.
public struct STORM<Scalar: LaneScalar>: SumMethod {
  /// k > 0.
  public var k: Double
  /// w > 0.
  public var w: Double
  /// c ≥ 0.
  public var c: Double
  /// |B| in 1…n.
  public var batchSize: Int

  public init(k: Double = 0.1, w: Double = 0.1, c: Double = 10, batchSize: Int = 1) {
    self.k = k
    self.w = w
    self.c = c
    self.batchSize = batchSize
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    /// dₜ of the last step.
    public internal(set) var direction: ParameterVector<Scalar>
    var previous: ParameterVector<Scalar>
    /// Σ Gᵢ².
    var squareSum = 0.0
    /// aₜ of the next step.
    var momentum = 1.0
    let sampler: TermSampler
    var scratch: ParameterVector<Scalar>
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try check(batchSize: batchSize, count: n)
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    return State(
      parameters: θ, direction: zeros, previous: θ, sampler: TermSampler(count: n, seed: seed), scratch: zeros)
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: inout CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    let terms = state.sampler.draws(batchSize, step: t)
    if t > 1 {
      try sum.value(at: state.previous, of: terms, gradient: &state.scratch, step: t - 1)
      state.direction.subtract(state.scratch)
      state.direction.scale(by: Scalar(1 - state.momentum))
    }
    try sum.value(at: state.parameters, of: terms, gradient: &state.scratch, step: t - 1)
    state.direction.add(state.scratch)
    state.squareSum += state.scratch.sumOfSquares()
    let η = k / Double.root(w + state.squareSum, 3)
    state.previous = state.parameters
    state.parameters.add(state.direction, times: Scalar(-η))
    state.momentum = min(1, c * η * η)
    state.stepCount = t
  }

  public static var options: [RuleOption<Self>] {
    [
      .number("k", \.k, in: .positive, "k: the step size is k / (w + Σ G²)^⅓"),
      .number("w", \.w, in: .positive, "w: what the sum of squares starts from"),
      .number("c", \.c, in: .nonNegative, "c: the momentum's a is c η²"),
      .integer("batchSize", \.batchSize, in: 1...1_000_000_000, "|B|: terms drawn for a step"),
    ]
  }
}
