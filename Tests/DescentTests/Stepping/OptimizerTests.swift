import Descent
import Testing

@Suite struct OptimizerTests {
  private func model() throws -> (θ: ParameterVector<Float>, g: ParameterVector<Float>) {
    let layout = try ParameterLayout([
      ("dense1.weight", [4, 5]), ("dense1.bias", [5]), ("dense2.weight", [5, 2]), ("dense2.bias", [2]),
    ])
    var θ = ParameterVector<Float>(zeros: layout)
    var g = θ
    for block in layout.blocks {
      try θ.assign(Array(repeating: 1, count: block.count), to: block.name)
      try g.assign(Array(repeating: 1, count: block.count), to: block.name)
    }
    return (θ, g)
  }

  @Test func groupsHaveTheirOwnOptions() throws {
    var (θ, g) = try model()
    var optimizer = try Optimizer(SGD<Float>(learningRate: 0.5).decayed(by: 0.5), for: θ)
    try optimizer.group("*.bias") { $0.weightDecay = 0 }
    try optimizer.group("dense2.*") {
      $0.learningRate = 0.25
      $0.weightDecay = 0
    }
    try optimizer.freeze("dense1.weight")
    try optimizer.step(&θ, gradient: g)
    #expect(try θ.values(of: "dense1.weight").allSatisfy { $0 == 1 })
    #expect(try θ.values(of: "dense1.bias").allSatisfy { $0 == 0.5 })
    #expect(try θ.values(of: "dense2.weight").allSatisfy { $0 == 0.75 })
    #expect(try θ.values(of: "dense2.bias").allSatisfy { $0 == 0.75 })

    let checkpoint = try optimizer.checkpoint(θ)
    var restored = try Optimizer(SGD<Float>().decayed(by: 0), for: θ)
    try restored.restore(checkpoint, into: &θ)
    #expect(restored.groups.map(\.pattern) == ["*.bias", "dense2.*", "dense1.weight"])
    #expect(restored.rule.learningRate == 0.5 && restored.rule.weightDecay == 0.5)
    #expect(throws: GroupError.self) { try optimizer.group("encoder.*") { _ in } }
    #expect(throws: GroupError.self) { try optimizer.freeze("dense") }
    #expect(throws: RuleError.self) { try optimizer.group("*") { $0.weightDecay = -1 } }
  }

  /// If an option is set outside its range, or outside the range that another option allows, the next step refuses it
  /// and changes nothing.
  @Test func changedOptionsAreChecked() throws {
    func expectRefusal<S: InspectableStepper<Float>>(_ optimizer: S, _ change: (inout S) -> Void) throws {
      var optimizer = optimizer
      var (θ, g) = try model()
      let start = θ
      try optimizer.step(&θ, gradient: g)
      let moved = θ
      #expect(moved != start)
      var broken = optimizer
      change(&broken)
      #expect(throws: RuleError.self) { try broken.step(&θ, gradient: g) }
      #expect(θ == moved && broken.stepCount == 1)
      // A bad value is refused again, and a good value is accepted.
      #expect(throws: RuleError.self) { try broken.step(&θ, gradient: g) }
      broken.learningRate = 0.01
      if S.self == Optimizer<SGD<Float>>.self { try broken.step(&θ, gradient: g) }
    }
    let θ = try model().θ
    try expectRefusal(Optimizer(SGD<Float>(), for: θ)) { $0.learningRate = -1 }
    try expectRefusal(Optimizer(Adam<Float>(), for: θ)) { $0.rule.beta2 = 1 }
    try expectRefusal(Optimizer(Adam<Float>(), for: θ)) { $0.rule.epsilon = .nan }
    try expectRefusal(Optimizer(SGD<Float>(learningRate: 0.1).decayed(by: 1), for: θ)) { $0.rule.weightDecay = 101 }
    try expectRefusal(Optimizer(SGD<Float>(learningRate: 0.1).averaged(0.5), for: θ)) {
      $0.rule.average = .polyak(from: 0)
    }
    try expectRefusal(Optimizer(Muon<Float>(), for: θ)) { $0.rule.momentum = 2 }
    try expectRefusal(Optimizer(AdaGradNorm<Float>(), for: θ)) { $0.rule.initialNorm = -1 }
  }

