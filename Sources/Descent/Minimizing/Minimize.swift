/// Minimizes an objective that gives its value and gradient, starting from an array.
///
/// ```swift
/// // Rosenbrock's valley: its minimum is at (1, 1).
/// let result = try minimize(from: [-1.2, 1.0], using: Adam(learningRate: 0.02), steps: 5000) { x, gradient in
///   let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
///   gradient[0] = -2 * a - 400 * x[0] * b
///   gradient[1] = 200 * b
///   return a * a + 100 * b * b
/// }
/// print(result.parameters, result.value)
/// ```
///
/// - Parameters:
///   - start: θ₀; `Float` or `Double`.
///   - rule: The method, with its options.
///   - steps: The most steps that are made.
///   - watch: Called after each evaluation of the objective; stops the run by returning `.stop`.
///   - objective: Writes the gradient at x into its second argument, which holds zeros, and returns the value.
/// - Returns: The last point whose value is known, its value, and why the run ended.
/// - Throws: ``MinimizeError``, ``RuleError``, or what the objective throws.
@inlinable
public func minimize<Rule: ElementRule>(
  from start: [Rule.Scalar], using rule: Rule, steps: Int,
  watch: (MinimizationStep<Rule.Scalar>) throws -> StepControl = { _ in .proceed },
  objective: (Span<Rule.Scalar>, inout MutableSpan<Rule.Scalar>) throws -> Rule.Scalar
) throws -> Minimum<[Rule.Scalar]> {
  guard !start.isEmpty else { throw MinimizeError.emptyStart }
  let count = start.count
  let minimum = try minimize(
    from: try ParameterVector(start), using: rule, steps: steps, watch: watch
  ) { (θ: ParameterVector<Rule.Scalar>, g: inout ParameterVector<Rule.Scalar>) in
    g.setToZero()
    return try θ.withUnsafeElements { θ in
      try g.withUnsafeMutableElements { g in
        let x = Span(_unsafeElements: UnsafeBufferPointer(rebasing: θ[..<count]))
        var gradient = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: g[..<count]))
        return try objective(x, &gradient)
      }
    }
  }
  return Minimum(
    parameters: minimum.parameters.values, value: minimum.value, steps: minimum.steps, isStopped: minimum.isStopped)
}

/// Minimizes an objective of named parameters that gives its value and gradient.
///
/// - Parameters:
///   - start: θ₀.
///   - rule: The method, with its options.
///   - steps: The most steps that are made.
///   - watch: Called after each evaluation of the objective; stops the run by returning `.stop`.
///   - objective: Writes the whole gradient at its first argument into its second, and returns the value.
/// - Returns: The last point whose value is known, its value, and why the run ended.
/// - Throws: ``MinimizeError``, ``RuleError``, or what the objective throws.
@inlinable
public func minimize<Rule: ElementRule>(
  from start: ParameterVector<Rule.Scalar>, using rule: Rule, steps: Int,
  watch: (MinimizationStep<Rule.Scalar>) throws -> StepControl = { _ in .proceed },
  objective: (ParameterVector<Rule.Scalar>, inout ParameterVector<Rule.Scalar>) throws -> Rule.Scalar
) throws -> Minimum<ParameterVector<Rule.Scalar>> {
  try withoutActuallyEscaping(objective) { objective in
    try minimize(
      from: start, stepping: try Optimizer(rule, for: start), steps: steps, watch: watch,
      on: ClosureObjective { Double(try objective($0, &$1)) })
  }
}

