import TestSupport
import Testing

@testable import Descent

/// Decay, penalty, clip, average and slow weights do the same around rules of every kind: here around rules that see a
/// parameter's shape and around rules that see all parameters. The reference is the plain rule with the compositions'
/// equations around each of its steps.
@Suite struct CompositionKindTests {
  private static let tensors = [("few", [5]), ("square", [4, 4]), ("kernel", [3, 2, 5, 2])]
  private static let steps = 7

  private typealias Kind = any CompleteStepper<Float>

  private let start: ParameterVector<Float>
  private let gradients: [ParameterVector<Float>]

  init() throws {
    func vector(_ seed: UInt64) throws -> ParameterVector<Float> {
      // Not in the order of this package: rules that depend on axes see copies.
      var vector = ParameterVector<Float>(zeros: try ParameterLayout(Self.tensors, axes: .outputsFirst))
      for (i, block) in vector.layout.blocks.enumerated() {
        try vector.assign(randomVector(block.count, seed: 10 * seed + UInt64(i)).values, to: block.name)
      }
      return vector
    }
    start = try vector(0)
    gradients = try (1...UInt64(Self.steps)).map(vector)
  }

  private static let tensorRules: [any TensorRule<Float>] = [
    Muon(), LAMB(), Adafactor(momentum: 0.9), Shampoo(form: .matrix), SM3(),
  ]
  private static let vectorRules: [any VectorRule<Float>] = [Prodigy(), AdaGradNorm(), SWATS(), DAdaptAdam()]

  private func applied(
    _ x: ParameterVector<Float>, _ y: ParameterVector<Float>, _ body: (Float, Float) -> Float
  ) throws -> ParameterVector<Float> {
    var result = x
    for block in x.layout.blocks {
      try result.assign(zip(x.values(of: block.name), y.values(of: block.name)).map(body), to: block.name)
    }
    return result
  }

  /// When θ decays by 0.5 α: a rule that sees all parameters has asked for its gradient by then, and may look at θ.
  private enum Decay { case none, beforeStep, afterStep }

  /// The plain optimizer's path with penalty 0.1, decay, elements clipped to 0.4.
  private func reference(
    _ make: (ParameterVector<Float>) throws -> Kind, _ decay: Decay, looksAhead: Bool
  ) throws -> (θ: ParameterVector<Float>, memory: ParameterVector<Float>) {
    var (θ, memory) = (start, start)
    var stepper = try make(start)
    for (i, g) in gradients.enumerated() {
      let clipped = try applied(g, g) { g, _ in min(max(g, -0.4), 0.4) }
      let penalized = try applied(clipped, θ) { $0 + 0.1 * $1 }
      let share = Float(0.5 * stepper.learningRate(at: i + 1))
      let decayed = try applied(θ, θ) { x, _ in x - share * x }
      let change = try applied(decayed, θ, -)
      if decay == .beforeStep { θ = decayed }
      try stepper.step(&θ, gradient: penalized)
      if decay == .afterStep { θ = try applied(θ, change, +) }
      let weight: Float = looksAhead ? 0.25 : Float(Average.exponential(0.9).weight(at: i + 1))
      if looksAhead, !(i + 1).isMultiple(of: 3) { continue }
      memory = try applied(memory, θ) { ($0 - weight * $0) + weight * $1 }
      if looksAhead { θ = memory }
    }
    return (θ, memory)
  }

