/// Gradient descent on the whole sum (Cauchy 1847), with a fixed step or Armijo's line search (1966).
///
///     θ ← θ − α ∇f(θ)
///     Armijo: the first α of α₀, τ α₀, τ² α₀, … with f(θ − α ∇f) ≤ f(θ) − c₁ α ‖∇f‖²
///
/// The deterministic yardstick: if α ≤ 1/L and ½ ‖∇f‖² ≥ μ (f − f*), each step lowers f − f* by the factor 1 − μ α.
///
/// First step: α ∇f(θ₀). A step costs n term gradients and, with a line search, n values for each α that is tried.
public struct GradientDescent<Scalar: LaneScalar>: SumMethod {
  /// α > 0; with a line search, α₀.
  public var learningRate: Schedule
  /// How the step's length is found.
  public var lineSearch: LineSearch
  /// c₁ in (0, 1).
  public var sufficientDecrease: Double
  /// τ in (0, 1).
  public var shrinking: Double
  /// The method is finished once ‖∇f‖ ≤ `tolerance` ≥ 0.
  public var tolerance: Double

  /// How the step's length is found.
  public enum LineSearch: String, Codable, CaseIterable, Sendable { case fixed, armijo }

  public init(
    learningRate: Schedule = 0.1, lineSearch: LineSearch = .fixed, sufficientDecrease: Double = 1e-4,
    shrinking: Double = 0.5, tolerance: Double = 0
  ) {
    self.learningRate = learningRate
    self.lineSearch = lineSearch
    self.sufficientDecrease = sufficientDecrease
    self.shrinking = shrinking
    self.tolerance = tolerance
  }

  public struct State: SumMethodState {
    public internal(set) var parameters: ParameterVector<Scalar>
    public internal(set) var stepCount = 0
    public internal(set) var isFinished = false
    /// ∇f before the last step.
    public internal(set) var gradient: ParameterVector<Scalar>
    /// α of the last step.
    public internal(set) var stepSize = 0.0
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try validate()
    return State(parameters: θ, gradient: ParameterVector(zeros: θ.layout))
  }

  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let t = state.stepCount + 1
    let value = try sum.value(at: state.parameters, of: sum.allTerms, gradient: &state.gradient, step: t - 1)
    let norm = state.gradient.norm()
    guard norm > tolerance else {
      state.isFinished = true
      return
    }
    var α = learningRate(at: t)
    var next = state.parameters
    next.add(state.gradient, times: Scalar(-α))
    if lineSearch == .armijo {
      while !(try sum.trial(at: next, of: sum.allTerms) <= value - sufficientDecrease * α * norm * norm) {
        α *= shrinking
        next = state.parameters
        next.add(state.gradient, times: Scalar(-α))
        if next == state.parameters {
          state.isFinished = true
          return
        }
      }
    }
    state.parameters = next
    state.stepSize = α
    state.stepCount = t
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "α: step size, or the first one tried"),
      .choice("lineSearch", \.lineSearch, "a fixed step or Armijo's backtracking"),
      .number("sufficientDecrease", \.sufficientDecrease, in: .openUnit, "c₁: of the decrease the slope promises"),
      .number("shrinking", \.shrinking, in: .openUnit, "τ: what a step that was too long is multiplied by"),
      .number("tolerance", \.tolerance, in: .nonNegative, "finished where ‖∇f‖ is no more"),
    ]
  }
}
