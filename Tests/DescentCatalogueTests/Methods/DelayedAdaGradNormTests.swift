import Descent
import RealModule
import TestSupport
import Testing

@Suite struct DelayedAdaGradNormTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "delayedadagradnorm", dependsOnθ: false,
        model: VectorReference.delayedAdaGradNorm(α: w(0.1), β: 1, ε: 0, μ: { _ in 0 })),
      MethodCase(
        "delayedadagradnorm", ["learningRate": "0.5", "beta": "3", "exponentOffset": "0.2", "momentum": "0.9"],
        dependsOnθ: false,
        model: VectorReference.delayedAdaGradNorm(α: w(0.5), β: 3, ε: w(0.2), μ: { _ in w(0.9) })),
    ]
  }

  @Test func stepSizeDoesNotDependOnThePresentGradient() throws {
    func last(scale: Double) throws -> [Double] {
      var θ = ParameterVector<Double>(zeros: try ParameterLayout(claimShapes))
      var optimizer = try Optimizer(DelayedAdaGradNorm<Double>(exponentOffset: 0.1), for: θ)
      for t in 1...9 { try optimizer.step(&θ, gradient: randomModel(UInt64(t))) }
      θ.setToZero()
      try optimizer.step(&θ, gradient: randomModel(10, scale: scale))
      return θ.values
    }
    #expect(try zip(last(scale: 1), last(scale: 1024)).allSatisfy { 1024 * $0 == $1 })
  }
}

extension VectorReference {
  static func delayedAdaGradNorm<T: Real & Sendable>(
    α: T, β: T, ε: T, μ: @escaping @Sendable (Int) -> T
  ) -> Model<T> {
    whole {
      (m: zeros($0), S: T.zero)
    } _: { t, g, θ, s in
      let η = α / T.pow(β + s.S, T(1) / 2 + ε)
      for i in g.indices {
        s.m[i] = μ(t) * s.m[i] + η * g[i]
        θ[i] -= s.m[i]
      }
      s.S += dot(g, g)
    }
  }
}
