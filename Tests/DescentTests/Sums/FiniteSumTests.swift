import Descent
import TestSupport
import Testing

@Suite struct FiniteSumTests {
  let problem = LeastSquares(count: 7, dimension: 3)

  @Test func meansOfTerms() throws {
    let sum = try problem.sum
    let x = [0.3, -1, 2]
    let θ = try ParameterVector(x)
    for terms in [[0], [3, 1], [2, 2, 5], Array(0..<7)] {
      var gradient = try ParameterVector([9.0, 9, 9])
      let value = try sum.value(at: θ, of: terms, gradient: &gradient)
      let values = terms.map { i in 0.5 * (dot(problem.a[i], x) - problem.b[i]) * (dot(problem.a[i], x) - problem.b[i])
      }
      #expect(abs(value - values.reduce(0, +) / Double(terms.count)) < 1e-14)
      #expect(distance(gradient.values, problem.gradient(at: x, of: terms)) < 1e-14)
      #expect(try sum.value(at: θ, of: terms) == value)
    }
    #expect(try distance(sum.gradient(at: θ).values, problem.gradient(at: x)) < 1e-14)
    #expect(try norm(sum.gradient(at: ParameterVector(problem.solution)).values) < 1e-13)
  }

  @Test func valuesAlone() throws {
    let sum = try ClosureSum<Double>(count: 4, dimension: 2) { i, x in
      Double(i) * x[0] + x[1]
    } term: { i, x, g in
      g[0] += Double(i)
      g[1] += 1
      return Double(i) * x[0] + x[1]
    }
    let θ = try ParameterVector([2.0, 3])
    #expect(try sum.value(at: θ, of: [1, 3]) == 7)
    #expect(try sum.value(at: θ) == 6)
    #expect(try sum.gradient(at: θ).values == [1.5, 1])
  }