  /// The same from the composed optimizer, interrupted by a checkpoint.
  private func run(
    _ slot: String, _ make: (ParameterVector<Float>) throws -> Kind
  ) throws -> (θ: ParameterVector<Float>, memory: ParameterVector<Float>) {
    var θ = start
    var stepper = try make(start)
    for (i, g) in gradients.enumerated() {
      if i == 4 {
        let checkpoint = try stepper.checkpoint(θ)
        θ = ParameterVector(zeros: start.layout)
        stepper = try make(θ)
        try stepper.restore(checkpoint, into: &θ)
      }
      try stepper.step(&θ, gradient: g)
    }
    return (θ, try #require(try stepper.checkpoint(θ).slots[slot]))
  }

  @Test func tensorRules() throws {
    func check<Rule: TensorRule<Float>>(_ rule: Rule) throws {
      let composed = rule.decayed(by: 0.5).penalized(by: 0.1).clipped(to: 0.4)
      for threads in [1, 3] {
        func make(_ θ: ParameterVector<Float>) throws -> Kind { try Optimizer(rule, for: θ, threads: 1) }
        let average = try run("average") { try Optimizer(composed.averaged(0.9), for: $0, threads: threads) }
        #expect(try average == reference(make, .beforeStep, looksAhead: false), "\(Rule.name)")
        let slow = try run("slow") {
          try Optimizer(composed.lookingAhead(every: 3, rate: 0.25), for: $0, threads: threads)
        }
        #expect(try slow == reference(make, .beforeStep, looksAhead: true), "\(Rule.name)")
      }
    }
    for rule in Self.tensorRules { try check(rule) }
  }

  @Test func vectorRules() throws {
    func check<Rule: VectorRule<Float>>(_ rule: Rule) throws {
      let mayMove = Rule.obstacleToMoving == nil
      let composed = rule.decayed(by: mayMove ? 0.5 : 0).penalized(by: 0.1).clipped(to: 0.4)
      func make(_ θ: ParameterVector<Float>) throws -> Kind { try Optimizer(rule, for: θ) }
      let average = try run("average") { try Optimizer(composed.averaged(0.9), for: $0) }
      #expect(try average == reference(make, mayMove ? .afterStep : .none, looksAhead: false), "\(Rule.name)")
      guard Rule.obstacleToLookahead == nil else {
        #expect(throws: RuleError.self) { try Optimizer(composed.lookingAhead(), for: start) }
        return
      }
      let slow = try run("slow") { try Optimizer(composed.lookingAhead(every: 3, rate: 0.25), for: $0) }
      #expect(try slow == reference(make, mayMove ? .afterStep : .none, looksAhead: true), "\(Rule.name)")
    }
    for rule in Self.vectorRules { try check(rule) }
  }

  /// The average that a composition keeps is found whatever the kind of its rule, and starts at θ₀.
  @Test func averagesOfEveryKind() throws {
    #expect(try Optimizer(Muon<Float>().averaged(0.9).clipped(to: 1), for: start).averagedParameters == start)
    #expect(try Optimizer(Prodigy<Float>().averaged(0.9).penalized(by: 1), for: start).averagedParameters == start)
    #expect(try Optimizer(Muon<Float>(), for: start).average == nil)
  }

  /// A frozen parameter keeps its value under decay and slow weights; a group has a decay of its own.
  @Test func groupsOfComposedTensorRules() throws {
    var θ = start
    var optimizer = try Optimizer(LAMB<Float>().decayed(by: 10).lookingAhead(every: 2), for: θ)
    try optimizer.freeze("few")
    try optimizer.group("square") { $0.base.weightDecay = 0 }
    let zero = ParameterVector<Float>(zeros: θ.layout)
    for _ in 1...3 { try optimizer.step(&θ, gradient: zero) }
    #expect(try θ.values(of: "few") == start.values(of: "few"))
    #expect(try θ.values(of: "square") == start.values(of: "square"))
    #expect(try θ.values(of: "kernel") != start.values(of: "kernel"))

    let checkpoint = try optimizer.checkpoint(θ)
    var restored = try Optimizer(LAMB<Float>().decayed(by: 1).lookingAhead(every: 2), for: θ)
    #expect(try restored.optionDifference(from: checkpoint) == "weightDecay 10.0, not 1.0")
    try restored.restore(checkpoint, into: &θ)
    #expect(try restored.optionDifference(from: checkpoint) == nil)
    #expect(restored.groups.map(\.isFrozen) == [true, false] && restored.groups[1].rule.base.weightDecay == 0)
  }

  @Test func rulesOfTheWholeVectorHaveNoGroups() throws {
    var optimizer = try Optimizer(Prodigy<Float>().penalized(by: 0.1), for: start)
    #expect(throws: GroupError.wholeVector(rule: "prodigy")) { try optimizer.freeze("few") }
    #expect(throws: GroupError.wholeVector(rule: "prodigy")) { try optimizer.group("few") { $0.penalty = 0 } }
  }
}
