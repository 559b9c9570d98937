import Descent
import RealModule
import Testing

@Suite struct FTRLMomentumTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "ftrlmomentum", dependsOnθ: true,
        equations: Reference.ftrlMomentum(γ: { w(0.1) / T.sqrt(T($0)) }, weight: { _ in 1 })),
      MethodCase(
        "ftrlmomentum", ["lr": "0.01", "weight": "linear(1, to=3, over=100)"], dependsOnθ: true,
        equations: Reference.ftrlMomentum(γ: { _ in w(0.01) }, weight: { 1 + 2 * min(1, T($0 - 1) / 100) })),
      MethodCase(
        "ftrlmomentum", ["lr": "0.1", "weight": "2", "adaptive": "true"], dependsOnθ: true,
        equations: Reference.ftrlMomentum(γ: { _ in w(0.1) }, weight: { _ in 2 }, adaptive: true)),
      MethodCase(
        "ftrlmomentum",
        ["lr": "0.1", "weight": "linear(1, to=3, over=100)", "adaptive": "true", "initialAccumulator": "0.5"],
        dependsOnθ: true,
        equations: Reference.ftrlMomentum(
          γ: { _ in w(0.1) }, weight: { 1 + 2 * min(1, T($0 - 1) / 100) }, adaptive: true, b: w(0.5))),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: FTRLMomentum(learningRate: 0.1), 1, α: 0.1)
    let weighted = FTRLMomentum<Double>(learningRate: 0.1, weight: .linear(from: 2, to: 3, over: 1))
    try expectFirstStep(of: weighted, 2 * 6.0 / 5, α: 0.1)
    try expectFirstStep(of: FTRLMomentum(learningRate: 0.1, adaptive: true), 0.5, α: 0.1)
  }

  /// The sums over all steps are cached, but depend on t alone.
  @Test func rememberedSumsArePure() throws {
    let rule = FTRLMomentum<Double>(learningRate: 0.1, weight: .linear(from: 1, to: 2, over: 50))
    let order = [1, 50, 20, 51, 200, 3, 199]
    let forth = try resumedSteps(rule, at: order)
    #expect(try resumedSteps(rule, at: order.reversed()) == forth.reversed())
  }

  /// The leader's guarantee holds for the last iterate on a convex function with noise: it ends nearer to the minimum
  /// than gradient descent with the same rates.
  @Test func lastIterateOfTheLeader() throws {
    func distance<Rule: ElementRule>(_ rule: Rule) throws -> Double where Rule.Scalar == Double {
      var noise = RandomStream(seed: 3, name: "noise")
      var θ = try ParameterVector(Array(repeating: 1.0, count: 400))
      var optimizer = try Optimizer(rule, for: θ)
      for _ in 1...400 {
        let g = try ParameterVector(θ.values.map { ($0 - 0.5 > 0 ? 1.0 : -1) + noise.normal() })
        try optimizer.step(&θ, gradient: g)
      }
      return θ.values.map { abs($0 - 0.5) }.reduce(0, +) / 400
    }
    let rate = Schedule.inverseSquareRoot(1)
    let leader = try distance(FTRLMomentum(learningRate: rate))
    #expect(leader < 0.1)
    #expect(try leader < distance(SGD(learningRate: rate)))
  }
}

extension Reference {
  /// Li, Liu & Orabona, as Follow The Regularized Leader: zₜ₊₁ = x₁ − γₜ Σ αᵢ gᵢ, xₜ₊₁ = (Sₜ xₜ + αₜ₊₁ zₜ₊₁) / Sₜ₊₁.
  static func ftrlMomentum<T: Real & Sendable>(
    γ: @escaping @Sendable (Int) -> T, weight: @escaping @Sendable (Int) -> T, adaptive: Bool = false, b: T = 0
  ) -> Path<T> {
    { gradients, x1 in
      var sum: T = 0
      var squares = b
      var S: T = 0
      return path(gradients, x1) { t, g, x in
        sum += weight(t) * g
        squares += weight(t) * weight(t) * g * g
        S += weight(t)
        let z = x1 - γ(t) * (adaptive ? ratio(sum, T.sqrt(squares)) : sum)
        x = (S * x + weight(t + 1) * z) / (S + weight(t + 1))
      }
    }
  }
}
