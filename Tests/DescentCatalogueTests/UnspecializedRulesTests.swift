import Descent
import DescentCatalogue
import TestSupport
import Testing

/// Rules that are composed and stepped by code that does not know their type, as behind `any ElementRule`. Such code
/// passes lanes by address, wherever the caller has put them.
@Suite struct UnspecializedRulesTests {
  @Test(arguments: Catalogue.methods.filter { $0.kind == .element }.map(\.name))
  func haveTheBitsOfSpecializedOnes(method: String) throws {
    for scenario in allCases(Double.self) {
      let (found, settings) = try Catalogue.method(named: scenario.method, settings: scenario.options)
      guard found.name == method, let rules = try found.rules?(settings) else { continue }
      // If a rule computes θ anew from its state, nothing else may move θ.
      let decay = found.obstacleToMoving == nil ? 0.01 : 0
      // In `Float` the catalogue's own composition is specialized, except for Lookahead, which has its own pass.
      let composition = Method.Composition(decay: decay, penalty: 0.01, average: .exponential(0.9), clip: 0.5)
      let gradients = GradientSequence.noisy.gradients(Float.self, steps: 6)
      let start = try ParameterVector(Array(repeating: 0.3 as Float, count: GradientSequence.elements))
      let specialized = try found.configured(settings, with: composition).trajectory(
        gradients.map { [$0] }, from: start)
      let path = try trajectory(composing: rules.narrow, decay, gradients)
      #expect(path.map { $0.map(\.bits) } == specialized.map { $0[0].map(\.bits) }, "\(scenario.description)")

      let wide = try trajectory(composing: rules.wide, decay, GradientSequence.noisy.gradients(Double.self, steps: 6))
      for (a, b) in zip(path.joined(), wide.joined()) {
        #expect(abs(Double(a) - b) < 1e-3, "\(scenario.description) in Double")
      }
      guard found.obstacleToLookahead == nil else { continue }
      _ = try trajectory(lookingAhead: rules.narrow, gradients)
      _ = try trajectory(lookingAhead: rules.wide, GradientSequence.noisy.gradients(Double.self, steps: 6))
    }
  }

  private func trajectory<Scalar: LaneScalar>(
    composing rule: any ElementRule<Scalar>, _ decay: Double, _ gradients: [[Scalar]]
  ) throws -> [[Scalar]] {
    func run(_ rule: some ElementRule<Scalar>) throws -> [[Scalar]] {
      try TestSupport.trajectory(
        of: rule.decayed(by: decay, coupling: .learningRate).penalized(by: 0.01).clipped(to: 0.5).averaged(0.9),
        gradients: gradients, from: 0.3)
    }
    return try run(rule)
  }

  private func trajectory<Scalar: LaneScalar>(
    lookingAhead rule: any ElementRule<Scalar>, _ gradients: [[Scalar]]
  ) throws -> [[Scalar]] {
    func run(_ rule: some ElementRule<Scalar>) throws -> [[Scalar]] {
      try TestSupport.trajectory(
        of: rule.penalized(by: 0.01).lookingAhead(every: 3), gradients: gradients, from: 0.3)
    }
    return try run(rule)
  }
}
