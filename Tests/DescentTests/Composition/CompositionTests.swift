import Descent
import RealModule
import TestSupport
import Testing

/// Compares composed rules with the equations of their parts.
@Suite struct CompositionTests {
  private let gradients = GradientSequence.noisy.gradients(Double.self, steps: 60)

  @Test func decayPenaltyAndClipping() throws {
    let path = try trajectory(of: Adam<Double>().decayed(by: 0.01), gradients: gradients, from: 0.5)
    let adamW = try trajectory(of: AdamW<Double>(weightDecay: 0.01), gradients: gradients, from: 0.5)
    for (a, b) in zip(path.joined(), adamW.joined()) { #expect(abs(a - b) < 1e-14) }

    var θ = Array(repeating: 0.5, count: GradientSequence.elements)
    let rule = SGD<Double>(learningRate: 0.1).penalized(by: 0.2).clipped(to: 0.8)
    for (gradient, result) in zip(gradients, try trajectory(of: rule, gradients: gradients, from: 0.5)) {
      for i in θ.indices { θ[i] -= 0.1 * (min(0.8, max(-0.8, gradient[i])) + 0.2 * θ[i]) }
      for i in θ.indices { #expect(abs(result[i] - θ[i]) < 1e-14) }
    }

    let coupled = SGD<Double>(learningRate: 0.1).decayed(by: 0.2, coupling: .learningRate)
    let zero = [[0.0], [0.0]]
    #expect(try abs(trajectory(of: coupled, gradients: zero, from: 1)[1][0] - 0.98 * 0.98) < 1e-15)
  }

  @Test func clippingKeepsNaN() throws {
    let path = try trajectory(of: SGD<Float>().clipped(to: 1), gradients: [[.nan, 7]], from: 0)
    #expect(path[0][0].isNaN && path[0][1] == -0.01)
  }

  @Test func averages() throws {
    func averages<Rule: ElementRule & AveragingRule>(_ rule: Rule) throws -> (θ: [[Double]], average: [[Double]])
    where Rule.Scalar == Double {
      var θ = try ParameterVector(Array(repeating: 0.5, count: GradientSequence.elements))
      var optimizer = try Optimizer(rule, for: θ)
      var result: (θ: [[Double]], average: [[Double]]) = ([], [])
      for gradient in gradients {
        try optimizer.step(&θ, gradient: try ParameterVector(gradient))
        result.θ.append(θ.values)
        result.average.append(optimizer.averagedParameters.values)
      }
      return result
    }
    let plain = try trajectory(of: Adam<Double>(), gradients: gradients, from: 0.5)
    let exponential = try averages(Adam<Double>().averaged(0.9))
    #expect(exponential.θ == plain)
    // After one step the average is θ₁.
    for i in 0..<GradientSequence.elements {
      #expect(abs(exponential.average[0][i] - plain[0][i]) < 1e-15)
      let weights = (0..<60).map { Double.pow(0.9, Double(59 - $0)) }
      let expected = zip(weights, plain).reduce(0) { $0 + $1.0 * $1.1[i] } / weights.reduce(0, +)
      #expect(abs(exponential.average[59][i] - expected) < 1e-14)
    }
    let polyak = try averages(Adam<Double>().averaged(.polyak(from: 11)))
    #expect(polyak.θ == plain && polyak.average[9] == plain[9])
    for i in 0..<GradientSequence.elements {
      let mean = plain[10...].reduce(0) { $0 + $1[i] } / 50
      #expect(abs(polyak.average[59][i] - mean) < 1e-14)
    }
  }

  @Test func optionsReachTheBase() throws {
    var rule = Adam<Float>().decayed(by: 0.1).averaged(0.9)
    try rule.setOption("lr", to: "cosine(0.1)", steps: 100)
    try rule.setOption("average", to: "0.99")
    #expect(rule.base.base.learningRate == .cosine(0.1, to: 0, over: 100) && rule.average == .exponential(0.99))
    rule.learningRate = 0.5
    #expect(rule.base.base.learningRate == 0.5)
    #expect(throws: RuleError.self) { try rule.setOption("weightDecay", to: "-2") }
  }
}
