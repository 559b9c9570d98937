import Descent
import RealModule
import Testing

/// Adam's variants on the problems on which Adam goes to the worst point.
@Suite struct AdamConvergenceTests {
  /// x ∈ [−1, 1] after `steps` steps on P x, −x, −x, … with period P; the minimum is −1, the maximum +1.
  private func end<Rule: UpdateRule>(_ rule: Rule, period: Int, steps: Int = 10_000) throws -> Double
  where Rule.Scalar == Double {
    var x = try ParameterVector([0.5])
    let (up, down) = (try ParameterVector([Double(period)]), try ParameterVector([-1.0]))
    var optimizer = try Optimizer(rule, for: x)
    for t in 1...steps {
      try optimizer.step(&x, gradient: t % period == 1 ? up : down)
      x.withUnsafeMutableElements { $0[0] = min(1, max(-1, $0[0])) }
    }
    return x.values[0]
  }

  /// Reddi, Kale & Kumar, theorem 1: Adam goes to +1 if β₂ is small for the period. Methods whose decay tends to 1 go
  /// to −1, and so do methods that divide by what they knew before the gradient.
  @Test(arguments: [3, 10])
  func reddisProblem(period: Int) throws {
    let rate = Schedule.inverseSquareRoot(0.5)
    let β2 = period == 3 ? 0.3 : 0.9
    #expect(try end(Adam(learningRate: rate, beta1: 0, beta2: β2, epsilon: 0), period: period) > 0.9)
    #expect(try end(GenericAdam(learningRate: rate, beta1: 0, beta2: .constant(β2)), period: period) > 0.9)

    #expect(try end(AdamNC(learningRate: rate, beta1: 0), period: period) < -0.9)
    #expect(try end(AdamNC(learningRate: rate), period: period) < -0.9)
    #expect(
      try end(GenericAdam(learningRate: rate, beta2: .complement(.inversePower(0.9, power: 1))), period: period)
        < -0.9)
    #expect(try end(ADOPT(learningRate: rate, beta1: 0, beta2: β2, clips: false), period: period) < -0.9)
    for form in ACProp<Double>.Form.allCases {
      // s is large if g is, so the steps are small.
      let acProp = ACProp<Double>(learningRate: rate, beta1: 0.9, beta2: β2, form: form)
      #expect(try end(acProp, period: period) < -0.9, "\(form)")
    }
  }

  /// Zhuang et al. 2021, section 3: with momentum too, Adam and AdaBelief go to +1 and ACProp to −1. ACProp does not if
  /// it steps along the momentum, an option of the authors' code.
  @Test func asynchronousStepsConverge() throws {
    let rate = Schedule.inverseSquareRoot(0.5)
    #expect(try end(Adam(learningRate: rate, beta2: 0.99, epsilon: 0), period: 101) > 0.9)
    #expect(try end(AdaBelief(learningRate: rate, beta2: 0.99), period: 101) > 0.9)
    for form in [ACProp<Double>.Form.paper, .official] {
      var acProp = ACProp<Double>(learningRate: rate, beta2: 0.99, form: form)
      #expect(try end(acProp, period: 101) < -0.9, "\(form)")
      acProp.momentumUpdate = true
      #expect(try end(acProp, period: 101) > 0.3, "\(form)")
    }
  }

  /// Zou et al. 2019, section 5: 1010 x with probability 0.01, otherwise −10 x, on [−1, 1]; θₜ = 1 − (0.01 + 0.99 r) / tʳ
  /// and αₜ = 0.5 / √t. With r = 0 x goes to the worst point; with r > 0 it comes nearer to the best, and sooner
  /// for larger r.
  @Test(arguments: [0, 0.9]) func genericAdamIsOrderedInR(momentum: Double) throws {
    let (count, steps) = (64, 10_000)
    var stream = RandomStream(seed: 11, name: "generic adam")
    let start = try ParameterVector((0..<count).map { _ in 2 * stream.uniform() - 1 })
    // The same rare gradients for every r.
    let rare = (0..<steps).map { _ in (0..<count).filter { _ in stream.uniform() < 0.01 } }
    let common = try ParameterVector(Array(repeating: -10.0, count: count))
    func mean(_ r: Double, after steps: Int) throws -> Double {
      let rule = GenericAdam<Double>(
        learningRate: .inverseSquareRoot(0.5), beta1: .constant(momentum),
        beta2: .complement(.inversePower(0.01 + 0.99 * r, power: r)))
      var x = start
      var g = common
      var optimizer = try Optimizer(rule, for: x)
      for indices in rare.prefix(steps) {
        g.withUnsafeMutableElements { g in for i in indices { g[i] = 1010 } }
        try optimizer.step(&x, gradient: g)
        g.withUnsafeMutableElements { g in for i in indices { g[i] = -10 } }
        x.withUnsafeMutableElements { x in for i in 0..<count { x[i] = min(1, max(-1, x[i])) } }
      }
      return x.values.reduce(0, +) / Double(count)
    }
    let means = try [0, 0.25, 0.5, 0.75, 1].map { try mean($0, after: steps) }
    #expect(means[0] > 0.9, "\(means)")
    for (slower, faster) in zip(means.dropFirst(), means.dropFirst(2)) { #expect(faster < slower - 0.05, "\(means)") }
    #expect(try mean(0, after: 1000) < means[0])
    #expect(try mean(1, after: 1000) > means[4] + 0.1, "\(means)")
  }
}
