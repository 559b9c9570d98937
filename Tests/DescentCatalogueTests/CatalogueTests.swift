import Descent
import DescentCatalogue
import Testing

@Suite struct CatalogueTests {
  private let gradients: [ParameterVector<Float>]
  private let start: ParameterVector<Float>

  init() throws {
    func vector(_ seed: UInt64) throws -> ParameterVector<Float> {
      var stream = RandomStream(seed: seed, name: "catalogue test")
      return try ParameterVector((0..<37).map { _ in Float(stream.normal()) })
    }
    gradients = try (0..<20).map { try vector(UInt64($0)) }
    start = try vector(99)
  }

  /// A method made from text steps with the same bits as the rule itself.
  private func expectSame<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar == Float {
    let method = try Catalogue.method(named: Rule.name).method
    var θ = start
    var expected = start
    var optimizer = try method.configured(Rule.options.map { ($0.name, $0.text(in: rule)) }).optimizer(for: θ)
    var direct = try Optimizer(rule, for: expected)
    for gradient in gradients {
      try optimizer.step(&θ, gradient: gradient)
      try direct.step(&expected, gradient: gradient)
    }
    #expect(θ == expected, "\(Rule.self)")
    #expect(method.stateBytesPerParameter == Double(Rule.stateBytesPerParameter))
    #expect(optimizer.name == Rule.name && optimizer.stepCount == 20)
    #expect(optimizer.learningRate == rule.learningRate && optimizer.average == nil)
  }

  @Test func methodsAreTheRules() throws {
    try expectSame(SGD(learningRate: .inverse(0.5)))
    try expectSame(Momentum(dampening: 0.3, ratePlacement: .outside))
    try expectSame(Nesterov(momentum: 0.8))
    try expectSame(AdaGrad(epsilon: 1e-7, initialAccumulator: 0.1))
    try expectSame(RMSProp(rho: 0.95))
    try expectSame(AdaDelta(rho: 0.9))
    try expectSame(Adam(learningRate: .cosine(0.1, over: 30), beta1: .exponential(0.9, factor: 0.5), epsilonForm: .hat))
    try expectSame(AdamW(weightDecay: 0.01, decayCoupling: .learningRate))
    try expectSame(AdaMax(beta2: 0.99))
    try expectSame(AMSGrad(correction: .beforeMaximum))
  }

