import Descent
import TestSupport
import Testing

@Suite struct LookaheadTests {
  private let gradients = GradientSequence.noisy.gradients(Double.self, steps: 60)

  /// Zhang et al., Algorithm 1, around a separate Adam.
  @Test func matchesTheAlgorithm() throws {
    for (period, rate) in [(5, 0.5), (1, 0.3), (7, 0.8), (3, 0), (4, 1)] {
      let start = try ParameterVector(Array(repeating: 0.4, count: GradientSequence.elements))
      var fast = start
      var slow = start.values
      var adam = try Optimizer(Adam<Double>(), for: fast)
      let path = try trajectory(
        of: Adam<Double>().lookingAhead(every: period, rate: rate), gradients: gradients, from: 0.4)
      for (t, gradient) in gradients.enumerated() {
        // The inner state is not reset.
        try adam.step(&fast, gradient: ParameterVector(gradient))
        if (t + 1) % period == 0 {
          slow = zip(slow, fast.values).map { $0 + rate * ($1 - $0) }
          fast = try ParameterVector(slow)
        }
        for (ours, exact) in zip(path[t], fast.values) { #expect(abs(ours - exact) < 1e-15) }
      }
    }
  }

  @Test func slotsOptionsAndAverages() throws {
    typealias Rule = Lookahead<Adam<Float>>
    #expect(Rule.slots == ["adam/m", "adam/v", "slow"])
    var adam = Adam<Float>().lookingAhead()
    try adam.setOption("period", to: "3")
    try adam.setOption("beta1", to: "0.8")
    #expect(adam.period == 3 && adam.base.beta1 == 0.8)
    #expect(throws: RuleError.self) { try adam.setOption("period", to: "0") }
    #expect(throws: RuleError.self) { try adam.setOption("slowRate", to: "1.5") }

    // The average of an inner rule is the composition's average.
    let θ = try ParameterVector([1 as Float, 2])
    let rule = SGD<Float>(learningRate: 1).averaged(0.9).clipped(to: 1)
    var optimizer = try Optimizer(rule.lookingAhead(), for: θ)
    var moved = θ
    try optimizer.step(&moved, gradient: θ)
    #expect(optimizer.averagedParameters.values == [0, 1])
  }

  /// Resumes between two synchronizations; checkpoints of every kind of rule hold the slow weights.
  @Test func resumesBetweenSynchronizations() throws {
    let rule = Momentum<Double>().lookingAhead(every: 6, rate: 0.5)
    let straight = try trajectory(of: rule, gradients: gradients, from: 0.4)
    for interruption in [1, 5, 6, 8] {
      var θ = try ParameterVector(Array(repeating: 0.4, count: GradientSequence.elements))
      var optimizer = try Optimizer(rule, for: θ)
      for (t, gradient) in gradients.enumerated() {
        if t == interruption {
          let checkpoint = try optimizer.checkpoint(θ)
          θ = ParameterVector(zeros: θ.layout)
          optimizer = try Optimizer(rule, for: θ)
          try optimizer.restore(checkpoint, into: &θ)
        }
        try optimizer.step(&θ, gradient: ParameterVector(gradient))
      }
      #expect(θ.values == straight.last!)
    }
  }
}
