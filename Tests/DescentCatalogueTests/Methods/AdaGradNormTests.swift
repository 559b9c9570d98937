import Descent
import RealModule
import TestSupport
import Testing

@Suite struct AdaGradNormTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adagradnorm", dependsOnθ: false, model: VectorReference.adaGradNorm(α: 1, b0: w(0.1))),
      MethodCase(
        "adagradnorm", ["learningRate": "0.3", "initialNorm": "0"], dependsOnθ: false,
        model: VectorReference.adaGradNorm(α: w(0.3), b0: 0)),
    ]
  }

  /// Ward, Wu & Bottou: convergence for every b₀, even if the smoothness is unknown.
  @Test(arguments: [1e-3, 1, 100])
  func convergesFromEveryStart(b0: Double) throws {
    var x = try ParameterVector<Double>([3, -2])
    var optimizer = try Optimizer(AdaGradNorm<Double>(initialNorm: b0), for: x)
    for _ in 1...20_000 {
      let value = x.values
      try optimizer.step(&x, gradient: ParameterVector([10 * value[0], value[1]]))
    }
    #expect(norm(x.values) < 1e-3)
  }
}

extension VectorReference {
  static func adaGradNorm<T: Real & Sendable>(α: T, b0: T) -> Model<T> {
    whole { _ in
      b0 * b0
    } _: { _, g, θ, squares in
      squares += dot(g, g)
      for i in g.indices { θ[i] -= α * ratio(g[i], T.sqrt(squares)) }
    }
  }
}
