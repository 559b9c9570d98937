import Descent
import RealModule
import Testing

@Suite struct AdanTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let α = { @Sendable (_: Int) -> T in w(1e-3) }
    return [
      MethodCase(
        "adan", equations: Reference.adan(α: α, β1: w(0.98), β2: w(0.92), β3: w(0.99), ε: w(1e-8), corrects: false)),
      MethodCase(
        "adan", ["start": "corrected", "lr": "0.01"],
        equations: Reference.adan(
          α: { _ in w(0.01) }, β1: w(0.98), β2: w(0.92), β3: w(0.99), ε: w(1e-8), corrects: true)),
      MethodCase(
        "adan",
        ["weightDecay": "0.02", "lr": cosine, "beta1": "0.9", "beta2": "0.8", "beta3": "0.95", "epsilon": "1e-6"],
        dependsOnθ: true,
        equations: Reference.adan(
          α: cosineAt, β1: w(0.9), β2: w(0.8), β3: w(0.95), ε: w(1e-6), λ: w(0.02), corrects: false)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: Adan(epsilon: 0), 1)
    try expectFirstStep(of: Adan(epsilon: 0, start: .corrected), 1)
  }

  /// It uses the difference from the second step on: m = g₁ + 0.02 (g₂ − g₁), v = g₂ − g₁.
  @Test func secondStep() throws {
    let adan = try steps(of: Adan(learningRate: 1, epsilon: 0), [2, 1])[1]
    let n = 4 + 0.01 * (0.08 * 0.08 - 4)
    #expect(abs(adan - (1.98 - 0.92) / n.squareRoot()) <= 1e-12)
  }

  @Test func aConstantGradientMakesUnitSteps() throws {
    try expectUnitSteps(of: Adan(epsilon: 0, start: .corrected))
    try expectUnitSteps(of: Adan(epsilon: 0))
  }

  @Test func isAdamWithoutTheDifferences() throws {
    try expectSameBits(of: Adan<Float>(beta1: 0.9, beta2: 0, beta3: 0.999, start: .corrected), asOf: Adam())
    try expectSameBits(of: Adan<Double>(beta1: 0.9, beta2: 0, beta3: 0.999, start: .corrected), asOf: Adam())
  }
}

extension Reference {
  /// With the decays of the authors' code.
  static func adan<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, β3: T, ε: T, λ: T = 0, corrects: Bool
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v, n): (T, T, T) = (0, 0, 0)
      var last: T?
      return path(gradients, θ0) { t, g, θ in
        let d = last.map { g - $0 } ?? 0
        last = g
        let square = (g + β2 * d) * (g + β2 * d)
        if corrects {
          m = β1 * m + (1 - β1) * g
          v = β2 * v + (1 - β2) * d
          n = β3 * n + (1 - β3) * square
        } else {
          m = t == 1 ? g : m + (1 - β1) * (g - m)
          v = t == 2 ? d : v + (1 - β2) * (d - v)
          n = t == 1 ? g * g : n + (1 - β3) * (square - n)
        }
        func corrected(_ x: T, _ β: T) -> T { corrects ? x / (1 - T.pow(β, t)) : x }
        let η = ratio(α(t), T.sqrt(corrected(n, β3)) + ε)
        θ = (θ - η * (corrected(m, β1) + β2 * corrected(v, β2))) / (1 + λ * α(t))
      }
    }
  }
}
