/// SVRG: stochastic variance-reduced gradient (Johnson & Zhang 2013).
///
///     every m steps:  w̃ ← θ,  μ ← ∇f(w̃)
///     v = ∇f_B(θ) − ∇f_B(w̃) + μ
///     θ ← θ − η v
///
/// B is drawn with replacement and is the same for both gradients. E v = ∇f(θ), and the variance of v falls to zero as
/// θ and w̃ approach the minimizer. So a constant η converges linearly if f is strongly convex.
///
/// First step: η ∇f(θ₀). A step costs 2 |B| term gradients and a snapshot n: with the defaults, an epoch of 2n steps
/// costs 5n. The snapshot is the last iterate (option I), or w_k with k drawn from 0…m − 1 (option II, which the
/// theory covers). The next epoch starts from it too. For non-convex objectives, η about 1 ÷ (L n^⅔) is proven (Reddi,
/// Hefny, Sra, Póczos & Smola 2016).
public struct SVRG<Scalar: LaneScalar>: SumMethod {
  /// η > 0.
  public var learningRate: Schedule
  /// m ≥ 1: steps between snapshots; 2n ÷ |B| if none is given.
  public var innerSteps: AutomaticCount
  /// |B| in 1…n.
  public var batchSize: Int
  /// Which iterate of an epoch becomes the next snapshot.
  public var snapshot: Snapshot

  public init(
    learningRate: Schedule = 0.1, innerSteps: AutomaticCount = .automatic, batchSize: Int = 1,
    snapshot: Snapshot = .last
  ) {
    self.learningRate = learningRate
    self.innerSteps = innerSteps
    self.batchSize = batchSize
    self.snapshot = snapshot
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    /// w̃.
    public internal(set) var snapshot: ParameterVector<Scalar>
    /// μ = ∇f(w̃).
    public internal(set) var snapshotGradient: ParameterVector<Scalar>
    /// v of the last step.
    public internal(set) var direction: ParameterVector<Scalar>
    var epoch: Epoch<Scalar>
    let sampler: TermSampler
    var gradientAtSnapshot: ParameterVector<Scalar>
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try check(batchSize: batchSize, count: n)
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    let m = innerSteps.count(automatic: 2 * n / batchSize)
    return State(
      parameters: θ, snapshot: θ, snapshotGradient: zeros, direction: zeros,
      epoch: Epoch(length: m, candidates: m, isRandom: snapshot == .random, seed: seed),
      sampler: TermSampler(count: n, seed: seed), gradientAtSnapshot: zeros)
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    if state.epoch.isStart {
      state.snapshot = state.parameters
      try sum.value(at: state.snapshot, of: sum.allTerms, gradient: &state.snapshotGradient, step: t - 1)
    }
    state.epoch.visit(state.parameters)
    let batch = sum.batch(state.sampler.draws(batchSize, step: t), step: t - 1)
    _ = try batch.value(at: state.parameters, gradient: &state.direction)
    _ = try batch.value(at: state.snapshot, gradient: &state.gradientAtSnapshot)
    state.direction.subtract(state.gradientAtSnapshot)
    state.direction.add(state.snapshotGradient)
    state.parameters.add(state.direction, times: Scalar(-learningRate(at: t)))
    state.epoch.advance(&state.parameters)
    state.stepCount = t
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "η: step size"),
      .text("innerSteps", \.innerSteps, domain: AutomaticCount.domain, "m: steps between snapshots; auto is 2n ÷ |B|"),
      .integer("batchSize", \.batchSize, in: 1...1_000_000_000, "|B|: terms drawn for a step"),
      .choice("snapshot", \.snapshot, "the epoch's iterate that the next one starts from"),
    ]
  }
}

/// Which iterate of an epoch the next epoch starts from.
public enum Snapshot: String, Codable, CaseIterable, Sendable {
  /// The last one, as in practice.
  case last
  /// One of them, each with the same probability, as the theory assumes.
  case random
}
