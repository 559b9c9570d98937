import Descent
import RealModule
import Testing

@Suite struct ASGDTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("asgd", dependsOnθ: true, equations: Reference.asgd(α: w(0.01), λ: w(1e-4), power: w(0.75))),
      MethodCase(
        "asgd", ["lr": "0.1", "lambda": "0.01", "power": "1", "averageAfter": "10"], dependsOnθ: true,
        equations: Reference.asgd(α: w(0.1), λ: w(0.01), power: 1)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: ASGD(), 2, α: 0.01) }

  @Test func averagesTheIterates() throws {
    var θ = try ParameterVector([1.0])
    var optimizer = try Optimizer(ASGD<Double>(averageAfter: 5).decayed(by: 0.01), for: θ)
    var iterates: [Double] = []
    for (i, g) in noisyGradients.enumerated() {
      try optimizer.step(&θ, gradient: ParameterVector([g]))
      iterates.append(θ.values[0])
      // torch's μ is 1 until one step after t₀.
      let tail = iterates.dropFirst(min(i, 6))
      let mean: Double = tail.reduce(0, +) / Double(tail.count)
      #expect(abs(optimizer.averagedParameters.values[0] - mean) < 1e-14)
    }
  }
}

extension Reference {
  /// torch's ASGD, whose rate is updated after each step.
  static func asgd<T: Real & Sendable>(α: T, λ: T, power: T) -> Path<T> {
    { gradients, θ0 in
      var η = α
      return path(gradients, θ0) { t, g, θ in
        θ = θ * (1 - λ * η) - η * g
        η = α / T.pow(1 + λ * α * T(t), power)
      }
    }
  }
}
