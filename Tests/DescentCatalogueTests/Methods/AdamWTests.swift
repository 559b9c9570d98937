import Descent
import TestSupport
import Testing

@Suite struct AdamWTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let schedule = "linear(1, to=0.5, over=100)"
    let scheduleAt = { @Sendable (t: Int) -> T in 1 - w(0.5) * min(1, T(t - 1) / 100) }
    return [
      MethodCase("adamw", dependsOnθ: true, equations: Reference.adam { $0.decay = { _ in w(1e-3) * w(0.01) } }),
      // torch's AdamW under torch's cosine schedule.
      MethodCase(
        "adamw", ["lr": "cosine(0.001, over=200)", "weightDecay": "0.01"], dependsOnθ: true,
        equations: Reference.adam {
          let α: @Sendable (Int) -> T = Reference.cosine(from: w(0.001), to: 0, over: 200)
          $0.α = α
          $0.decay = { α($0) * w(0.01) }
        }),
      MethodCase(
        "adamw",
        [
          "lr": cosine, "schedule": schedule, "weightDecay": "1e-3", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6",
          "decayCoupling": "independent",
        ],
        dependsOnθ: true,
        equations: Reference.adam {
          $0.α = cosineAt
          $0.η = scheduleAt
          $0.decay = { scheduleAt($0) * w(1e-3) }
          $0.β1 = { _ in w(0.8) }
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
        }),
      MethodCase(
        "adamw", ["lr": cosine, "schedule": schedule, "weightDecay": "0.1", "decayCoupling": "learningRate"],
        dependsOnθ: true,
        equations: Reference.adam {
          $0.α = cosineAt
          $0.η = scheduleAt
          $0.decay = { scheduleAt($0) * cosineAt($0) * w(0.1) }
        }),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdamW(epsilon: 0), 1, α: 1e-3) }

  /// Loshchilov & Hutter: decoupled decay shrinks every weight alike; an L2 penalty hardly shrinks weights with large
  /// gradients.
  @Test func decoupledDecayDoesNotDependOnTheGradient() throws {
    func shrinkage<Rule: ElementRule>(_ rule: Rule, _ plain: Adam<Double>, scale: Double) throws -> Double
    where Rule.Scalar == Double {
      let gradients = (1...50).map { [($0 % 2 == 0 ? 1.0 : -1.0) * scale] }
      let decayed = try trajectory(of: rule, gradients: gradients, from: 1).last![0]
      return try trajectory(of: plain, gradients: gradients, from: 1).last![0] - decayed
    }
    let adam = Adam<Double>(epsilon: 0)
    let decoupled = AdamW<Double>(epsilon: 0, weightDecay: 1e-3, decayCoupling: .independent)
    let small = try shrinkage(decoupled, adam, scale: 0.01)
    let large = try shrinkage(decoupled, adam, scale: 100)
    #expect(abs(small / large - 1) < 1e-6 && small > 0.04)
    let penalized = try shrinkage(adam.penalized(by: 1e-3), adam, scale: 100)
    #expect(penalized < small / 50)
  }
}
