import Descent
import DescentCatalogue
import TestSupport
import Testing

/// Rules that are read and then stepped by their graph have the bits of the compiled pass: every element-wise method, with
/// options that reach each of its paths, alone and in every composition, in both precisions.
@Suite struct InterpreterTests {
  @Test(arguments: Catalogue.methods.filter { $0.kind == .element }.map(\.name))
  func hasTheBitsOfTheCompiledPass(method: String) throws {
    for scenario in allCases(Double.self) {
      let (found, settings) = try Catalogue.method(named: scenario.method, settings: scenario.options)
      guard found.name == method else { continue }
      let rules = try #require(try found.rules?(settings))
      let traced = try #require(try found.tracedRules?(settings, nil))
      try check(rules.narrow, traced.narrow, found, scenario.description)
      try check(rules.wide, traced.wide, found, scenario.description)
    }
  }

  private func check<Scalar: LaneScalar>(
    _ rule: any ElementRule<Scalar>, _ traced: any ElementRule<Traced<Scalar>>, _ method: Method, _ scenario: String
  ) throws {
    for composition in Composition.allCases where composition.isPossible(method) {
      let compiled = try run(try composition.compose(rule))
      let interpreted = try interpret(try composition.compose(traced))
      for (t, (a, b)) in zip(compiled, interpreted).enumerated() {
        #expect(
          zip(a, b).allSatisfy { $0.isNaN && $1.isNaN || $0.bits == $1.bits },
          "\(scenario), \(Scalar.self), \(composition), step \(t + 1)")
      }
    }
  }

  private func run<Scalar: LaneScalar>(_ rule: some ElementRule<Scalar>) throws -> [[Scalar]] { try path(rule) }
  private func interpret<Scalar: LaneScalar>(_ rule: some ElementRule<Traced<Scalar>>) throws -> [[Scalar]] {
    try path(Interpreted(rule))
  }

  /// θ and every slot of the state after each step. Gradients of many sizes; later ones that are zero, the largest and
  /// infinite. Every third gradient is scaled, as by clipping its norm.
  private func path<Rule: PassRule>(_ rule: Rule) throws -> [[Rule.Scalar]] where Rule.Scalar: LaneScalar {
    let count = GradientSequence.elements
    var θ = try ParameterVector((0..<count).map { Rule.Scalar($0 - 18) / 16 })
    var optimizer = try Optimizer(rule, for: θ)
    if let slot = Rule.curvatureSlot {
      try optimizer.assign(ParameterVector(Array(repeating: 1, count: count)), toSlot: slot)
    }
    var result: [[Rule.Scalar]] = []
    for (t, values) in GradientSequence.scales.gradients(Rule.Scalar.self, steps: 12).enumerated() {
      var values = values
      if t > 5 { values[t] = 0 }
      if t > 7 { (values[1], values[2]) = (.greatestFiniteMagnitude, -.infinity) }
      optimizer.transforms = t % 3 == 2 ? [ClipByGlobalNorm(0.5)] : []
      if t > 7 { optimizer.transforms = [] }
      try optimizer.step(&θ, gradient: ParameterVector(values))
      result.append(try θ.values + Rule.slots.flatMap { try optimizer.slot($0).values })
    }
    return result
  }

  /// What a rule is composed with.
  private enum Composition: CaseIterable {
    case nothing, decay, penalty, clip, average, mean, lookahead, everything

    func isPossible(_ method: Method) -> Bool {
      switch self {
      case .decay, .everything: method.obstacleToMoving == nil
      case .lookahead: method.obstacleToLookahead == nil
      default: true
      }
    }

    func compose<Scalar: RuleScalar>(_ rule: some ElementRule<Scalar>) throws -> any ElementRule<Scalar> {
      switch self {
      case .nothing: rule
      case .decay: rule.decayed(by: 0.01)
      case .penalty: rule.penalized(by: 0.01)
      case .clip: rule.clipped(to: 0.5)
      case .average: rule.averaged(0.9)
      case .mean: rule.averaged(.polyak(from: 3))
      case .lookahead: rule.lookingAhead(every: 3)
      case .everything: rule.decayed(by: 0.01).penalized(by: 0.01).clipped(to: 0.5).averaged(0.9)
      }
    }
  }
}
