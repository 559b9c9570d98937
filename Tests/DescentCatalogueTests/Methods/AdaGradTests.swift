import Descent
import RealModule
import Testing

@Suite struct AdaGradTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adagrad", equations: Reference.adaGrad(α: w(0.01), ε: w(1e-10))),
      MethodCase(
        "adagrad", ["lr": "0.1", "epsilon": "0", "epsilonRoot": "1e-7", "initialAccumulator": "0.1"],
        equations: Reference.adaGrad(α: w(0.1), ε: 0, εRoot: w(1e-7), G0: w(0.1))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdaGrad(epsilon: 0), 1, α: 0.01) }
}

extension Reference {
  static func adaGrad<T: Real & Sendable>(α: T, ε: T, εRoot: T = 0, G0: T = 0) -> Path<T> {
    { gradients, θ0 in
      var G = G0
      return path(gradients, θ0) { _, g, θ in
        G += g * g
        θ -= ratio(α * g, T.sqrt(G + εRoot) + ε)
      }
    }
  }
}
