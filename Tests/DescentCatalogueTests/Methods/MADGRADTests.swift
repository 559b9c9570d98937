import Descent
import RealModule
import Testing

@Suite struct MADGRADTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("madgrad", dependsOnθ: true, equations: Reference.madgrad(α: { _ in w(0.01) }, μ: w(0.9), ε: w(1e-6))),
      MethodCase(
        "madgrad", ["lr": cosine, "momentum": "0.5", "epsilon": "0"], dependsOnθ: true,
        equations: Reference.madgrad(α: cosineAt, μ: w(0.5), ε: 0)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: MADGRAD(epsilon: 0), 0.1 * Double.root(1e-4 * 2, 3) / 0.01, α: 0.01)
  }
}

extension Reference {
  /// Defazio & Jelassi, Algorithm 1.
  static func madgrad<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, μ: T, ε: T) -> Path<T> {
    { gradients, x0 in
      var s: T = 0
      var ν: T = 0
      return path(gradients, x0) { t, g, x in
        let λ = α(t) * T.sqrt(T(t))
        s += λ * g
        ν += λ * g * g
        let z = x0 - ratio(s, T.root(ν, 3) + ε)
        x = μ * x + (1 - μ) * z
      }
    }
  }
}
