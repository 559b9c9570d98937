/// Levenberg and Marquardt's method: damped Gauss–Newton steps, solved exactly (Levenberg 1944, Marquardt 1963).
///
///     (G + λ D) d = −g,  D = I, or diag(G) with `scalesByDiagonal`, and 1 where that is 0
///     f(θ + α d) < f(θ):  θ ← θ + α d,  λ ← λ ÷ ν
///     otherwise:          λ ← ν λ, and again
///
/// For nonlinear least squares, f = ½ Σ rᵢ² or its mean, and other losses whose G is known. One step of the optimizer
/// ends with the first d that lowers f; after 30 trials without one, θ and λ stay as they
/// were.
///
/// First step: λ = 10⁻³. A step costs a gradient, n products with G, and for each trial a Cholesky decomposition and a
/// value: it is refused above 1000 parameters. Levenberg takes D = I, Marquardt diag(G); MINPACK the largest diag(G) so
/// far, and it chooses λ by a trust region. ν = 10 is Marquardt's.
public struct LevenbergMarquardt<Scalar: LaneScalar>: ObjectiveRule {
  /// α > 0.
  public var learningRate: Schedule
  /// λ of the first step.
  public var damping: Double
  /// ν > 1.
  public var factor: Double
  /// Whether D is diag(G).
  public var scalesByDiagonal: Bool

  public init(learningRate: Schedule = 1, damping: Double = 1e-3, factor: Double = 10, scalesByDiagonal: Bool = false) {
    self.learningRate = learningRate
    self.damping = damping
    self.factor = factor
    self.scalesByDiagonal = scalesByDiagonal
  }

  public var needs: Set<ObjectiveCapability> { [.gaussNewtonProducts, .otherPoints] }

  public struct State: Sendable {
    /// λ of the next trial.
    var damping: Double
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(damping: damping) }

  public static var fields: [StateField<State, Scalar>] { [.number("damping", \.damping, in: .positive)] }

  public func stateByteCount(of layout: ParameterLayout) -> Double { 8 }

  private static var mostTrials: Int { 30 }

  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    try Self.checkCount(θ.layout)
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    let value = try objective.value(at: θ, gradient: &g)
    try Self.checkFinite(g)
    try Self.checkValue(value)
    let n = θ.layout.parameterCount
    let matrix = try DenseCurvature.matrix(θ.layout) { try objective.gaussNewtonProduct(at: θ, with: $0, into: &$1) }
    guard matrix.allSatisfy(\.isFinite) else { throw CurvatureError.notFinite(method: Self.name) }
    let (b, α) = (g.values.map { -Double($0) }, learningRate(at: t))
    var λ = s.damping
    for _ in 0..<Self.mostTrials {
      var damped = matrix
      for i in 0..<n { damped[i * n + i] += λ * (scalesByDiagonal && matrix[i * n + i] > 0 ? matrix[i * n + i] : 1) }
      if let d = Cholesky(damped, order: n)?.solve(b), d.allSatisfy(\.isFinite) {
        var next = θ
        next.add(d, times: α)
        if try objective.value(at: next) < value {
          θ = next
          s.damping = max(λ / factor, .leastNormalMagnitude)
          return
        }
      }
      λ = Double.finite(λ * factor)
    }
  }

  public func validate() throws(RuleError) {
    try validateOptions()
    guard factor > 1 else {
      throw .invalidOption(rule: Self.name, option: "factor", problem: "\(factor) is not above 1: λ would not change")
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "α: a factor of the step; 1 is the model's"),
      .number("damping", \.damping, in: .positive, "λ of the first trial"),
      .number("factor", \.factor, in: .atLeastOne, "ν > 1: λ is divided by it after a success, else multiplied"),
      .flag(
        "scalesByDiagonal", \.scalesByDiagonal, "whether λ multiplies G's diagonal (Marquardt) instead of I (Levenberg)"
      ),
    ]
  }
}
