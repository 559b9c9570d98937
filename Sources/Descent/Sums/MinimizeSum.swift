/// Minimizes a finite sum.
///
/// ```swift
/// let minimum = try minimize(sum, from: θ0, using: LBFGS(), steps: 100) { step in
///   print(step.step, step.evaluations.gradients, try step.value())
///   return .proceed
/// }
/// ```
///
/// - Parameters:
///   - sum: The objective.
///   - start: θ₀, with the sum's layout.
///   - method: The method, with its options.
///   - steps: The most steps that are made.
///   - seed: The seed of the method's random numbers.
///   - watch: Called before the first step and after each; stops the run by returning `.stop`.
/// - Returns: The last θ, the objective there, how many terms were evaluated, and why the run ended.
/// - Throws: ``MinimizeError``, ``RuleError``, ``LayoutError``, or what the objective throws.
@inlinable
public func minimize<Sum: FiniteSum, Method: SumMethod>(
  _ sum: Sum, from start: ParameterVector<Sum.Scalar>, using method: Method, steps: Int, seed: UInt64 = 0,
  watch: (SumStep<Sum>) throws -> StepControl = { _ in .proceed }
) throws -> SumMinimum<ParameterVector<Sum.Scalar>> where Method.Scalar == Sum.Scalar {
  guard steps >= 0 else { throw MinimizeError.negativeSteps(steps) }
  guard start.layout.parameterCount > 0 else { throw MinimizeError.emptyStart }
  if let difference = sum.layout.difference(from: start.layout) { throw LayoutError.mismatch(difference) }
  let objective = try CountedSum(sum)
  var state = try method.start(at: start, count: sum.count, seed: seed)
  var isStopped = false
  while true {
    let step = SumStep(
      sum: sum, step: state.stepCount, parameters: state.parameters, evaluations: objective.evaluations)
    isStopped = try watch(step) == .stop
    if isStopped || state.isFinished || state.stepCount >= steps { break }
    try method.step(&state, on: objective)
  }
  let value = try sum.value(at: state.parameters)
  guard value.isFinite else { throw MinimizeError.nonFiniteValue(step: state.stepCount) }
  return SumMinimum(
    parameters: state.parameters, value: value, steps: state.stepCount, evaluations: objective.evaluations,
    isFinished: state.isFinished, isStopped: isStopped)
}

/// Minimizes a finite sum, starting from an array: θ₀ in the order of the sum's blocks.
///
/// See the overload for a ``ParameterVector``.
@inlinable
public func minimize<Sum: FiniteSum, Method: SumMethod>(
  _ sum: Sum, from start: [Sum.Scalar], using method: Method, steps: Int, seed: UInt64 = 0,
  watch: (SumStep<Sum>) throws -> StepControl = { _ in .proceed }
) throws -> SumMinimum<[Sum.Scalar]> where Method.Scalar == Sum.Scalar {
  let θ = try sum.point(start)
  let minimum = try minimize(sum, from: θ, using: method, steps: steps, seed: seed, watch: watch)
  return SumMinimum(
    parameters: minimum.parameters.values, value: minimum.value, steps: minimum.steps,
    evaluations: minimum.evaluations, isFinished: minimum.isFinished, isStopped: minimum.isStopped)
}

