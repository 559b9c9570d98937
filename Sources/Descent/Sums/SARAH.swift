/// SARAH: stochastic recursive gradient (Nguyen, Liu, Scheinberg & Takáč 2017, Algorithms 1 and 2).
///
///     every m steps:  v ← ∇f(θ)
///     else:           v ← ∇f_B(θₜ) − ∇f_B(θₜ₋₁) + v
///     θₜ₊₁ = θₜ − η v
///
/// B is drawn with replacement and is the same for both gradients. Unlike SVRG's v, this one is biased, but it
/// telescopes: if f is strongly convex, the variance of its steps falls within an epoch too.
///
/// First step: η ∇f(θ₀). A step costs 2 |B| term gradients; the first step of an epoch costs n. The next epoch starts
/// from one of the iterates 0…m, drawn at random (Algorithm 1), or from the last. With γ > 0 it is SARAH+ (Algorithm
/// 2): an epoch ends as soon as ‖v‖² ≤ γ ‖v₀‖², and the next starts where it ended; the paper uses γ = 1/8.
public struct SARAH<Scalar: LaneScalar>: SumMethod {
  /// η > 0.
  public var learningRate: Schedule
  /// m ≥ 1: steps of an epoch; 2n ÷ |B| if none is given.
  public var innerSteps: AutomaticCount
  /// |B| in 1…n.
  public var batchSize: Int
  /// Which iterate of an epoch the next one starts from.
  public var snapshot: Snapshot
  /// γ in [0, 1]: 0 for Algorithm 1, more for SARAH+.
  public var stopRatio: Double

  public init(
    learningRate: Schedule = 0.1, innerSteps: AutomaticCount = .automatic, batchSize: Int = 1,
    snapshot: Snapshot = .random, stopRatio: Double = 0
  ) {
    self.learningRate = learningRate
    self.innerSteps = innerSteps
    self.batchSize = batchSize
    self.snapshot = snapshot
    self.stopRatio = stopRatio
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    /// v of the last step.
    public internal(set) var direction: ParameterVector<Scalar>
    /// θ before the last step.
    var previous: ParameterVector<Scalar>
    var epoch: Epoch<Scalar>
    /// ‖v₀‖² of the epoch.
    var firstSquare = 0.0
    let sampler: TermSampler
    var scratch: ParameterVector<Scalar>
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try check(batchSize: batchSize, count: n)
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    let m = innerSteps.count(automatic: 2 * n / batchSize)
    return State(
      parameters: θ, direction: zeros, previous: θ,
      epoch: Epoch(
        length: m, candidates: min(m, .max - 1) + 1, isRandom: snapshot == .random && stopRatio == 0, seed: seed),
      sampler: TermSampler(count: n, seed: seed), scratch: zeros)
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    if state.epoch.isStart {
      try sum.value(at: state.parameters, of: sum.allTerms, gradient: &state.direction, step: t - 1)
      state.firstSquare = state.direction.sumOfSquares()
    } else {
      let batch = sum.batch(state.sampler.draws(batchSize, step: t), step: t - 1)
      _ = try batch.value(at: state.parameters, gradient: &state.scratch)
      state.direction.add(state.scratch)
      _ = try batch.value(at: state.previous, gradient: &state.scratch)
      state.direction.subtract(state.scratch)
    }
    state.epoch.visit(state.parameters)
    state.previous = state.parameters
    state.parameters.add(state.direction, times: Scalar(-learningRate(at: t)))
    let isShort = stopRatio > 0 && state.direction.sumOfSquares() <= stopRatio * state.firstSquare
    state.epoch.advance(&state.parameters, isLast: isShort)
    state.stepCount = t
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "η: step size"),
      .text("innerSteps", \.innerSteps, domain: AutomaticCount.domain, "m: steps of an epoch; auto is 2n ÷ |B|"),
      .integer("batchSize", \.batchSize, in: 1...1_000_000_000, "|B|: terms drawn for a step"),
      .choice("snapshot", \.snapshot, "the epoch's iterate that the next one starts from"),
      .number("stopRatio", \.stopRatio, in: .closedUnit, "γ: an epoch ends once ‖v‖² ≤ γ ‖v₀‖² (SARAH+); 0 for never"),
    ]
  }
}
