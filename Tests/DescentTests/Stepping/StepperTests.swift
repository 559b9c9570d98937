import Descent
import Testing

@Suite struct StepperTests {
  /// A user's own optimizer.
  private struct Halving: Stepper {
    typealias Scalar = Float
    var optimizer: Optimizer<SGD<Float>>
    var name: String { "halving" }
    var layout: ParameterLayout { optimizer.layout }
    var stepCount: Int { optimizer.stepCount }

    mutating func step(
      _ θ: inout ParameterVector<Float>, on objective: some Objective<Float>
    ) throws -> StepReport {
      try optimizer.step(&θ, on: objective)
    }
  }

  /// It has the step by a gradient, and minimizes.
  @Test func aStepperOfOnesOwnMinimizes() throws {
    var θ = try ParameterVector<Float>([1, 2])
    var stepper = Halving(optimizer: try Optimizer(SGD<Float>(learningRate: 0.5), for: θ))
    try stepper.step(&θ, gradient: θ)
    #expect(stepper.stepCount == 1 && θ.values == [0.5, 1])
    let minimum = try minimize(
      from: θ, stepping: stepper, steps: 10,
      on: ClosureObjective { θ, g in
        g = θ
        return 0.5 * θ.sumOfSquares()
      })
    let end: [Float] = [0.5 / 1024, 1 / 1024]
    #expect(minimum.parameters.values == end)
  }
}
