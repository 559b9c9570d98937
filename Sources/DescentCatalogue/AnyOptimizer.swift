import Descent

/// An optimizer whose rule is chosen while the program runs.
///
/// Its steps are as fast as those of the `Optimizer` it holds: the pass over the parameters is specialized where that
/// optimizer is made. A value, like it: a copy is a snapshot.
public struct AnyOptimizer<Scalar: LaneScalar>: CompleteStepper {
  private var optimizer: any CompleteStepper<Scalar>

  /// Holds `optimizer`. Make it where its rule's concrete type is known.
  public init(_ optimizer: some CompleteStepper<Scalar>) { self.optimizer = optimizer }

  public var name: String { optimizer.name }
  public var layout: ParameterLayout { optimizer.layout }
  public var stepCount: Int { optimizer.stepCount }

  public var needs: Set<ObjectiveCapability> { optimizer.needs }

  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Scalar>, on objective: some Objective<Scalar>
  ) throws -> StepReport {
    try optimizer.step(&θ, on: objective)
  }

  public var obstacleToBlocks: BlockStepError? { optimizer.obstacleToBlocks }

  public var stepsByBlock: Bool {
    get { optimizer.stepsByBlock }
    set { optimizer.stepsByBlock = newValue }
  }

  public var exchange: (any Exchange<Scalar>)? {
    get { optimizer.exchange }
    set { optimizer.exchange = newValue }
  }

  public var sharpness: SharpnessAware? {
    get { optimizer.sharpness }
    set { optimizer.sharpness = newValue }
  }

  public func checkpoint(_ θ: ParameterVector<Scalar>) throws -> Checkpoint<Scalar> { try optimizer.checkpoint(θ) }

  public mutating func restore(
    _ checkpoint: Checkpoint<Scalar>, into θ: inout ParameterVector<Scalar>
  ) throws(CheckpointError) {
    try optimizer.restore(checkpoint, into: &θ)
  }

  public func optionDifference(from checkpoint: Checkpoint<Scalar>) throws(CheckpointError) -> String? {
    try optimizer.optionDifference(from: checkpoint)
  }

  public var learningRate: Schedule {
    get { optimizer.learningRate }
    set { optimizer.learningRate = newValue }
  }

  public var transforms: [any GradientTransform<Scalar>] {
    get { optimizer.transforms }
    set { optimizer.transforms = newValue }
  }

  public mutating func group(
    _ pattern: String, options: [(name: String, value: String)], steps: Int? = nil
  ) throws {
    try optimizer.group(pattern, options: options, steps: steps)
  }

  public mutating func freeze(_ pattern: String) throws(GroupError) { try optimizer.freeze(pattern) }

  public mutating func assign(_ vector: ParameterVector<Scalar>, toSlot name: String) throws(SlotError) {
    try optimizer.assign(vector, toSlot: name)
  }

  public var average: ParameterVector<Scalar>? { optimizer.average }
  public var curvatureSlot: String? { optimizer.curvatureSlot }
  public var epsilonShare: EpsilonShare? { optimizer.epsilonShare }
}