/// Minimizes a finite sum with an optimizer of any kind, on mini-batches: one that sees each parameter's shape, or all
/// parameters at once, or that has groups and transforms.
///
/// ```swift
/// let optimizer = try Optimizer(Shampoo(), for: θ0)
/// let minimum = try minimize(sum, from: θ0, stepping: optimizer, batchSize: 32, steps: 500)
/// ```
///
/// - Parameters:
///   - sum: The objective.
///   - start: θ₀, with the sum's layout.
///   - optimizer: The optimizer, before its first step.
///   - batchSize: In 1…n.
///   - sampling: How the terms of a batch are drawn; by default as for ``MiniBatch``.
///   - steps: The most steps that are made.
///   - seed: The seed of the orders.
///   - watch: Called before the first step and after each; stops the run by returning `.stop`.
/// - Returns: The last θ, the objective there, how many terms were evaluated, and why the run ended.
/// - Throws: ``MinimizeError``, ``RuleError``, ``LayoutError``, or what the objective throws.
public func minimize<Sum: FiniteSum, Optimizer: Stepper>(
  _ sum: Sum, from start: ParameterVector<Sum.Scalar>, stepping optimizer: Optimizer, batchSize: Int,
  sampling: Sampling = .shuffled, steps: Int, seed: UInt64 = 0,
  watch: (SumStep<Sum>) throws -> StepControl = { _ in .proceed }
) throws -> SumMinimum<ParameterVector<Sum.Scalar>> where Optimizer.Scalar == Sum.Scalar {
  guard steps >= 0 else { throw MinimizeError.negativeSteps(steps) }
  guard start.layout.parameterCount > 0 else { throw MinimizeError.emptyStart }
  if let difference = sum.layout.difference(from: start.layout) { throw LayoutError.mismatch(difference) }
  let objective = try CountedSum(sum)
  guard (1...sum.count).contains(batchSize) else {
    throw RuleError.invalidOption(
      rule: optimizer.name, option: "batchSize", problem: "\(batchSize) is not in 1…\(sum.count), the number of terms")
  }
  var optimizer = optimizer
  var sampler = TermSampler(count: sum.count, seed: seed)
  var θ = start
  var t = 0
  while true {
    let isStopped =
      try watch(SumStep(sum: sum, step: t, parameters: θ, evaluations: objective.evaluations)) == .stop
    if isStopped || t == steps {
      let value = try sum.value(at: θ)
      guard value.isFinite else { throw MinimizeError.nonFiniteValue(step: t) }
      return SumMinimum(
        parameters: θ, value: value, steps: t, evaluations: objective.evaluations, isFinished: false,
        isStopped: isStopped)
    }
    t += 1
    try optimizer.step(&θ, on: objective.batch(sampler.terms(batchSize, sampling, step: t), step: t - 1))
  }
}

/// How far the minimization of a finite sum has come.
public struct SumStep<Sum: FiniteSum> {
  private let sum: Sum
  /// Steps made so far.
  public let step: Int
  /// θ after ``step`` steps.
  public let parameters: ParameterVector<Sum.Scalar>
  /// Terms evaluated so far.
  public let evaluations: TermEvaluations

  @usableFromInline
  init(sum: Sum, step: Int, parameters: ParameterVector<Sum.Scalar>, evaluations: TermEvaluations) {
    self.sum = sum
    self.step = step
    self.parameters = parameters
    self.evaluations = evaluations
  }

  /// f at ``parameters``. Evaluates all terms, which is not counted.
  public func value() throws -> Double { try sum.value(at: parameters) }

  /// ∇f at ``parameters``. Evaluates all terms, which is not counted.
  public func gradient() throws -> ParameterVector<Sum.Scalar> { try sum.gradient(at: parameters) }
}

extension FiniteSum {
  /// The point with the given values, in the order of the blocks.
  @usableFromInline
  func point(_ values: [Scalar]) throws -> ParameterVector<Scalar> {
    guard !values.isEmpty else { throw MinimizeError.emptyStart }
    guard values.count == layout.parameterCount else {
      throw LayoutError.wrongCount(name: "start", expected: layout.parameterCount, found: values.count)
    }
    var θ = ParameterVector<Scalar>(zeros: layout)
    var next = values.makeIterator()
    θ.fill { next.next()! }
    return θ
  }
}

/// The result of minimizing a finite sum.
public struct SumMinimum<Parameters: Sendable>: Sendable {
  /// θ after the last step.
  public let parameters: Parameters
  /// The objective there.
  public let value: Double
  /// Steps made.
  public let steps: Int
  /// Terms evaluated by the method.
  public let evaluations: TermEvaluations
  /// Whether the method could make no more progress.
  public let isFinished: Bool
  /// Whether the watching closure ended the run.
  public let isStopped: Bool

  @usableFromInline
  init(
    parameters: Parameters, value: Double, steps: Int, evaluations: TermEvaluations, isFinished: Bool, isStopped: Bool
  ) {
    self.parameters = parameters
    self.value = value
    self.steps = steps
    self.evaluations = evaluations
    self.isFinished = isFinished
    self.isStopped = isStopped
  }
}
