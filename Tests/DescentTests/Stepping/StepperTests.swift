import Descent
import Testing

@Suite struct StepperTests {
  /// A user's own optimizer that does not mention blocks.
  private struct Halving: Stepper {
    typealias Scalar = Float
    var optimizer: Optimizer<SGD<Float>>
    var name: String { "halving" }
    var layout: ParameterLayout { optimizer.layout }
    var stepCount: Int { optimizer.stepCount }
    var learningRate: Schedule = 0.5
    var transforms: [any GradientTransform<Float>] = []
    var average: ParameterVector<Float>? { nil }
    /// It declares no obstacle, but has no step by blocks.
    var obstacleToBlocks: BlockStepError? { nil }

    mutating func step(
      _ θ: inout ParameterVector<Float>, gradient: ParameterVector<Float>
    ) throws -> StepReport {
      try optimizer.step(&θ, gradient: gradient)
    }
    func checkpoint(_ θ: ParameterVector<Float>) throws -> Checkpoint<Float> { try optimizer.checkpoint(θ) }
    mutating func restore(
      _ checkpoint: Checkpoint<Float>, into θ: inout ParameterVector<Float>
    ) throws(CheckpointError) {
      try optimizer.restore(checkpoint, into: &θ)
    }
    func optionDifference(from checkpoint: Checkpoint<Float>) throws(CheckpointError) -> String? {
      try optimizer.optionDifference(from: checkpoint)
    }
    mutating func group(_ pattern: String, options: [(name: String, value: String)], steps: Int?) throws {}
    mutating func freeze(_ pattern: String) throws(GroupError) {}
  }

  /// If an optimizer has no step by blocks, the call is refused instead of silently doing nothing.
  @Test func stepsByBlockAreRefusedUnlessWritten() throws {
    var θ = try ParameterVector<Float>([1, 2])
    var stepper = Halving(optimizer: try Optimizer(SGD<Float>(), for: θ))
    #expect(throws: BlockStepError.method("halving")) { try stepper.stepByBlock(&θ) { _ in } }
    #expect(throws: SlotError.self) { try stepper.assign(θ, toSlot: "h") }
    #expect(stepper.curvatureSlot == nil)
  }
}