  /// A method that divides by a curvature refuses to step without one.
  @Test func noStepWithoutTheCurvature() throws {
    func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar == Float {
      var (θ, g) = try model()
      let start = θ
      var optimizer = try Optimizer(rule, for: θ)
      let slot = try #require(Rule.curvatureSlot)
      let missing = RuleError.needsCurvature(rule: Rule.name, slot: slot)
      #expect(throws: missing) { try optimizer.step(&θ, gradient: g) }
      var fresh = try Optimizer(rule, for: θ)
      try fresh.restore(try optimizer.checkpoint(θ), into: &θ)
      #expect(throws: missing) { try fresh.step(&θ, gradient: g) }
      #expect(θ == start)
      try optimizer.assign(g, toSlot: slot)
      try optimizer.step(&θ, gradient: g)
      #expect(θ != start)
      try fresh.restore(try optimizer.checkpoint(θ), into: &θ)
      try fresh.step(&θ, gradient: g)
    }
    try check(VSGD<Float>())
    try check(Schaul<Float>().clipped(to: 1))
    try check(BeckerLeCun<Float>().decayed(by: 0.1).averaged(0.9))
    #expect(throws: RuleError.self) {
      try minimize(from: [1.0], using: VSGD(), steps: 1) { x, gradient in
        gradient[0] = x[0]
        return x[0]
      }
    }
  }

  /// The largest learning rate times λ is at most 1, whatever λ is: Lion's authors use 10 at 1e-4.
  @Test func decayIsBoundedByTheRate() throws {
    let θ = try model().θ
    _ = try Optimizer(Lion<Float>(learningRate: 1e-4).decayed(by: 10), for: θ)
    _ = try Optimizer(SGD<Float>(learningRate: 0.5).decayed(by: 2), for: θ)
    _ = try Optimizer(LAMB<Float>(learningRate: 0.01).decayed(by: 100), for: θ)
    _ = try Optimizer(AdamW<Float>(weightDecay: 1000), for: θ)
    #expect(throws: RuleError.self) { try Optimizer(SGD<Float>(learningRate: 0.5).decayed(by: 2.1), for: θ) }
    #expect(throws: RuleError.self) {
      try Optimizer(SGD<Float>(learningRate: .warmup(9, then: 0.5)).decayed(by: 3), for: θ)
    }
    #expect(throws: RuleError.self) { try Optimizer(SGD<Float>().decayed(by: 1.5, coupling: .independent), for: θ) }
    #expect(throws: RuleError.self) { try Optimizer(AdamW<Float>(schedule: 2, weightDecay: 1000), for: θ) }
    #expect(throws: RuleError.self) { try Optimizer(LAMB<Float>(learningRate: 0.01).decayed(by: 101), for: θ) }
    #expect(throws: RuleError.self) {
      try Optimizer(Muon<Float>(adamLearningRate: 0.5, adamWeightDecay: 3), for: θ)
    }
  }

  @Test func ratesCanBeReadAndChangedWhileTraining() throws {
    var (θ, g) = try model()
    var optimizer = try Optimizer(SGD<Float>(learningRate: .inverse(1)), for: θ)
    try optimizer.step(&θ, gradient: g)
    #expect(optimizer.rule.learningRate(at: optimizer.stepCount + 1) == 0.5)
    optimizer.rule.learningRate = 0.125
    θ.setToZero()
    try optimizer.step(&θ, gradient: g)
    #expect(θ.values.allSatisfy { $0 == -0.125 })
  }

  @Test func aCopyIsASnapshot() throws {
    var (θ, g) = try model()
    var optimizer = try Optimizer(Adam<Float>(), for: θ)
    try optimizer.step(&θ, gradient: g)
    let (snapshot, at) = (optimizer, θ)
    try optimizer.step(&θ, gradient: g)
    var (again, θAgain) = (snapshot, at)
    try again.step(&θAgain, gradient: g)
    #expect(θAgain == θ)
    #expect(try snapshot.slot("adam/m") != optimizer.slot("adam/m"))
  }

  @Test func otherLayoutsAreRefused() throws {
    var (θ, _) = try model()
    var optimizer = try Optimizer(Adam<Float>(), for: θ)
    let other = try ParameterVector<Float>([1, 2])
    #expect(throws: LayoutError.self) { try optimizer.step(&θ, gradient: other) }
    #expect(optimizer.stepCount == 0)
  }

  @Test func aStateThatIsNotMadeOfLanesIsRefused() throws {
    struct Mixed: ElementRule {
      var learningRate: Schedule = 0.1
      struct State: BitwiseCopyable {
        var m: SIMD16<Float>
        var n: Float
      }
      struct Coefficients {}
      func coefficients(at t: Int) -> Coefficients { Coefficients() }
      func update(_ θ: inout SIMD16<Float>, gradient g: SIMD16<Float>, state: inout State, _ c: Coefficients) {}
      typealias Scalar = Float
    }
    #expect(throws: RuleError.invalidState(rule: "mixed")) {
      _ = try Optimizer(Mixed(), for: try ParameterVector<Float>([1]))
    }
  }

  @Test func optionsAreReadFromText() throws {
    var adam = Adam<Float>()
    try adam.setOption("LR", to: "0.01")
    try adam.setOption("eps", to: "1e-7")
    try adam.setOption("epsilonform", to: "Hat")
    try adam.setOption("biasCorrection", to: "false")
    #expect(adam.learningRate == 0.01 && adam.epsilon == 1e-7 && adam.epsilonForm == .hat && !adam.biasCorrection)
    #expect(
      throws: RuleError.unknown(
        UnknownName("beta3", kind: "option", of: "adam", known: Adam<Float>.options.map(\.name)))
    ) { try adam.setOption("beta3", to: "1") }
    for (name, value) in [
      ("beta2", "1"), ("beta2", "-0.1"), ("beta1", "1"), ("lr", "-1"), ("lr", "nan"), ("lr", "cosine(0.1)"),
      ("epsilonForm", "none"), ("biasCorrection", "maybe"), ("beta2", "x"),
    ] {
      var rule = Adam<Float>()
      #expect(throws: RuleError.self, "\(name)=\(value)") { try rule.setOption(name, to: value) }
      // What is refused changes nothing.
      #expect(rule.beta1 == 0.9 && rule.beta2 == 0.999 && rule.learningRate == 0.001)
    }
    // Infinite in Float: ε would make ∞ ÷ ∞ of a finite gradient.
    for (name, value) in [("eps", "1e39"), ("lr", "1e39"), ("lr", "linear(1e39, over=5)")] {
      var (narrow, wide) = (Adam<Float>(), Adam<Double>())
      #expect(throws: RuleError.self, "\(name)=\(value)") { try narrow.setOption(name, to: value) }
      try wide.setOption(name, to: value)
    }
    #expect(throws: RuleError.self) { try Adam<Float>().penalized(by: 1e39).validate() }
  }
}
