/// A method that minimizes a ``FiniteSum`` and may need more than one gradient a step: of all terms, of the same terms
/// at two points, or along a line. It may also need values alone.
///
/// Step it yourself, as here, or call `minimize`, which makes the steps and can be watched:
///
/// ```swift
/// let method = SVRG<Double>(learningRate: 0.1)
/// let objective = try CountedSum(sum)
/// var state = try method.start(at: θ, count: sum.count, seed: 1)
/// while objective.evaluations.gradients < 30 * sum.count {
///   try method.step(&state, on: objective)
/// }
/// print(state.parameters)
/// ```
///
/// Random numbers come from streams of the seed, a substream for each step: the same seed gives the same bits.
public protocol SumMethod<Scalar>: Configurable {
  associatedtype Scalar: LaneScalar
  associatedtype State: SumMethodState<Scalar>

  /// The state before the first step, at θ₀. Evaluates nothing.
  ///
  /// - Parameters:
  ///   - θ: θ₀.
  ///   - n: The number of terms.
  ///   - seed: The seed of the random numbers.
  /// - Throws: ``RuleError`` if an option is out of its range or does not suit n.
  func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State

  /// One step.
  /// - Throws: ``MinimizeError``, or what the objective throws.
  func step<Sum: FiniteSum>(_ state: inout State, on sum: CountedSum<Sum>) throws where Sum.Scalar == Scalar
}

/// The state of a ``SumMethod``.
public protocol SumMethodState<Scalar>: Sendable {
  associatedtype Scalar: LaneScalar
  /// θ after ``stepCount`` steps.
  var parameters: ParameterVector<Scalar> { get }
  /// Steps made.
  var stepCount: Int { get }
  /// Whether no step makes any more progress: the gradient is zero, or the value no longer falls by more than rounding.
  var isFinished: Bool { get }
}

extension SumMethodState {
  public var isFinished: Bool { false }
}

extension SumMethod {
  /// - Throws: ``RuleError`` if an option is out of its range or a mini-batch has more terms than the sum.
  @usableFromInline
  func check(batchSize: Int, option: String = "batchSize", count n: Int) throws(RuleError) {
    try validate()
    guard batchSize <= n else {
      throw .invalidOption(
        rule: Self.name, option: option, problem: "\(batchSize) is more than the \(n) terms of the sum")
    }
  }
}
