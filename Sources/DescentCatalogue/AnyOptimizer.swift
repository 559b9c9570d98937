import Descent

/// An optimizer whose rule is chosen while the program runs.
///
/// Its steps are as fast as those of the `Optimizer` it holds: the pass over the parameters is specialized where that
/// optimizer is made. This is a reference: it must not be used from two threads at once.
public final class AnyOptimizer<Scalar: LaneScalar> {
  private var stepper: any Stepper<Scalar>

  /// Holds `stepper`. Make the stepper where its rule's concrete type is known.
  public init(_ stepper: any Stepper<Scalar>) { self.stepper = stepper }

  /// The rule's name.
  public var name: String { stepper.name }

  /// `Optimizer.step(_:gradient:)`.
  @discardableResult
  public func step(_ θ: inout ParameterVector<Scalar>, gradient: ParameterVector<Scalar>) throws -> StepReport {
    try stepper.step(&θ, gradient: gradient)
  }

  /// Why the optimizer does not step block by block; nil if it does.
  public var obstacleToBlocks: BlockStepError? { stepper.obstacleToBlocks }

  /// `Optimizer.stepByBlock(_:_:)`.
  public func stepByBlock(
    _ θ: inout ParameterVector<Scalar>, _ body: (BlockStep<Scalar>) throws -> Void
  ) throws {
    try stepper.stepByBlock(&θ, body)
  }

  /// The slot of the curvature that the method divides by, which must be given before the first step; nil for a method
  /// that steps by gradients alone.
  public var curvatureSlot: String? { stepper.curvatureSlot }

  /// `Optimizer.assign(_:toSlot:)`.
  public func assign(_ vector: ParameterVector<Scalar>, toSlot name: String) throws(SlotError) {
    try stepper.assign(vector, toSlot: name)
  }

  /// `Optimizer.checkpoint(_:)`.
  public func checkpoint(_ θ: ParameterVector<Scalar>) throws -> Checkpoint<Scalar> { try stepper.checkpoint(θ) }

  /// `Optimizer.restore(_:into:)`.
  public func restore(_ checkpoint: Checkpoint<Scalar>, into θ: inout ParameterVector<Scalar>) throws {
    try stepper.restore(checkpoint, into: &θ)
  }

  /// In words, an option that differs between the method in `checkpoint` and this one; nil if none does.
  public func optionDifference(from checkpoint: Checkpoint<Scalar>) throws -> String? {
    try stepper.optionDifference(from: checkpoint)
  }

  /// The average of the parameters, if the rule keeps one.
  public var averagedParameters: ParameterVector<Scalar>? { stepper.average }

  /// For how many elements of each parameter ε dominated the last step; nil if that is not known for the method.
  public var epsilonShare: EpsilonShare? { stepper.epsilonShare }

  /// Steps made so far.
  public var stepCount: Int { stepper.stepCount }

  /// The rule's step size as a function of t; it may be changed between steps.
  public var learningRate: Rate {
    get { stepper.learningRate }
    set { stepper.learningRate = newValue }
  }

  /// Applied to the whole gradient before a step.
  public var transforms: [any GradientTransform<Scalar>] {
    get { stepper.transforms }
    set { stepper.transforms = newValue }
  }

  /// Gives the parameters whose names match `pattern` options of their own, as text.
  public func group(
    _ pattern: String, options: [(name: String, value: String)], steps: Int? = nil
  ) throws {
    try stepper.group(pattern, options: options, steps: steps)
  }

  /// Keeps the parameters whose names match `pattern` at their values.
  public func freeze(_ pattern: String) throws { try stepper.freeze(pattern) }
}
