import Descent
import RealModule
import Testing

@Suite struct ScheduleFreeAdamWTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "schedulefreeadamw", dependsOnθ: true,
        equations: Reference.scheduleFreeAdamW(.init(α: { _ in w(0.0025) }, β: w(0.9)), β2: w(0.999), ε: w(1e-8))),
      MethodCase(
        "schedulefreeadamw",
        [
          "lr": "warmup(20, 0.01)", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "weightDecay": "0.01",
          "timePower": "1",
        ],
        dependsOnθ: true,
        equations: Reference.scheduleFreeAdamW(
          .init(α: { w(0.01) * min(1, T($0) / 20) }, β: w(0.8), λ: w(0.01), r: 1), β2: w(0.99), ε: w(1e-6))),
      MethodCase(
        "schedulefreeadamw", ["lr": cosine, "beta1": "0", "weightDecay": "0.01", "decayPoint": "z", "ratePower": "1"],
        dependsOnθ: true,
        equations: Reference.scheduleFreeAdamW(
          .init(α: cosineAt, β: 0, λ: w(0.01), decaysZ: true, ratePower: 1), β2: w(0.999), ε: w(1e-8))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: ScheduleFreeAdamW(epsilon: 0), 1, α: 0.0025) }

  /// A change to θ outside its step stays.
  @Test func takesInChangesOfθ() throws {
    var θ = try ParameterVector([1.0])
    var optimizer = try Optimizer(ScheduleFreeAdamW<Double>(beta1: 0), for: θ)
    for _ in 1...3 { try optimizer.step(&θ, gradient: ParameterVector([1.0])) }
    θ = try ParameterVector([7.0])
    try optimizer.step(&θ, gradient: ParameterVector([0.0]))
    #expect(θ.values == [7])
  }
}

extension Reference {
  static func scheduleFreeAdamW<T: Real & Sendable>(_ o: ScheduleFreeOptions<T>, β2: T, ε: T) -> Path<T> {
    scheduleFree(o) {
      var v: T = 0
      return { t, g in
        v = β2 * v + (1 - β2) * g * g
        return ratio(g, T.sqrt(v / (1 - T.pow(β2, t))) + ε)
      }
    }
  }
}
