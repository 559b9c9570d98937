import Descent

/// An optimizer whose rule is chosen while the program runs.
///
/// Its steps are as fast as those of the `Optimizer` it holds: they are closures made where the rule's type is known,
/// so that the pass over the parameters is specialized. A reference: it must not be used from two threads at once.
public final class AnyOptimizer<Scalar: LaneScalar> {
  /// The rule's name.
  public let name: String

  private let stepBody: (inout ParameterVector<Scalar>, ParameterVector<Scalar>) throws -> StepReport
  private let stepByBlockBody: (inout ParameterVector<Scalar>, (BlockStep<Scalar>) throws -> Void) throws -> Void
  private let obstacleBody: () -> BlockStepError?
  private let checkpointBody: (ParameterVector<Scalar>) throws -> Checkpoint<Scalar>
  private let restoreBody: (Checkpoint<Scalar>, inout ParameterVector<Scalar>) throws -> Void
  private let averageBody: () -> ParameterVector<Scalar>?
  private let stepCountBody: () -> Int
  private let rateBody: (Rate?) -> Rate
  private let transformsBody: ([any GradientTransform<Scalar>]?) -> [any GradientTransform<Scalar>]
  private let groupBody: (_ pattern: String, _ options: [(name: String, value: String)], _ steps: Int?) throws -> Void
  private let freezeBody: (_ pattern: String) throws -> Void
  private var slow: SlowWeights<Scalar>?

  @usableFromInline
  init(
    name: String,
    step: @escaping (inout ParameterVector<Scalar>, ParameterVector<Scalar>) throws -> StepReport,
    stepByBlock: @escaping (inout ParameterVector<Scalar>, (BlockStep<Scalar>) throws -> Void) throws -> Void,
    obstacleToBlocks: @escaping () -> BlockStepError?,
    checkpoint: @escaping (ParameterVector<Scalar>) throws -> Checkpoint<Scalar>,
    restore: @escaping (Checkpoint<Scalar>, inout ParameterVector<Scalar>) throws -> Void,
    average: @escaping () -> ParameterVector<Scalar>?, stepCount: @escaping () -> Int, rate: @escaping (Rate?) -> Rate,
    transforms: @escaping ([any GradientTransform<Scalar>]?) -> [any GradientTransform<Scalar>],
    group: @escaping (_ pattern: String, _ options: [(name: String, value: String)], _ steps: Int?) throws -> Void,
    freeze: @escaping (_ pattern: String) throws -> Void
  ) {
    self.name = name
    stepBody = step
    stepByBlockBody = stepByBlock
    obstacleBody = obstacleToBlocks
    checkpointBody = checkpoint
    restoreBody = restore
    averageBody = average
    stepCountBody = stepCount
    rateBody = rate
    transformsBody = transforms
    groupBody = group
    freezeBody = freeze
  }

  /// `Optimizer.step(_:gradient:)`.
  @discardableResult
  public func step(_ θ: inout ParameterVector<Scalar>, gradient: ParameterVector<Scalar>) throws -> StepReport {
    let report = try stepBody(&θ, gradient)
    if !report.isSkipped { slow?.synchronize(&θ, at: stepCount) }
    return report
  }

  /// Why the optimizer does not step block by block; nil if it does.
  public var obstacleToBlocks: BlockStepError? { obstacleBody() }

  /// `Optimizer.stepByBlock(_:_:)`.
  public func stepByBlock(
    _ θ: inout ParameterVector<Scalar>, _ body: (BlockStep<Scalar>) throws -> Void
  ) throws {
    try stepByBlockBody(&θ, body)
    slow?.synchronize(&θ, at: stepCount)
  }

  /// Returns every few steps to slow weights that start at `θ`: `Lookahead`, in passes of its own.
  func lookAhead(_ lookahead: Method.Lookahead, from θ: ParameterVector<Scalar>) {
    slow = SlowWeights(lookahead: lookahead, weights: θ)
  }

  /// `Optimizer.checkpoint(_:)`.
  public func checkpoint(_ θ: ParameterVector<Scalar>) throws -> Checkpoint<Scalar> {
    var checkpoint = try checkpointBody(θ)
    slow?.save(into: &checkpoint)
    return checkpoint
  }

  /// `Optimizer.restore(_:into:)`.
  public func restore(_ checkpoint: Checkpoint<Scalar>, into θ: inout ParameterVector<Scalar>) throws {
    var checkpoint = checkpoint
    var restored = slow
    try restored?.restore(from: &checkpoint)
    try restoreBody(checkpoint, &θ)
    slow = restored
  }

  /// The average of the parameters, if the rule keeps one.
  public var averagedParameters: ParameterVector<Scalar>? { averageBody() }

  /// Steps made so far.
  public var stepCount: Int { stepCountBody() }

  /// The rule's step size as a function of t; it may be changed between steps.
  public var learningRate: Rate {
    get { rateBody(nil) }
    set { _ = rateBody(newValue) }
  }

  /// What is done with the whole gradient before a step.
  public var transforms: [any GradientTransform<Scalar>] {
    get { transformsBody(nil) }
    set { _ = transformsBody(newValue) }
  }

  /// Gives the parameters whose names match `pattern` options of their own, as text.
  public func group(
    _ pattern: String, options: [(name: String, value: String)], steps: Int? = nil
  ) throws {
    try groupBody(pattern, options, steps)
  }

  /// Keeps the parameters whose names match `pattern` at their values.
  public func freeze(_ pattern: String) throws { try freezeBody(pattern) }
}

/// Holds an optimizer that several closures share.
@usableFromInline
final class StepperBox<S: Stepper> {
  @usableFromInline var stepper: S

  @inlinable
  init(_ stepper: S) { self.stepper = stepper }
}

extension AnyOptimizer {
  /// Holds `optimizer`. Call it where the optimizer's concrete type is known.
  @inlinable @inline(__always)
  public convenience init<S: Stepper<Scalar>>(_ optimizer: S) {
    let box = StepperBox(optimizer)
    self.init(
      name: optimizer.name,
      step: { θ, g in try box.stepper.step(&θ, gradient: g) },
      stepByBlock: { try box.stepper.stepByBlock(&$0, $1) },
      obstacleToBlocks: { box.stepper.obstacleToBlocks },
      checkpoint: { try box.stepper.checkpoint($0) },
      restore: { try box.stepper.restore($0, into: &$1) },
      average: { box.stepper.average },
      stepCount: { box.stepper.stepCount },
      rate: { rate in
        if let rate { box.stepper.learningRate = rate }
        return box.stepper.learningRate
      },
      transforms: { transforms in
        if let transforms { box.stepper.transforms = transforms }
        return box.stepper.transforms
      },
      group: { try box.stepper.group($0, options: $1, steps: $2) },
      freeze: { try box.stepper.freeze($0) })
  }
}
