import Testing

@testable import Descent

/// The graphs of rules, against what their equations have.
@Suite struct RuleTraceTests {
  @Test func sgdIsAProductAndADifference() throws {
    let trace = try RuleTrace(of: SGD<Traced<Float>>(learningRate: 0.5), at: 3)
    #expect(
      trace.graph.nodes == [
        .coefficient(0), .parameter, .gradient, .binary(.multiply, 0, 2), .binary(.subtract, 1, 3),
      ])
    #expect(trace.graph.parameter == 4)
    #expect(trace.graph.state == [])
    #expect(trace.coefficients == [.init(name: "α", value: 0.5)])
    #expect(trace.choices.isEmpty)
  }

  @Test func theSameRuleGivesTheSameGraph() throws {
    let adam = Adam<Traced<Double>>()
    #expect(try RuleTrace(of: adam, at: 1).graph == RuleTrace(of: adam, at: 7).graph)
    let averaged = adam.decayed(by: 0.1).averaged(0.9)
    #expect(try RuleTrace(of: averaged, at: 1).slots == ["adam/m", "adam/v", "average"])
    #expect(try RuleTrace(of: averaged, at: 1).graph.state.count == 3)
  }

  @Test func aChoiceHasAGraphForEachOutcome() throws {
    let rule = SGD<Traced<Float>>().lookingAhead(every: 2)
    let (fast, slow) = (try RuleTrace(of: rule, at: 1), try RuleTrace(of: rule, at: 2))
    #expect(fast.graph != slow.graph)
    #expect(fast.choices == [.init(name: "synchronizes", value: "false")])
    #expect(try RuleTrace(of: rule, at: 4).graph == slow.graph)
    // A comparison of a coefficient is a choice too.
    let zero = try RuleTrace(of: SignSGD<Traced<Float>>(zeroSign: .zero), at: 1)
    let positive = try RuleTrace(of: SignSGD<Traced<Float>>(zeroSign: .positive), at: 1)
    #expect(zero.conditions.map(\.outcome) == [true])
    #expect(positive.conditions.map(\.outcome) == [false])
    #expect(zero.graph != positive.graph)
    #expect(zero.holds(for: zero.values))
    #expect(!zero.holds(for: positive.values))
  }

  @Test func numbersOfADeclaredExponentAreInTheGraph() throws {
    let trace = try RuleTrace(of: Padam<Traced<Double>>(partial: 0.3), at: 1)
    #expect(trace.choices == [.init(name: "power", value: "0.6")])
    #expect(trace.graph.nodes.contains { if case .power(_, exponent: 0.6) = $0 { true } else { false } })
  }

  @Test func whatNoGraphExpressesIsRefused() {
    #expect(throws: RuleError.cannotBeTraced(rule: "peeking", reason: "it compares numbers that it has computed")) {
      _ = try RuleTrace(of: Peeking<Traced<Float>>(), at: 1)
    }
    #expect(throws: RuleError.self) { try Interpreted(Peeking<Traced<Float>>()).validate() }
  }

  /// A choice that comes up late and cannot be read is refused at its step; nothing has changed then.
  @Test func aLateChoiceIsRefusedAtItsStep() throws {
    var θ = try ParameterVector<Float>([1, 2, 3])
    var optimizer = try Optimizer(Interpreted(PeekingLate<Traced<Float>>()), for: θ)
    for _ in 1...2 { try optimizer.step(&θ, gradient: ParameterVector([1, 1, 1])) }
    let before = θ
    #expect(throws: RuleError.cannotBeTraced(rule: "peekinglate", reason: "it compares numbers that it has computed")) {
      try optimizer.step(&θ, gradient: ParameterVector([1, 1, 1]))
    }
    #expect(θ == before && optimizer.stepCount == 2)
  }

  /// Looks at an element from step 3 on.
  struct PeekingLate<Scalar: RuleScalar>: ElementRule {
    var learningRate: Schedule = 0.1
    struct State: BitwiseCopyable {}
    struct Coefficients {
      var α: Scalar
      var looks: Bool
    }
    func coefficients(at t: Int) -> Coefficients { Coefficients(α: Scalar(learningRate(at: t)), looks: t >= 3) }
    func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
      if c.looks, g[0] > 1 { return }
      θ -= c.α * g
    }
  }

  /// Looks at an element.
  struct Peeking<Scalar: RuleScalar>: ElementRule {
    var learningRate: Schedule = 0.1
    struct State: BitwiseCopyable {}
    struct Coefficients { var α: Scalar }
    func coefficients(at t: Int) -> Coefficients { Coefficients(α: Scalar(learningRate(at: t))) }
    func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
      if g[0] > 1 { θ -= c.α * g }
    }
  }
}
