import Descent
import RealModule
import Testing

@Suite struct ScheduleFreeSGDTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "schedulefreesgd", dependsOnθ: true,
        equations: Reference.scheduleFreeSGD(.init(α: { _ in 1 }, β: w(0.9)))),
      MethodCase(
        "schedulefreesgd", ["lr": "warmup(20, 0.5)", "beta": "0.8", "weightDecay": "0.01", "timePower": "1"],
        dependsOnθ: true,
        equations: Reference.scheduleFreeSGD(
          .init(α: { w(0.5) * min(1, T($0) / 20) }, β: w(0.8), λ: w(0.01), r: 1))),
      MethodCase(
        "schedulefreesgd",
        ["lr": cosine, "beta": "0", "weightDecay": "0.01", "decayPoint": "z", "ratePower": "1"], dependsOnθ: true,
        equations: Reference.scheduleFreeSGD(.init(α: cosineAt, β: 0, λ: w(0.01), decaysZ: true, ratePower: 1))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: ScheduleFreeSGD(), 2, α: 1) }

  @Test(arguments: [0, 0.9, 1]) func averageIsTheMeanOfZ(β: Double) throws {
    var θ = try ParameterVector([1.0])
    var optimizer = try Optimizer(ScheduleFreeSGD<Double>(learningRate: 0.1, beta: β), for: θ)
    var undisturbed = optimizer
    var φ = θ
    var sum = 0.0
    for (i, g) in noisyGradients.enumerated() {
      try optimizer.step(&θ, gradient: ParameterVector([g]))
      try undisturbed.step(&φ, gradient: ParameterVector([g]))
      let z = try optimizer.slot("schedulefreesgd/z").values[0]
      sum += z
      let x = optimizer.averagedParameters.values[0]
      #expect(abs(x - sum / Double(i + 1)) < 1e-13)
      #expect(abs(θ.values[0] - ((1 - β) * z + β * x)) < 1e-13)
      #expect(θ.values[0].bitPattern == φ.values[0].bitPattern)
    }
  }

  /// Changes to θ outside its step last: composed decay acts like its own decay.
  @Test func takesInChangesOfθ() throws {
    let composed = ScheduleFreeSGD<Double>(learningRate: 0.1).decayed(by: 0.05, coupling: .learningRate)
    let own = try path(ScheduleFreeSGD(learningRate: 0.1, weightDecay: 0.05), noisyGradients, from: 2)
    for (a, b) in zip(try path(composed, noisyGradients, from: 2), own) { #expect(abs(a - b) < 1e-13) }
  }

  /// The sums over all steps are cached, but depend on t alone, whatever was asked for before, and by whichever copy.
  @Test func rememberedSumsArePure() throws {
    let rule = ScheduleFreeSGD<Double>(learningRate: .warmup(10, then: 0.1), timePower: 1)
    var other = rule
    other.learningRate = .warmup(20, then: 0.2)
    let order = [1, 50, 20, 51, 200, 3, 199]
    let (a, b) = (try resumedSteps(rule, at: order), try resumedSteps(other, at: order))
    #expect(try resumedSteps(rule, at: order.reversed()) == a.reversed())
    #expect(try resumedSteps(other, at: order.reversed()) == b.reversed())
    #expect(a != b)
    // A constant rate's weights are equal: the same as their sums.
    let constant = ScheduleFreeSGD<Double>(learningRate: 0.1)
    let piecewise = ScheduleFreeSGD<Double>(learningRate: .piecewise(0.1, []))
    for (x, y) in zip(try resumedSteps(constant, at: order), try resumedSteps(piecewise, at: order)) {
      #expect(abs(x - y) < 1e-14)
    }
  }
}

extension Reference {
  static func scheduleFreeSGD<T: Real & Sendable>(_ o: ScheduleFreeOptions<T>) -> Path<T> {
    scheduleFree(o) { { _, g in g } }
  }
}
