/// L-BFGS: a quasi-Newton method of limited memory on the whole sum (Liu & Nocedal 1989).
///
///     p = −H ∇f(θ),  H from the last m pairs s = θₜ₊₁ − θₜ, y = ∇f(θₜ₊₁) − ∇f(θₜ) and γ I, γ = sᵀy / yᵀy
///     θ ← θ + α p, α from a line search for the strong Wolfe conditions, first α = 1
///
/// The deterministic yardstick for smooth objectives. On a strictly convex quadratic with exact line searches
/// (c₂ near 0) and m ≥ d it ends after at most d steps, up to rounding.
///
/// First step: along −∇f(θ₀), first tried with length min(1, ‖∇f‖). A step costs n term gradients for each α that is
/// tried, mostly one; the first step costs n more. If no α lowers f, the pairs are dropped and the gradient is tried.
/// If that does not lower f either, the method is finished: the values no longer differ by more than rounding.
///
/// Peers: torch and SciPy keep 10 pairs too; torch makes steps of fixed length unless `strong_wolfe` is asked for.
public struct LBFGS<Scalar: LaneScalar>: SumMethod {
  /// m ≥ 1: pairs that are kept.
  public var history: Int
  /// c₁ in (0, 1), below c₂.
  public var sufficientDecrease: Double
  /// c₂ in (0, 1).
  public var curvature: Double
  /// The most evaluations of a line search, at least 1.
  public var lineSearchEvaluations: Int
  /// The method is finished once ‖∇f‖ ≤ `tolerance` ≥ 0.
  public var tolerance: Double

  public init(
    history: Int = 10, sufficientDecrease: Double = 1e-4, curvature: Double = 0.9, lineSearchEvaluations: Int = 25,
    tolerance: Double = 0
  ) {
    self.history = history
    self.sufficientDecrease = sufficientDecrease
    self.curvature = curvature
    self.lineSearchEvaluations = lineSearchEvaluations
    self.tolerance = tolerance
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    public internal(set) var isFinished = false
    /// f at ``parameters``, once a step has been made.
    public internal(set) var value: Double?
    /// ∇f at ``parameters``, once a step has been made.
    public internal(set) var gradient: ParameterVector<Scalar>
    /// α of the last step.
    public internal(set) var stepSize = 0.0
    /// Whether the last step meets both Wolfe conditions.
    public internal(set) var isWolfe = false
    var pairs: LBFGSHistory<Scalar>
    /// The lowest f and the lowest ‖∇f‖ so far.
    var records = (value: Double.infinity, norm: Double.infinity)
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try validate()
    guard sufficientDecrease < curvature else {
      throw .invalidOption(
        rule: Self.name, option: "sufficientDecrease",
        problem: "\(sufficientDecrease) is not below curvature, \(curvature)")
    }
    let pairs = 2 * Double(history) * Double(θ.layout.paddedCount) * Double(MemoryLayout<Scalar>.size)
    try requireMemory(pairs, forStateOf: Self.name)
    return State(
      parameters: θ, gradient: ParameterVector(zeros: θ.layout), pairs: LBFGSHistory(capacity: history))
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    let value =
      try state.value ?? sum.value(at: state.parameters, of: sum.allTerms, gradient: &state.gradient, step: t - 1)
    state.value = value
    let norm = state.gradient.norm()
    guard norm > tolerance else {
      state.isFinished = true
      return
    }
    state.records = (min(state.records.value, value), min(state.records.norm, norm))
    if !state.pairs.pairs.isEmpty {
      var direction = state.pairs.product(state.gradient)
      direction.scale(by: -1)
      if try search(along: direction, first: 1, &state, value, on: sum) { return }
      state.pairs.removeAll()
    }
    var direction = state.gradient
    direction.scale(by: -1)
    if try !search(along: direction, first: min(1, 1 / norm), &state, value, on: sum) { state.isFinished = true }
  }

  /// Moves along `p` if that lowers f, and keeps the pair.
  private func search<Sum: FiniteSum>(
    along p: ParameterVector<Scalar>, first: Double, _ state: inout State, _ value: Double,
    on sum: CountedSum<Sum>
  ) throws -> Bool where Sum.Scalar == Scalar {
    let slope = state.gradient.dot(p)
    guard slope < 0, slope.isFinite else { return false }
    var θ = state.parameters
    var gradient = state.gradient
    var tried = 0.0
    func evaluate(_ α: Double) throws -> (value: Double, slope: Double) {
      θ = state.parameters
      θ.add(p, times: Scalar(α))
      tried = α
      let value = try sum.trial(at: θ, of: sum.allTerms, gradient: &gradient)
      return (value, gradient.dot(p))
    }
    let wolfe = StrongWolfe(
      sufficientDecrease: sufficientDecrease, curvature: curvature, mostEvaluations: lineSearchEvaluations,
      rounding: 4 * Double(Scalar.ulpOfOne))
    guard let found = try wolfe.search(value: value, slope: slope, first: first, evaluate) else { return false }
    if tried != found.point.α { _ = try evaluate(found.point.α) }
    // The line search accepts values that are equal up to rounding: such a step must at least shorten ∇f.
    guard found.point.value < state.records.value || gradient.norm() < state.records.norm else { return false }
    var (s, y) = (θ, gradient)
    s.subtract(state.parameters)
    y.subtract(state.gradient)
    state.pairs.add(s: s, y: y)
    state.parameters = θ
    state.gradient = gradient
    state.value = found.point.value
    state.stepSize = found.point.α
    state.isWolfe = found.isWolfe
    state.stepCount += 1
    return true
  }

  public static var options: [RuleOption<Self>] {
    [
      .integer("history", \.history, in: 1...10_000, "m: pairs that are kept"),
      .number("sufficientDecrease", \.sufficientDecrease, in: .openUnit, "c₁: of the first Wolfe condition"),
      .number("curvature", \.curvature, in: .openUnit, "c₂: of the second, above c₁"),
      .integer(
        "lineSearchEvaluations", \.lineSearchEvaluations, in: 1...10_000, "the most evaluations of a line search"),
      .number("tolerance", \.tolerance, in: .nonNegative, "finished where ‖∇f‖ is no more"),
    ]
  }
}
