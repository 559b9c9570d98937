import Descent
import RealModule
import Testing

@Suite struct QHAdamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let α = { @Sendable (_: Int) -> T in w(1e-3) }
    return [
      MethodCase(
        "qhadam", equations: Reference.qhAdam(α: α, ν1: w(0.7), ν2: 1, β1: w(0.995), β2: w(0.999), ε: w(1e-8))),
      MethodCase(
        "qhadam", ["lr": cosine, "nu1": "0.8", "nu2": "0.6", "beta1": "0.9", "beta2": "0.99", "epsilon": "1e-6"],
        equations: Reference.qhAdam(α: cosineAt, ν1: w(0.8), ν2: w(0.6), β1: w(0.9), β2: w(0.99), ε: w(1e-6))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: QHAdam(epsilon: 0), 1) }

  @Test func aConstantGradientMakesUnitSteps() throws {
    try expectUnitSteps(of: QHAdam(nu1: 0.6, nu2: 0.4, epsilon: 0))
  }

  @Test func isAdamWithoutItsWeights() throws {
    try expectSameBits(of: QHAdam<Float>(nu1: 1, nu2: 1, beta1: 0.9), asOf: Adam())
    try expectSameBits(of: QHAdam<Double>(nu1: 1, nu2: 1, beta1: 0.9), asOf: Adam())
  }
}

extension Reference {
  static func qhAdam<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, ν1: T, ν2: T, β1: T, β2: T, ε: T
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        let numerator = (1 - ν1) * g + ν1 * (m / (1 - T.pow(β1, t)))
        let square = (1 - ν2) * g * g + ν2 * (v / (1 - T.pow(β2, t)))
        θ -= ratio(α(t) * numerator, T.sqrt(square) + ε)
      }
    }
  }
}
