import Descent
import Testing

/// Rules that compute θ anew from their state would lose the effect of a decay or of slow weights on θ. Such
/// compositions are refused with a reason, in whatever order rules are composed.
@Suite struct MovingTests {
  private let θ: ParameterVector<Float>

  init() throws { θ = try ParameterVector([1, 2, 3]) }

  private func expectRefused(
    _ option: String, _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: sourceLocation) {
      try body()
    } throws: {
      guard case .invalidOption(_, option, let problem)? = $0 as? RuleError else { return false }
      return problem.contains("θ")
    }
  }

  @Test func elementwiseRules() {
    func check<Rule: ElementRule>(_ rule: Rule) where Rule.Scalar == Float {
      expectRefused("weightDecay") { _ = try Optimizer(rule.decayed(by: 0.1), for: θ) }
      expectRefused("weightDecay") { _ = try Optimizer(rule.penalized(by: 0.1).decayed(by: 0.1).averaged(0.9), for: θ) }
      expectRefused("weightDecay") { _ = try Optimizer(rule.averaged(0.9).decayed(by: 0.1).clipped(to: 1), for: θ) }
      expectRefused("period") { _ = try Optimizer(rule.lookingAhead(), for: θ) }
      expectRefused("period") { _ = try Optimizer(rule.clipped(to: 1).lookingAhead().averaged(0.9), for: θ) }
      #expect(throws: Never.self) { _ = try Optimizer(rule.decayed(by: 0).penalized(by: 0.1).averaged(0.9), for: θ) }
    }
    check(MADGRAD<Float>())
    check(FTRLMomentum<Float>())
    // A decay is a small move, which z follows; a return is not.
    expectRefused("period") { _ = try Optimizer(ScheduleFreeSGD<Float>().lookingAhead(), for: θ) }
    expectRefused("period") { _ = try Optimizer(ScheduleFreeAdamW<Float>().clipped(to: 1).lookingAhead(), for: θ) }
    #expect(throws: Never.self) { _ = try Optimizer(ScheduleFreeSGD<Float>().decayed(by: 0.1), for: θ) }
  }

  @Test func vectorRules() {
    func check<Rule: VectorRule>(_ rule: Rule) where Rule.Scalar == Float {
      expectRefused("weightDecay") { _ = try Optimizer(rule.decayed(by: 0.1), for: θ) }
      expectRefused("weightDecay") {
        _ = try Optimizer(rule.penalized(by: 1).averaged(0.9).decayed(by: 0.1), for: θ)
      }
      #expect(throws: Never.self) { _ = try Optimizer(rule.penalized(by: 0.1).averaged(0.9), for: θ) }
    }
    check(DAdaptSGD<Float>())
    check(FTRLMomentumNorm<Float>())
    check(Prodigy<Float>())
    check(DAdaptAdam<Float>())
  }

  /// A user's own rule declares this in the same way, and so does a tensor rule.
  private struct Anchored: TensorRule {
    typealias Scalar = Float
    var learningRate: Schedule = 0.1
    static var obstacleToMoving: String? { "θ is put together anew" }
    func update(_ θ: TensorView<Float>, gradient g: TensorView<Float>, state: inout NoState, at t: Int) {}
  }

  @Test func tensorRules() {
    expectRefused("weightDecay") { _ = try Optimizer(Anchored().decayed(by: 0.1), for: θ) }
    #expect(throws: Never.self) { _ = try Optimizer(Muon<Float>().decayed(by: 0.1), for: θ) }
  }
}
