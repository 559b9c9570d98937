/// Gradient-free descent along random directions: two-point Gaussian smoothing (Nesterov & Spokoiny 2017).
///
///     ĝ = (f_B(θ + μ u) − f_B(θ)) / μ · u           (forward)
///     ĝ = (f_B(θ + μ u) − f_B(θ − μ u)) / (2 μ) · u  (symmetric)
///     θ ← θ − η ĝ
///
/// u is drawn from N(0, I), or uniformly from the unit sphere in d dimensions. On the sphere E uuᵀ is I ÷ d, so ĝ is
/// multiplied by d. E ĝ is the gradient of f averaged over such steps; for a quadratic f it is ∇f itself. All
/// evaluations of a step use the same terms B. With K directions ĝ is the mean of K estimates.
///
/// First step: depends on u. A step costs (K + 1) |B| values, 2 K |B| for symmetric differences, and no gradient. For
/// L-smooth f the paper has η = 1 / (4 (d + 4) L). μ should be small, but μ |u| must be far above θ's rounding: 1e-4
/// suits `Double`, 1e-2 suits `Float`.
public struct GaussianSmoothing<Scalar: LaneScalar>: SumMethod {
  /// η > 0.
  public var learningRate: Schedule
  /// μ > 0.
  public var smoothing: Double
  /// Which differences are taken.
  public var difference: Difference
  /// The distribution of the directions.
  public var directions: Directions
  /// K ≥ 1.
  public var directionCount: Int
  /// |B| in 1…n, drawn with replacement; all terms if none is given.
  public var batchSize: AutomaticCount

  public enum Difference: String, Codable, CaseIterable, Sendable { case forward, symmetric }
  public enum Directions: String, Codable, CaseIterable, Sendable { case gaussian, sphere }

  public init(
    learningRate: Schedule = 0.001, smoothing: Double = 1e-4, difference: Difference = .forward,
    directions: Directions = .gaussian, directionCount: Int = 1, batchSize: AutomaticCount = .automatic
  ) {
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.difference = difference
    self.directions = directions
    self.directionCount = directionCount
    self.batchSize = batchSize
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    /// ĝ of the last step.
    public internal(set) var estimate: ParameterVector<Scalar>
    let sampler: TermSampler
    let batchSize: Int?
    let stream: RandomStream
    var u: ParameterVector<Scalar>
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try check(batchSize: batchSize.count(automatic: n), count: n)
    var size: Int?
    if case .exactly(let count) = batchSize { size = count }
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    return State(
      parameters: θ, estimate: zeros, sampler: TermSampler(count: n, seed: seed), batchSize: size,
      stream: RandomStream(seed: seed, name: "directions"), u: zeros)
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    let terms = state.batchSize.map { state.sampler.draws($0, step: t) } ?? sum.allTerms
    let here =
      difference == .forward ? try sum.value(at: state.parameters, of: terms, step: t - 1) : 0
    var stream = state.stream.substream(UInt64(t))
    state.estimate.setToZero()
    for _ in 0..<directionCount {
      let weight = draw(&state.u, from: &stream)
      var point = state.parameters
      point.add(state.u, times: Scalar(smoothing))
      let ahead = try sum.value(at: point, of: terms, step: t - 1)
      var slope = (ahead - here) / smoothing
      if difference == .symmetric {
        point = state.parameters
        point.add(state.u, times: Scalar(-smoothing))
        slope = (ahead - (try sum.value(at: point, of: terms, step: t - 1))) / (2 * smoothing)
      }
      state.estimate.add(state.u, times: Scalar(weight * slope / Double(directionCount)))
    }
    state.parameters.add(state.estimate, times: Scalar(-learningRate(at: t)))
    state.stepCount = t
  }

  /// Draws a direction, element by element in the order of the blocks, and returns the factor of the estimate.
  private func draw(_ u: inout ParameterVector<Scalar>, from stream: inout RandomStream) -> Double {
    u.fill { Scalar(stream.normal()) }
    guard directions == .sphere else { return 1 }
    let norm = u.norm()
    if norm > 0 { u.scale(by: Scalar(1 / norm)) }
    return Double(u.layout.parameterCount)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "η: step size"),
      .number("smoothing", \.smoothing, in: .positive, "μ: length of the differences"),
      .choice("difference", \.difference, "(f(θ + μ u) − f(θ)) / μ (forward) or (f(θ + μ u) − f(θ − μ u)) / 2μ"),
      .choice("directions", \.directions, "u from N(0, I) or uniform on the sphere"),
      .integer("directionCount", \.directionCount, in: 1...1_000_000, "K: directions of a step"),
      .text("batchSize", \.batchSize, domain: AutomaticCount.domain, "|B|: terms drawn for a step; auto is all terms"),
    ]
  }
}
