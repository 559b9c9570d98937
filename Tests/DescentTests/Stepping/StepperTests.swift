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
    /// It declares no obstacle, but has no step by blocks.
    var obstacleToBlocks: BlockStepError? { nil }

    mutating func step(
      _ θ: inout ParameterVector<Float>, gradient: ParameterVector<Float>
    ) throws -> StepReport {
      try optimizer.step(&θ, gradient: gradient)
    }
  }

  /// If an optimizer has no step by blocks, the call is refused instead of silently doing nothing.
  @Test func stepsByBlockAreRefusedUnlessWritten() throws {
    var θ = try ParameterVector<Float>([1, 2])
    var stepper = Halving(optimizer: try Optimizer(SGD<Float>(), for: θ))
    #expect(throws: BlockStepError.method("halving")) { try stepper.stepByBlock(&θ) { _ in } }
    _ = try stepper.step(&θ, gradient: θ)
    #expect(stepper.stepCount == 1)
  }
}
