import Descent
import RealModule
import Testing

@Suite struct AdEMAMixTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    /// AdEMAMix's own formula for β₃.
    let halfLife = { @Sendable (t: Int) -> T in
      let (start, end, p) = (T.log(w(0.9)), T.log(w(0.9999)), T(t) / 100)
      return t >= 100 ? w(0.9999) : T.exp(start * end / ((1 - p) * end + p * start))
    }
    return [
      MethodCase(
        "ademamix",
        equations: Reference.adEMAMix(
          η: w(1e-3), β1: w(0.9), β2: w(0.999), β3: { _ in w(0.9999) }, α: { _ in 5 }, ε: w(1e-8))),
      MethodCase(
        "ademamix",
        [
          "lr": "0.01", "beta1": "0.8", "beta2": "0.99", "beta3": "shifted(halflife(0.9, to=0.9999, over=100), by=1)",
          "alpha": "warmup(100, 8)", "epsilon": "1e-6",
        ],
        equations: Reference.adEMAMix(
          η: w(0.01), β1: w(0.8), β2: w(0.99), β3: halfLife, α: { 8 * min(1, T($0) / 100) }, ε: w(1e-6))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdEMAMix(epsilon: 0), 1 + 5 * 0.0001) }

  @Test func isAdamWithoutTheSlowMean() throws {
    try expectSameBits(of: AdEMAMix<Float>(alpha: 0), asOf: Adam())
    try expectSameBits(of: AdEMAMix<Double>(alpha: 0), asOf: Adam())
  }
}

extension Reference {
  static func adEMAMix<T: Real & Sendable>(
    η: T, β1: T, β2: T, β3: @escaping @Sendable (Int) -> T, α: @escaping @Sendable (Int) -> T, ε: T
  ) -> Path<T> {
    { gradients, θ0 in
      var (m1, m2, v): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        m1 = β1 * m1 + (1 - β1) * g
        m2 = β3(t) * m2 + (1 - β3(t)) * g
        v = β2 * v + (1 - β2) * g * g
        let numerator = m1 / (1 - T.pow(β1, t)) + α(t) * m2
        θ -= ratio(η * numerator, T.sqrt(v / (1 - T.pow(β2, t))) + ε)
      }
    }
  }
}
