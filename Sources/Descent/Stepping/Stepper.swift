/// An optimizer of any kind, as far as a training steps it.
public protocol Stepper<Scalar>: Sendable {
  associatedtype Scalar: LaneScalar

  /// The method's name.
  var name: String { get }
  /// The parameters' layout.
  var layout: ParameterLayout { get }
  /// Steps made so far: t of the last step.
  var stepCount: Int { get }

  /// What an objective must give besides its gradient.
  var needs: Set<ObjectiveCapability> { get }

  /// One step, which asks `objective` for what the method needs, t ← t + 1.
  @discardableResult
  mutating func step(_ θ: inout ParameterVector<Scalar>, on objective: some Objective<Scalar>) throws -> StepReport
}

extension Stepper {
  public var needs: Set<ObjectiveCapability> { [] }

  /// One step by a gradient: θ ← θ − Δ(g), t ← t + 1.
  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Scalar>, gradient: ParameterVector<Scalar>
  ) throws -> StepReport {
    try step(&θ, on: GivenGradient(gradient))
  }

  /// Refuses an objective that cannot give what the method needs.
  /// - Throws: ``ObjectiveError``, which names the method, the objective and what is missing.
  public func check(_ objective: some Objective<Scalar>) throws(ObjectiveError) {
    guard !needs.isEmpty else { return }
    try needs.check(objective.capabilities, of: objective.name, for: name)
  }
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
  /// Those with whom every step speaks; nil for an optimizer alone.
  var exchange: (any Exchange<Scalar>)? { get set }
  /// Whether a step asks for the gradient block by block and steps each block as soon as its gradient is known.
  var stepsByBlock: Bool { get set }
  /// Whether each gradient is taken at the worst point near θ (SAM), and which; nil for gradients at θ.
  var sharpness: SharpnessAware? { get set }
  /// Why the optimizer cannot step block by block; nil if it can.
  var obstacleToBlocks: BlockStepError? { get }
  /// Gives the parameters whose names match `pattern` options of their own, as text.
  mutating func group(_ pattern: String, options: [(name: String, value: String)], steps: Int?) throws
  /// Keeps the parameters whose names match `pattern` at their values.
  mutating func freeze(_ pattern: String) throws(GroupError)

  /// Replaces a slot of the state.
  /// - Throws: ``SlotError`` if the method has no such slot, or the vector's layout differs.
  mutating func assign(_ vector: ParameterVector<Scalar>, toSlot name: String) throws(SlotError)
  /// The average of the parameters, for evaluation, if the method keeps one.
  var average: ParameterVector<Scalar>? { get }
  /// The slot of the curvature that the method divides by, which an objective or the program gives; nil for a method that
  /// steps by gradients alone.
  var curvatureSlot: String? { get }
  /// For how many elements ε dominated the last step; nil if that is not known for the method.
  var epsilonShare: EpsilonShare? { get }
}

/// A stepper that can do all that an ``Optimizer`` can without knowledge of its rule's type.
public protocol CompleteStepper<Scalar>: ResumableStepper, InspectableStepper {}

extension Optimizer: CompleteStepper {
  public var name: String { Rule.name }
  public var needs: Set<ObjectiveCapability> {
    var needs = rule.needs
    if stepsByBlock { needs.insert(.blocks) }
    if sharpness != nil { needs.insert(.otherPoints) }
    return needs
  }
  public var curvatureSlot: String? { Rule.curvatureSlot }

  public var learningRate: Schedule {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  func check(_ other: ParameterLayout) throws(LayoutError) {
    if let difference = layout.difference(from: other) { throw .mismatch(difference) }
  }
}