/// Minimizes an objective with an optimizer of any kind: one that sees each parameter's shape or all parameters at once,
/// that asks for more than a gradient, or that has groups and transforms.
///
/// ```swift
/// let optimizer = try Optimizer(Muon(), for: θ0)
/// let minimum = try minimize(from: θ0, stepping: optimizer, steps: 500, on: objective)
/// ```
///
/// - Parameters:
///   - start: θ₀.
///   - optimizer: The optimizer, before its first step.
///   - steps: The most steps that are made.
///   - watch: Called after the evaluation at each θ; stops the run by returning `.stop`.
///   - objective: What is minimized.
/// - Returns: The last point whose value is known, its value, and why the run ended.
/// - Throws: ``MinimizeError``, ``ObjectiveError``, ``RuleError``, or what the objective throws.
public func minimize<Optimizer: Stepper>(
  from start: ParameterVector<Optimizer.Scalar>, stepping optimizer: Optimizer, steps: Int,
  watch: (MinimizationStep<Optimizer.Scalar>) throws -> StepControl = { _ in .proceed },
  on objective: some Objective<Optimizer.Scalar>
) throws -> Minimum<ParameterVector<Optimizer.Scalar>> {
  guard steps >= 0 else { throw MinimizeError.negativeSteps(steps) }
  return try withoutActuallyEscaping(watch) { watch in
    let watched = WatchedObjective(objective, lastStep: steps, watch)
    try optimizer.check(watched)
    var (θ, optimizer) = (start, optimizer)
    var t = 0
    do {
      while t < steps {
        watched.step = t
        try optimizer.step(&θ, on: watched)
        t += 1
      }
      watched.step = steps
      var gradient = ParameterVector<Optimizer.Scalar>(zeros: θ.layout)
      let value = try watched.value(at: θ, gradient: &gradient)
      return Minimum(parameters: θ, value: value, steps: steps, isStopped: false)
    } catch let stop as StoppedByWatch {
      return Minimum(parameters: θ, value: stop.value, steps: t, isStopped: true)
    }
  }
}

/// How far a minimization has come.
public struct MinimizationStep<Scalar: LaneScalar>: Sendable {
  /// Steps made so far.
  public let step: Int
  /// The objective at ``parameters``.
  public let value: Scalar
  /// θ after ``step`` steps.
  public let parameters: ParameterVector<Scalar>
  /// The gradient at ``parameters``.
  public let gradient: ParameterVector<Scalar>

  @usableFromInline
  init(step: Int, value: Scalar, parameters: ParameterVector<Scalar>, gradient: ParameterVector<Scalar>) {
    self.step = step
    self.value = value
    self.parameters = parameters
    self.gradient = gradient
  }
}

/// Whether a minimization goes on.
public enum StepControl: Sendable {
  case proceed
  case stop
}

/// The result of a minimization.
public struct Minimum<Parameters: Sendable>: Sendable {
  /// The last point at which the objective was evaluated.
  public let parameters: Parameters
  /// The objective there.
  public let value: Double
  /// Steps made.
  public let steps: Int
  /// Whether the watching closure ended the run.
  public let isStopped: Bool

  @usableFromInline
  init(parameters: Parameters, value: some BinaryFloatingPoint, steps: Int, isStopped: Bool) {
    self.parameters = parameters
    self.value = Double(value)
    self.steps = steps
    self.isStopped = isStopped
  }
}

/// Why a minimization ended without a minimum.
public enum MinimizeError: Error, Hashable, CustomStringConvertible {
  case emptyStart
  case noTerms
  case negativeSteps(Int)
  case nonFiniteValue(step: Int)
  case nonFiniteGradient(step: Int, parameter: String)

  public var description: String {
    switch self {
    case .emptyStart: "there is nothing to minimize over: the starting point is empty"
    case .noTerms: "there is nothing to minimize: the sum has no terms"
    case .negativeSteps(let steps): "the number of steps is \(steps); it must not be negative"
    case .nonFiniteValue(let step):
      "the objective is infinite or not a number after \(step) steps: lower the learning rate or start elsewhere"
    case .nonFiniteGradient(let step, let parameter):
      "the gradient of '\(parameter)' is infinite or not a number after \(step) steps: "
        + "lower the learning rate or check the objective's derivative"
    }
  }
}
