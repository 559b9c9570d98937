/// An optimizer of any kind, as far as a training steps it.
public protocol Stepper<Scalar>: Sendable {
  associatedtype Scalar: LaneScalar

  /// The method's name.
  var name: String { get }
  /// The parameters' layout.
  var layout: ParameterLayout { get }
  /// Steps made so far: t of the last step.
  var stepCount: Int { get }

  /// One step: θ ← θ − Δ(g), t ← t + 1.
  @discardableResult
  mutating func step(_ θ: inout ParameterVector<Scalar>, gradient: ParameterVector<Scalar>) throws -> StepReport
  /// Why the optimizer does not step block by block; nil if it does.
  var obstacleToBlocks: BlockStepError? { get }
  /// One step in which `body` updates each block as soon as its gradient is known.
  /// - Throws: ``BlockStepError`` if the method or a transform needs the whole gradient, or what `body` throws.
  mutating func stepByBlock(
    _ θ: inout ParameterVector<Scalar>, _ body: (BlockStep<Scalar>) throws -> Void) throws
}

/// A stepper that a later run can continue.
public protocol ResumableStepper<Scalar>: Stepper {
  /// The optimizer and `θ` as they are now.
  func checkpoint(_ θ: ParameterVector<Scalar>) throws -> Checkpoint<Scalar>
  /// Goes on from `checkpoint`.
  mutating func restore(_ checkpoint: Checkpoint<Scalar>, into θ: inout ParameterVector<Scalar>) throws(CheckpointError)
  /// In words, an option that differs between the method in `checkpoint` and this one; nil if none does.
  /// ``restore(_:into:)`` goes on with the checkpoint's options.
  /// - Throws: ``CheckpointError`` if the checkpoint is of another method, or its options are refused.
  func optionDifference(from checkpoint: Checkpoint<Scalar>) throws(CheckpointError) -> String?
}

/// A stepper whose options and state can be read and changed between steps, without knowledge of its rule's type.
public protocol InspectableStepper<Scalar>: Stepper {
  /// The method's step size as a function of t.
  var learningRate: Schedule { get set }
  /// Applied to the whole gradient before a step, in order.
  var transforms: [any GradientTransform<Scalar>] { get set }
  /// Gives the parameters whose names match `pattern` options of their own, as text.
  mutating func group(_ pattern: String, options: [(name: String, value: String)], steps: Int?) throws
  /// Keeps the parameters whose names match `pattern` at their values.
  mutating func freeze(_ pattern: String) throws(GroupError)

  /// Replaces a slot of the state.
  /// - Throws: ``SlotError`` if the method has no such slot, or the vector's layout differs.
  mutating func assign(_ vector: ParameterVector<Scalar>, toSlot name: String) throws(SlotError)
  /// The average of the parameters, for evaluation, if the method keeps one.
  var average: ParameterVector<Scalar>? { get }
  /// The slot of the curvature that the method divides by, which must be given before the first step; nil for a method
  /// that steps by gradients alone.
  var curvatureSlot: String? { get }
  /// For how many elements ε dominated the last step; nil if that is not known for the method.
  var epsilonShare: EpsilonShare? { get }
}

/// A stepper that can do all that an ``Optimizer`` can without knowledge of its rule's type.
public protocol CompleteStepper<Scalar>: ResumableStepper, InspectableStepper {}

extension Optimizer: CompleteStepper {
  public var name: String { Rule.name }
  public var curvatureSlot: String? { Rule.curvatureSlot }

  public var learningRate: Schedule {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  func check(_ other: ParameterLayout) throws(LayoutError) {
    if let difference = layout.difference(from: other) { throw .mismatch(difference) }
  }

  /// Applies the transforms to `gradient`, the gradient at `θ`.
  mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, at θ: ParameterVector<Scalar>
  ) throws -> StepReport {
    var report = StepReport()
    for i in transforms.indices {
      try transforms[i].transform(&gradient, parameters: θ, report: &report)
      if report.isSkipped { break }
    }
    return report
  }
}
