import Descent
import RealModule
import Testing

@Suite struct PadamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("padam", equations: Reference.padam(α: { _ in w(0.1) }, p: w(0.125), β1: w(0.9), β2: w(0.999))),
      MethodCase(
        "padam", ["lr": cosine, "partial": "0.2", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8"],
        equations: Reference.padam(α: cosineAt, p: w(0.2), β1: w(0.8), β2: w(0.99), ε: w(1e-8))),
      MethodCase(
        "padam", ["partial": "0.25", "biasCorrection": "true"],
        equations: Reference.padam(α: { _ in w(0.1) }, p: w(0.25), β1: w(0.9), β2: w(0.999), corrects: true)),
      MethodCase(
        "padam", ["partial": "0.5", "epsilon": "1e-8"],
        equations: Reference.padam(α: { _ in w(0.1) }, p: w(0.5), β1: w(0.9), β2: w(0.999), ε: w(1e-8))),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: Padam(), 0.1 * Double.pow(2, 0.75) / Double.pow(0.001, 0.125), α: 0.1)
  }
}

extension Reference {
  /// Chen et al., Algorithm 1: θ ← θ − α m / (√v̂ + ε)²ᵖ.
  static func padam<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, p: T, β1: T, β2: T, ε: T = 0, corrects: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v, largest): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        largest = max(largest, v)
        let correction = corrects ? T.sqrt(1 - T.pow(β2, t)) / (1 - T.pow(β1, t)) : 1
        let root = T.sqrt(largest) + ε
        θ -= α(t) * correction * (root == 0 ? 0 : m / T.exp(2 * p * T.log(root)))
      }
    }
  }
}
