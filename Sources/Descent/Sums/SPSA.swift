import RealModule

/// SPSA: simultaneous perturbation stochastic approximation (Spall 1992, gains of Spall 1998).
///
///     Δᵢ = ±1, each with probability ½
///     ĝᵢ = (f_B(θ + c_k Δ) − f_B(θ − c_k Δ)) / (2 c_k Δᵢ)
///     θ ← θ − a_k ĝ
///     a_k = a / (A + k + 1)^α,  c_k = c / (k + 1)^γ,  k = 0, 1, …
///
/// Two values estimate the whole gradient, in any dimension: E ĝ = ∇f + O(c_k²).
///
/// First step: a_0 |(∇f · Δ)| in every coordinate. A step costs 2 |B| values and no gradient; both use the same terms.
/// α = 0.602 and γ = 0.101 are Spall's practical choice (the theory's limits are 1 and 1/6); A should be about a tenth of
/// the number of steps, c about the standard deviation of the noise in f, small for an exact f.
public struct SPSA<Scalar: LaneScalar>: SumMethod {
  /// a > 0.
  public var gain: Double
  /// c > 0.
  public var perturbation: Double
  /// A ≥ 0.
  public var stability: Double
  /// α in (0, 1].
  public var gainExponent: Double
  /// γ in [0, 1).
  public var perturbationExponent: Double
  /// |B| in 1…n, drawn with replacement; all terms if none is given.
  public var batchSize: AutomaticCount

  public init(
    gain: Double = 0.1, perturbation: Double = 0.01, stability: Double = 0, gainExponent: Double = 0.602,
    perturbationExponent: Double = 0.101, batchSize: AutomaticCount = .automatic
  ) {
    self.gain = gain
    self.perturbation = perturbation
    self.stability = stability
    self.gainExponent = gainExponent
    self.perturbationExponent = perturbationExponent
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
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try check(batchSize: batchSize.count(automatic: n), count: n)
    var size: Int?
    if case .exactly(let count) = batchSize { size = count }
    return State(
      parameters: θ, estimate: ParameterVector(zeros: θ.layout), sampler: TermSampler(count: n, seed: seed),
      batchSize: size, stream: RandomStream(seed: seed, name: "directions"))
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    let terms = state.batchSize.map { state.sampler.draws($0, step: t) } ?? sum.allTerms
    let gain = gain / Double.pow(stability + Double(t), gainExponent)
    let c = perturbation / Double.pow(Double(t), perturbationExponent)
    var stream = state.stream.substream(UInt64(t))
    state.estimate.fill { stream.next() >> 63 == 0 ? 1 : -1 }
    var point = state.parameters
    point.add(state.estimate, times: Scalar(c))
    let ahead = try sum.value(at: point, of: terms, step: t - 1)
    point = state.parameters
    point.add(state.estimate, times: Scalar(-c))
    let behind = try sum.value(at: point, of: terms, step: t - 1)
    // 1 ÷ Δᵢ is Δᵢ.
    state.estimate.scale(by: Scalar((ahead - behind) / (2 * c)))
    state.parameters.add(state.estimate, times: Scalar(-gain))
    state.stepCount = t
  }

  public static var options: [RuleOption<Self>] {
    [
      .number("gain", \.gain, in: .positive, "a: the step size is a / (A + k + 1)^α"),
      .number("perturbation", \.perturbation, in: .positive, "c: the differences' length is c / (k + 1)^γ"),
      .number("stability", \.stability, in: .nonNegative, "A: keeps the first steps short; a tenth of the steps"),
      .number("gainExponent", \.gainExponent, in: .halfOpenUnit, "α"),
      .number("perturbationExponent", \.perturbationExponent, in: .unit, "γ"),
      .text("batchSize", \.batchSize, domain: AutomaticCount.domain, "|B|: terms drawn for a step; auto is all terms"),
    ]
  }
}