  /// No whole number makes a method allocate without limit or a step run for ever.
  @Test func wholeNumbersAreBounded() throws {
    var count = 0
    for method in Catalogue.methods + Catalogue.sumMethods {
      for option in method.options where option.domain.contains(", …") {
        count += 1
        for value in ["9223372036854775807", "4611686018427387904", "9223372036854775808", "-1"] {
          #expect(throws: RuleError.self, "\(method.name):\(option.name)=\(value)") {
            if try method.sumMethod([(option.name, value)]) == nil { _ = try method.configured([(option.name, value)]) }
          }
        }
      }
    }
    #expect(count > 20)
  }

  @Test(arguments: [nil, Average.exponential(0.9)])
  func clippingIsTheComposition(average: Average?) throws {
    let start = try ParameterVector<Float>([1, -2, 3])
    let gradients: [ParameterVector<Float>] = try [[0.3, -5, 1], [2, 0.01, -0.2]].map { try ParameterVector($0) }
    let method = try Catalogue.method(named: "adam").method
    var optimizer = try method.configured(with: Method.Composition(average: average, clip: 0.5)).optimizer(for: start)
    var expected = try Optimizer(Adam<Float>().clipped(to: 0.5), for: start)
    var wide = try method.configured(with: Method.Composition(average: average, clip: 0.5))
      .optimizer(for: ParameterVector<Double>([1, -2, 3]))
    var (x, y, z) = (start, start, try ParameterVector<Double>([1, -2, 3]))
    for g in gradients {
      try optimizer.step(&x, gradient: g)
      try expected.step(&y, gradient: g)
      try wide.step(&z, gradient: ParameterVector(g.values.map(Double.init)))
    }
    #expect(x == y)
    for (a, b) in zip(x.values, z.values) { #expect(abs(Double(a) - b) < 1e-6) }
  }

  @Test(arguments: ["muon", "prodigy"])
  func onlyElementwiseMethodsClipElements(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    #expect(throws: RuleError.self) { try method.configured(with: Method.Composition(clip: 1)) }
  }

  @Test func additionsAreTheCompositions() throws {
    let rule = Adam<Float>().decayed(by: 0.1, coupling: .learningRate).penalized(by: 0.01).averaged(.polyak(from: 5))
    var direct = try Optimizer(rule, for: start)
    let composition = Method.Composition(decay: 0.1, penalty: 0.01, average: .polyak(from: 5))
    var optimizer = try Catalogue.method(named: "adam").method.configured(with: composition).optimizer(for: start)
    var (θ, expected) = (start, start)
    for gradient in gradients {
      try optimizer.step(&θ, gradient: gradient)
      try direct.step(&expected, gradient: gradient)
    }
    #expect(θ == expected && optimizer.average == direct.averagedParameters)
  }

  @Test func whatIsOutOfRangeIsRefused() throws {
    let (method, _) = try Catalogue.method(named: "adam")
    #expect(throws: RuleError.self) { try method.configured([("beta2", "1")]) }
    #expect(throws: RuleError.self) { try method.configured([("rho", "0.5")]) }
    #expect(throws: RuleError.self) { try method.configured(with: Method.Composition(decay: -1)) }
    #expect(throws: RuleError.self) { try method.configured(with: Method.Composition(penalty: .nan)) }
    #expect(throws: RuleError.self) { try method.configured(with: Method.Composition(average: .exponential(1))) }
  }

  @Test func groupsRatesAndCheckpointsGoThrough() throws {
    var optimizer = try Catalogue.method(named: "sgd").method.configured([("lr", "1")]).optimizer(for: start)
    var θ = start
    try optimizer.group("x", options: [("lr", "0.5")])
    #expect(throws: GroupError.self) { try optimizer.group("y", options: []) }
    try optimizer.step(&θ, gradient: start)
    #expect(θ.values == start.values.map { $0 * 0.5 })
    let checkpoint = try optimizer.checkpoint(θ)
    var restored = try Catalogue.method(named: "sgd").method.configured().optimizer(for: start)
    var other = start
    try restored.restore(checkpoint, into: &other)
    #expect(other == θ && restored.learningRate == 1 && restored.stepCount == 1)
    try restored.freeze("x")
    try restored.step(&other, gradient: start)
    #expect(other == θ)
  }

  /// A copy is a snapshot: what is done with one of two leaves the other as it was.
  @Test(arguments: ["adam", "muon", "prodigy"])
  func copiesAreSnapshots(_ name: String) throws {
    let gradient = start
    let composition = Method.Composition(penalty: 0.1, lookahead: .init(period: 2))
    let method = try Catalogue.method(named: name).method
    var optimizer = try method.configured(with: name == "prodigy" ? .init() : composition).optimizer(for: start)
    var θ = start
    try optimizer.step(&θ, gradient: gradient)
    var copy = optimizer
    let (middle, state) = (θ, try optimizer.checkpoint(θ).slots)
    for _ in 1...3 { try optimizer.step(&θ, gradient: gradient) }
    optimizer.learningRate = 0.5
    #expect(copy.stepCount == 1 && copy.learningRate != 0.5)
    #expect(try copy.checkpoint(middle).slots == state)
    var other = middle
    for _ in 1...3 { try copy.step(&other, gradient: gradient) }
    #expect(other == θ && other != middle)
  }

  @Test func names() throws {
    #expect(Catalogue.methods.map(\.name) == Catalogue.methods.map(\.name).sorted())
    #expect(try Catalogue.method(named: "AMS-Grad").method.name == "amsgrad")
    #expect(try Catalogue.method(named: "Ada Delta").method.name == "adadelta")
    do {
      _ = try Catalogue.method(named: "adamm")
      Issue.record("an unknown name was accepted")
    } catch {
      guard case .unknown(let name) = error else { throw error }
      #expect(name.name == "adamm" && name.nearest == "adam" && name.known.count == Catalogue.all.count)
    }
    let (nesterov, settings) = try Catalogue.method(
      named: "sgd", settings: [("lr", "0.1"), ("momentum", "0.9"), ("nesterov", "true")])
    #expect(nesterov.name == "nesterov" && settings.map(\.name) == ["lr", "momentum"])
    // torch refuses it too: Nesterov's momentum without a momentum.
    for settings in [[("nesterov", "true")], [("nesterov", "true"), ("momentum", "0")]] {
      #expect(throws: MethodError.self) { try Catalogue.method(named: "sgd", settings: settings) }
    }
    #expect(try Catalogue.method(named: "sgd", settings: [("nesterov", "false")]).method.name == "sgd")
    #expect(try Catalogue.method(named: "sgd", settings: [("momentum", "0.9")]).method.name == "momentum")
    #expect(try Catalogue.method(named: "sgd", settings: [("momentum", "0")]).method.name == "sgd")
    let (centered, others) = try Catalogue.method(
      named: "rmsprop", settings: [("lr", "0.1"), ("momentum", "0.9"), ("centered", "true")])
    #expect(centered.name == "centeredrmsprop" && others.map(\.name) == ["lr", "momentum"])
    #expect(try Catalogue.method(named: "rmsprop", settings: [("momentum", "0.9")]).method.name == "rmspropmomentum")
    let (plain, none) = try Catalogue.method(named: "rmsprop", settings: [("momentum", "0"), ("centered", "false")])
    #expect(plain.name == "rmsprop" && none.isEmpty)
  }
}
