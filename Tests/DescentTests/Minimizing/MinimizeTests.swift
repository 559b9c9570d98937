import Descent
import Testing

@Suite struct MinimizeTests {
  private func rosenbrock(_ x: Span<Double>, _ gradient: inout MutableSpan<Double>) -> Double {
    let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
    gradient[0] = -2 * a - 400 * x[0] * b
    gradient[1] = 200 * b
    return a * a + 100 * b * b
  }

  @Test func findsTheEndOfRosenbrocksValley() throws {
    let minimum = try minimize(from: [-1.2, 1.0], using: Adam(learningRate: 0.02), steps: 5000, objective: rosenbrock)
    #expect(abs(minimum.parameters[0] - 1) < 1e-3 && abs(minimum.parameters[1] - 1) < 2e-3)
    #expect(minimum.steps == 5000 && !minimum.isStopped && minimum.value < 1e-6)
  }

  @Test func canBeWatchedAndStopped() throws {
    var values: [Double] = []
    let minimum = try minimize(from: [-1.2, 1.0], using: SGD(learningRate: 1e-3), steps: 1000) { step in
      #expect(step.step == values.count)
      values.append(step.value)
      return step.value < 4 ? .stop : .proceed
    } objective: { x, g in
      rosenbrock(x, &g)
    }
    #expect(minimum.isStopped && minimum.value < 4 && minimum.steps == values.count - 1)
    #expect(values[0] > 24.1 && values[0] < 24.3)
  }

  @Test func zeroStepsEvaluateTheStart() throws {
    let minimum = try minimize(from: [1.0, 1.0], using: Adam(), steps: 0, objective: rosenbrock)
    #expect(minimum.parameters == [1, 1] && minimum.value == 0 && minimum.steps == 0)
  }

  @Test func nonsenseIsRefused() throws {
    #expect(throws: MinimizeError.emptyStart) {
      try minimize(from: [], using: Adam<Double>(), steps: 1) { _, _ in 0 }
    }
    #expect(throws: MinimizeError.negativeSteps(-1)) {
      try minimize(from: [0.0], using: Adam(), steps: -1) { _, _ in 0 }
    }
    #expect(throws: MinimizeError.nonFiniteValue(step: 0)) {
      try minimize(from: [0.0], using: Adam(), steps: 1) { _, _ in .nan }
    }
    #expect(throws: MinimizeError.nonFiniteGradient(step: 0, parameter: "x")) {
      try minimize(from: [0.0], using: Adam(), steps: 1) { _, g in
        g[0] = .infinity
        return 0
      }
    }
    #expect(throws: RuleError.self) {
      try minimize(from: [0.0], using: Adam(learningRate: -1), steps: 1) { _, _ in 0 }
    }
  }

  @Test func namedParameters() throws {
    let layout = try ParameterLayout([("a", [2]), ("b", [1])])
    let minimum = try minimize(
      from: ParameterVector<Float>(zeros: layout), using: Nesterov(learningRate: 0.1), steps: 200
    ) { θ, g in
      let (a, b) = (try θ.values(of: "a"), try θ.values(of: "b"))
      try g.assign([a[0] - 1, a[1] + 2], to: "a")
      try g.assign([b[0] - 3], to: "b")
      return 0
    }
    #expect(zip(minimum.parameters.values, [1, -2, 3] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}
