/// SPIDER: stochastic path-integrated differential estimator (Fang, Li, Lin & Zhang 2018, Algorithm 1, SPIDER-SFO).
///
///     every q steps:  v ← ∇f_{S₁}(θ)
///     else:           v ← ∇f_{S₂}(θₜ) − ∇f_{S₂}(θₜ₋₁) + v
///     θₜ₊₁ = θₜ − η v,  η = min(ε / (L n₀ ‖v‖), 1 / (2 L n₀))   (option II)
///                       η = ε / (L n₀ ‖v‖)                       (option I)
///
/// SARAH's estimate with steps of a bounded length, for non-convex f with L-smooth terms: no step is longer than ε ÷
/// (L n₀), and option II takes ordinary gradient steps once ‖v‖ < 2 ε. With S₁ = all terms, S₂ = √n ÷ n₀ and q = n₀
/// √n, it finds ‖∇f‖ ≤ ε in O(√n ÷ ε²) term gradients. Both gradients of a step use the same terms, drawn with
/// replacement.
///
/// First step: ∇f(θ₀) times η. A step costs 2 S₂ term gradients; every q-th step costs S₁. Option I in the paper also
/// stops once ‖v‖ is of the order of ε; here the watching closure decides.
public struct SPIDER<Scalar: LaneScalar>: SumMethod {
  /// L > 0: the gradients' Lipschitz constant.
  public var smoothness: Double
  /// ε > 0: the gradient's norm that is aimed at.
  public var accuracy: Double
  /// n₀ ≥ 1, at most √n: larger means smaller batches and shorter steps.
  public var batchDivisor: Double
  /// q ≥ 1; n₀ √n if none is given.
  public var period: AutomaticCount
  /// S₁ in 1…n; all terms, each once, if none is given.
  public var largeBatchSize: AutomaticCount
  /// S₂ in 1…n; √n ÷ n₀ if none is given.
  public var batchSize: AutomaticCount
  /// The step's length.
  public var stepForm: StepForm

  /// The step's length.
  public enum StepForm: String, Codable, CaseIterable, Sendable {
    /// min(ε / (L n₀ ‖v‖), 1 / (2 L n₀)) ‖v‖: option II.
    case bounded
    /// ε / (L n₀): option I.
    case normalized
  }

  public init(
    smoothness: Double = 1, accuracy: Double = 0.01, batchDivisor: Double = 1, period: AutomaticCount = .automatic,
    largeBatchSize: AutomaticCount = .automatic, batchSize: AutomaticCount = .automatic, stepForm: StepForm = .bounded
  ) {
    self.smoothness = smoothness
    self.accuracy = accuracy
    self.batchDivisor = batchDivisor
    self.period = period
    self.largeBatchSize = largeBatchSize
    self.batchSize = batchSize
    self.stepForm = stepForm
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    /// v of the last step.
    public internal(set) var direction: ParameterVector<Scalar>
    var previous: ParameterVector<Scalar>
    let period, batchSize: Int
    /// nil for all terms.
    let largeBatchSize: Int?
    let sampler: TermSampler
    var scratch: ParameterVector<Scalar>
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try validate()
    let root = Double(n).squareRoot()
    let small = batchSize.count(automatic: Int((root / max(1, batchDivisor)).rounded()))
    try check(batchSize: small, count: n)
    try check(batchSize: largeBatchSize.count(automatic: n), option: "largeBatchSize", count: n)
    guard batchDivisor >= 1, batchDivisor <= root else {
      throw .invalidOption(
        rule: Self.name, option: "batchDivisor", problem: "\(batchDivisor) is not in [1, √n] with n = \(n) terms")
    }
    var large: Int?
    if case .exactly(let size) = largeBatchSize { large = size }
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    return State(
      parameters: θ, direction: zeros, previous: θ,
      period: period.count(automatic: Int((batchDivisor * root).rounded())), batchSize: small, largeBatchSize: large,
      sampler: TermSampler(count: n, seed: seed), scratch: zeros)
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    if (t - 1) % state.period == 0 {
      let terms = state.largeBatchSize.map { state.sampler.draws($0, step: t) } ?? sum.allTerms
      try sum.value(at: state.parameters, of: terms, gradient: &state.direction, step: t - 1)
    } else {
      let batch = sum.batch(state.sampler.draws(state.batchSize, step: t), step: t - 1)
      _ = try batch.value(at: state.parameters, gradient: &state.scratch)
      state.direction.add(state.scratch)
      _ = try batch.value(at: state.previous, gradient: &state.scratch)
      state.direction.subtract(state.scratch)
    }
    state.previous = state.parameters
    let norm = state.direction.norm()
    if norm > 0 { state.parameters.add(state.direction, times: Scalar(-stepSize(norm: norm))) }
    state.stepCount = t
  }

  /// η for ‖v‖ = `norm` > 0.
  func stepSize(norm: Double) -> Double {
    let normalized = accuracy / (smoothness * batchDivisor * norm)
    return stepForm == .normalized ? normalized : min(normalized, 1 / (2 * smoothness * batchDivisor))
  }

  public static var options: [RuleOption<Self>] {
    [
      .number("smoothness", \.smoothness, in: .positive, "L: Lipschitz constant of the gradients"),
      .number("accuracy", \.accuracy, in: .positive, "ε: the gradient's norm that is aimed at"),
      .number("batchDivisor", \.batchDivisor, in: .positive, "n₀ in 1…√n: divides S₂ and the step, multiplies q"),
      .text("period", \.period, domain: AutomaticCount.domain, "q: steps between large batches; auto is n₀ √n"),
      .text("largeBatchSize", \.largeBatchSize, domain: AutomaticCount.domain, "S₁: auto is all terms"),
      .text("batchSize", \.batchSize, domain: AutomaticCount.domain, "S₂: auto is √n ÷ n₀"),
      .choice("stepForm", \.stepForm, "length of a step: at most ε / (L n₀) (bounded) or always that (normalized)"),
    ]
  }
}
