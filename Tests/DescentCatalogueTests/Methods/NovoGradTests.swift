import Descent
import RealModule
import TestSupport
import Testing

@Suite struct NovoGradTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "novograd", dependsOnθ: false,
        model: TensorReference.novoGrad(α: w(0.01), β1: w(0.95), β2: w(0.98), ε: w(1e-8))),
      MethodCase(
        "novograd", ["beta1": "0.9", "beta2": "0.25", "epsilon": "1e-6"], dependsOnθ: false,
        model: TensorReference.novoGrad(α: w(0.01), β1: w(0.9), β2: w(0.25), ε: w(1e-6))),
      MethodCase(
        "novograd", ["learningRate": "0.1", "weightDecay": "0.01", "gradientAveraging": "true", "eps": "0"],
        dependsOnθ: true,
        model: TensorReference.novoGrad(
          α: w(0.1), β1: w(0.95), β2: w(0.98), ε: 0, λ: w(0.01), averages: true)),
    ]
  }

  @Test func stepsDoNotDependOnTheGradientsScaleOfALayer() throws {
    func run(scale: Double) throws -> ParameterVector<Double> {
      var θ = try randomModel(1)
      var optimizer = try Optimizer(NovoGrad<Double>(epsilon: 0), for: θ)
      for t in 1...30 {
        var g = try randomModel(UInt64(t))
        try g.assign(try g.values(of: "matrix").map { scale * $0 }, to: "matrix")
        try optimizer.step(&θ, gradient: g)
      }
      return θ
    }
    // Scaling by a power of two changes no bit.
    #expect(try run(scale: 1) == run(scale: 0x1p-20))
  }
}

extension TensorReference {
  static func novoGrad<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, λ: T = 0, averages: Bool = false
  ) -> Model<T> {
    layerwise { count, _ in
      (m: Array(repeating: T.zero, count: count), v: T.zero)
    } _: { t, g, θ, _, s in
      let square = norm(g) * norm(g)
      s.v = t == 1 ? square : β2 * s.v + (1 - β2) * square
      for i in g.indices {
        let u = ratio(g[i], T.sqrt(s.v) + ε) + λ * θ[i]
        s.m[i] = β1 * s.m[i] + (averages ? 1 - β1 : 1) * u
        θ[i] -= α * s.m[i]
      }
    }
  }
}