  @Test func nothingIsRefused() throws {
    #expect(throws: MinimizeError.noTerms) {
      try ClosureSum<Double>(count: 0, dimension: 2) { _, _, _ in 0 }
    }
    #expect(throws: MinimizeError.emptyStart) {
      try ClosureSum<Double>(count: 1, dimension: 0) { _, _, _ in 0 }
    }
    let sum = try problem.sum
    #expect(throws: MinimizeError.emptyStart) { try minimize(sum, from: [], using: LBFGS(), steps: 1) }
    #expect(throws: LayoutError.wrongCount(name: "start", expected: 3, found: 2)) {
      try minimize(sum, from: [1, 2], using: LBFGS(), steps: 1)
    }
    #expect(throws: LayoutError.self) {
      try minimize(sum, from: try ParameterVector([1, 2, 3], name: "y"), using: LBFGS(), steps: 1)
    }
    #expect(throws: MinimizeError.negativeSteps(-2)) {
      try minimize(sum, from: [1, 2, 3], using: LBFGS(), steps: -2)
    }
  }

  @Test func isWatchedAndStopped() throws {
    let sum = try problem.sum
    var steps: [Int] = []
    let method = GradientDescent<Double>(learningRate: 0.1)
    let minimum = try minimize(sum, from: [0, 0, 0], using: method, steps: 100) { step in
      #expect(step.step == steps.count)
      #expect(step.evaluations == TermEvaluations(gradients: 7 * step.step))
      let gradient = try step.gradient().values
      #expect(distance(gradient, problem.gradient(at: step.parameters.values)) < 1e-14)
      steps.append(step.step)
      return step.step == 4 ? .stop : .proceed
    }
    #expect(steps == [0, 1, 2, 3, 4] && minimum.isStopped && !minimum.isFinished && minimum.steps == 4)
    #expect(try minimum.value == sum.value(at: ParameterVector(minimum.parameters)))
    let start = try minimize(sum, from: [1, 1, 1], using: LBFGS(), steps: 0)
    #expect(start.parameters == [1, 1, 1] && start.steps == 0 && start.evaluations == TermEvaluations())
  }

  @Test func miniBatchesAreTheRuleOnEpochs() throws {
    let sum = try problem.sum
    let minimum = try minimize(
      sum, from: [0, 0, 0], using: MiniBatch(Adam(learningRate: 0.1), batchSize: 3), steps: 8, seed: 5)
    // By hand: three batches an epoch, of 3, 3 and 1 terms.
    var θ = try ParameterVector([0.0, 0, 0])
    var optimizer = try Optimizer(Adam<Double>(learningRate: 0.1), for: θ)
    var used = 0
    for epoch in 0..<3 {
      var stream = RandomStream(seed: 5, name: "shuffle").substream(UInt64(epoch))
      let order = stream.permutation(of: 7).map(Int.init)
      #expect(order.sorted() == Array(0..<7))
      for batch in [Array(order[0..<3]), Array(order[3..<6]), [order[6]]] where optimizer.stepCount < 8 {
        var g = θ
        _ = try sum.value(at: θ, of: batch, gradient: &g)
        try optimizer.step(&θ, gradient: g)
        used += batch.count
      }
    }
    #expect(minimum.parameters == θ.values && minimum.evaluations == TermEvaluations(gradients: used))
  }

  /// Micro-batches that only accumulate are drawn one after the other: four of one term are a batch of these four.
  @Test func aSkippedStepDrawsTheNextBatch() throws {
    let sum = try CountedSum(problem.sum)
    let θ = try ParameterVector([0.3, -1, 2])
    let method = MiniBatch(SGD<Double>(learningRate: 0.1), batchSize: 1)
    var state = try method.start(at: θ, count: 7, seed: 3)
    state.optimizer.transforms = [Accumulate(4)]
    for step in 1...4 {
      try method.step(&state, on: sum)
      #expect(state.stepCount == (step == 4 ? 1 : 0))
    }
    var stream = RandomStream(seed: 3, name: "shuffle").substream(0)
    let terms = stream.permutation(of: 7).prefix(4).map(Int.init)
    let gradient = problem.gradient(at: θ.values, of: terms)
    #expect(distance(state.parameters.values, zip(θ.values, gradient).map { $0 - 0.1 * $1 }) < 1e-14)
  }

  @Test func aWholeBatchIsTheRuleOnTheObjective() throws {
    let sum = try problem.sum
    let whole = try minimize(
      sum, from: [0, 0, 0], using: MiniBatch(Momentum(learningRate: 0.05), batchSize: 7), steps: 50)
    let rule = try minimize(
      from: try ParameterVector([0.0, 0, 0]), using: Momentum(learningRate: 0.05), steps: 50
    ) { θ, g in try sum.value(at: θ, of: Array(0..<7), gradient: &g) }
    #expect(distance(whole.parameters, rule.parameters.values) < 1e-13)
  }

  @Test func anyOptimizerStepsOnMiniBatches() throws {
    let sum = try problem.sum
    let start = try ParameterVector([0.0, 0, 0])
    let rule = Adam<Double>(learningRate: 0.1)
    let batches = try minimize(sum, from: start, using: MiniBatch(rule, batchSize: 3), steps: 20, seed: 4)
    let stepped = try minimize(
      sum, from: start, stepping: try Optimizer(rule, for: start), batchSize: 3, steps: 20, seed: 4)
    #expect(stepped.parameters == batches.parameters && stepped.value == batches.value)
    #expect(stepped.evaluations == batches.evaluations && stepped.steps == 20)

    let shampoo = try Optimizer(Shampoo<Double>(learningRate: 0.5), for: start)
    let tensor = try minimize(sum, from: start, stepping: shampoo, batchSize: 7, steps: 300)
    #expect(try tensor.value < sum.value(at: ParameterVector(problem.solution)) + 0.01)
    for batchSize in [0, 8] {
      #expect(throws: RuleError.self) {
        try minimize(sum, from: start, stepping: shampoo, batchSize: batchSize, steps: 1)
      }
    }
  }
}
