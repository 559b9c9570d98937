import Testing

@testable import Descent

/// Every rule either refuses a quantized state, or does as well with it as with its full state.
@Suite struct QuantizedRulesTests {
  /// f(θ) = ½ Σ h (θ − c)², with noise in the gradient.
  struct Problem {
    static let count = 128
    let layout = try! ParameterLayout([("x", [count])])

    func loss(_ θ: ParameterVector<Float>) -> Double {
      θ.values.enumerated().reduce(0) { sum, x in
        let distance = Double(x.element) - center(x.offset)
        return sum + curvature(x.offset) * distance * distance / 2
      } / Double(Self.count)
    }

    func center(_ i: Int) -> Double { i % 2 == 0 ? 1 : -1 }
    func curvature(_ i: Int) -> Double { 1 / Double(1 + i % 5) }

    /// Mean loss over the last quarter of the steps.
    func run<Rule: PassRule>(_ rule: Rule, steps: Int = 300) throws -> Double where Rule.Scalar == Float {
      var θ = ParameterVector<Float>(zeros: layout)
      var g = θ
      var optimizer = try Optimizer(rule, for: θ, threads: 1)
      if let slot = Rule.curvatureSlot {
        var ones = θ
        for block in layout.blocks { try ones.assign(Array(repeating: 1, count: block.count), to: block.name) }
        try optimizer.assign(ones, toSlot: slot)
      }
      var stream = RandomStream(seed: 5, name: "noise")
      var sum = 0.0
      for t in 1...steps {
        let values = θ.values
        g.withUnsafeMutableElements { elements in
          for i in 0..<Self.count {
            elements[i] = Float(curvature(i) * (Double(values[i]) - center(i)) + 0.3 * stream.normal())
          }
        }
        try optimizer.step(&θ, gradient: g)
        if t > steps * 3 / 4 { sum += loss(θ) }
      }
      return sum / Double(steps / 4)
    }
  }

  private func expectAsGood<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar == Float {
    #expect(Rule.slotKinds.count == Rule.slots.count, "\(Rule.name)")
    var rule = rule
    // A rate at which every method makes progress.
    let isSlow = ["adadelta"].contains(Rule.name)
    if ["adam", "nadam", "adan", "ad", "lion", "sign", "rprop", "yogi", "padam", "qhadam", "radam", "rms", "centered"]
      .contains(where: Rule.name.hasPrefix)
    {
      rule.learningRate = isSlow ? 1 : 0.02
    }
    let problem = Problem()
    let start = problem.loss(ParameterVector(zeros: problem.layout))
    let exact = try problem.run(rule)
    for (name, rounded) in [
      ("block8", try problem.run(rule.quantized(.block8))), ("bfloat16", try problem.run(rule.quantized(.bfloat16))),
    ] {
      #expect(
        abs(rounded - exact) < 0.05 * start, "\(Rule.name) in \(name): \(rounded), exact \(exact), start \(start)")
    }
  }

  private func expectRefused<Rule: ElementRule>(_ rule: Rule) where Rule.Scalar == Float {
    let θ = ParameterVector<Float>(zeros: try! ParameterLayout([("x", [3])]))
    #expect("\(Rule.name)") {
      try Optimizer(rule.quantized(.block8), for: θ)
    } throws: {
      if case .cannotQuantize(Rule.name, _)? = $0 as? RuleError { true } else { false }
    }
  }

  @Test func rulesWithMoments() throws {
    try expectAsGood(ACProp<Float>())
    try expectAsGood(ADOPT<Float>())
    try expectAsGood(AMSBound<Float>())
    try expectAsGood(AMSGrad<Float>())
    try expectAsGood(AdEMAMix<Float>())
    try expectAsGood(AdaBelief<Float>())
    try expectAsGood(AdaBeliefInject<Float>())
    try expectAsGood(AdaBound<Float>())
    try expectAsGood(AdaMax<Float>())
    try expectAsGood(AdaMod<Float>())
    try expectAsGood(Adam<Float>())
    try expectAsGood(AdamInject<Float>())
    try expectAsGood(AdamNC<Float>())
    try expectAsGood(AdamW<Float>())
    try expectAsGood(Adan<Float>())
    try expectAsGood(DiffGrad<Float>())
    try expectAsGood(DiffGradInject<Float>())
    try expectAsGood(GenericAdam<Float>())
    try expectAsGood(Nadam<Float>())
    try expectAsGood(Padam<Float>())
    try expectAsGood(QHAdam<Float>())
    try expectAsGood(RAdam<Float>())
    try expectAsGood(RAdamInject<Float>())
    try expectAsGood(Yogi<Float>())
    try expectAsGood(ScheduleFreeAdamW<Float>())
  }

  @Test func rulesWithOneSlotOrTwo() throws {
    try expectAsGood(AdaDelta<Float>())
    try expectAsGood(AdaGrad<Float>())
    try expectAsGood(CenteredRMSProp<Float>())
    try expectAsGood(DelayedAdaGrad<Float>())
    try expectAsGood(Lion<Float>())
    try expectAsGood(Momentum<Float>())
    try expectAsGood(Nesterov<Float>())
    try expectAsGood(QHM<Float>())
    try expectAsGood(RMSProp<Float>())
    try expectAsGood(RMSPropMomentum<Float>())
    try expectAsGood(Rprop<Float>())
    try expectAsGood(SGDW<Float>())
    try expectAsGood(Schaul<Float>())
    try expectAsGood(Signum<Float>())
  }

  @Test func compositions() throws {
    try expectAsGood(Adam<Float>().decayed(by: 1e-4).penalized(by: 1e-3).clipped(to: 4).averaged(0.99))
    try expectAsGood(Momentum<Float>().lookingAhead())
  }

  @Test func rulesWhoseParametersAreComputedFromTheirState() {
    expectRefused(ASGD<Float>())
    expectRefused(BeckerLeCun<Float>())
    expectRefused(FTRLMomentum<Float>())
    expectRefused(MADGRAD<Float>())
    expectRefused(ScheduleFreeSGD<Float>())
    expectRefused(VSGD<Float>())
  }

  @Test func rulesWithoutState() {
    expectRefused(SGD<Float>())
    expectRefused(SignSGD<Float>())
    expectRefused(SGD<Float>().decayed(by: 0.1))
  }

  /// A rule that does not declare what its slots hold.
  struct Unknown: ElementRule {
    typealias Scalar = Float
    var learningRate: Schedule = 0.1
    struct State: BitwiseCopyable { var u: SIMD16<Float> }
    func coefficients(at t: Int) -> Float { Float(learningRate(at: t)) }
    func update(_ θ: inout SIMD16<Float>, gradient g: SIMD16<Float>, state s: inout State, _ α: Float) { θ -= α * g }
  }

  @Test func aRuleThatDoesNotSay() { expectRefused(Unknown()) }
}
