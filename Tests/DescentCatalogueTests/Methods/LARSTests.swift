import Descent
import RealModule
import TestSupport
import Testing

@Suite struct LARSTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "lars", dependsOnθ: true, model: TensorReference.lars(α: 1, η: w(0.001), μ: w(0.9))),
      MethodCase(
        "lars", ["learningRate": "100", "weightDecay": "0.01", "momentum": "0.5"], dependsOnθ: true,
        model: TensorReference.lars(α: 100, η: w(0.001), μ: w(0.5), λ: w(0.01))),
      MethodCase(
        "lars", ["trustCoefficient": "0.005", "weightDecay": "0.01", "denominator": "normOfSum", "epsilon": "1e-3"],
        dependsOnθ: true, steps: 60,
        model: TensorReference.lars(α: 1, η: w(0.005), μ: w(0.9), λ: w(0.01), ε: w(1e-3), normOfSum: true)),
      MethodCase(
        "lars", ["learningRate": "0.01", "minimumRank": "2"], dependsOnθ: true,
        model: TensorReference.lars(α: w(0.01), η: w(0.001), μ: w(0.9), minimumRank: 2)),
    ]
  }

  @Test func theFirstStepIsAShareOfTheParametersNormWhateverTheGradients() throws {
    for scale in [1e-6, 1, 1e8] {
      let start = try randomModel(1)
      var θ = start
      var optimizer = try Optimizer(LARS<Double>(learningRate: 2, trustCoefficient: 0.01), for: θ)
      try optimizer.step(&θ, gradient: randomModel(2, scale: scale))
      for (name, _) in claimShapes {
        let expected = try 2 * 0.01 * norm(start.values(of: name))
        #expect(try abs(norm(change(start, θ, name)) - expected) <= 1e-13 * expected)
      }
    }
  }
}

extension TensorReference {
  static func lars<T: Real & Sendable>(
    α: T, η: T, μ: T, λ: T = 0, ε: T = 0, normOfSum: Bool = false, minimumRank: Int = 0
  ) -> Model<T> {
    layerwise { count, _ in
      Array(repeating: T.zero, count: count)
    } _: { _, g, θ, shape, v in
      let penalized = zip(g, θ).map { $0 + λ * $1 }
      var local = η * norm(θ) / ((normOfSum ? norm(penalized) : norm(g) + λ * norm(θ)) + ε)
      if norm(θ) == 0 || norm(normOfSum ? penalized : g) == 0 || shape.count < minimumRank { local = 1 }
      for i in g.indices {
        v[i] = μ * v[i] + α * local * penalized[i]
        θ[i] -= v[i]
      }
    }
  }
}
