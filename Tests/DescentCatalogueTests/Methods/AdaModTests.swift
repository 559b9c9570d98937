import Descent
import RealModule
import TestSupport
import Testing

@Suite struct AdaModTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let α = { @Sendable (_: Int) -> T in w(1e-3) }
    return [
      MethodCase("adamod", equations: Reference.adaMod(α: α, β1: w(0.9), β2: w(0.999), β3: w(0.999), ε: w(1e-8))),
      MethodCase(
        "adamod",
        ["form": "official", "lr": cosine, "beta1": "0.8", "beta2": "0.99", "beta3": "0.9", "epsilon": "1e-6"],
        equations: Reference.adaMod(
          α: cosineAt, β1: w(0.8), β2: w(0.99), β3: w(0.9), ε: w(1e-6), isOfficial: true)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: AdaMod(epsilon: 0), 0.001)
    try expectFirstStep(of: AdaMod(epsilon: 0, form: .official), 0.001)
  }

  @Test func stepsNeverExceedAdams() throws {
    for sequence in GradientSequence.allCases {
      let gradients = sequence.gradients(Double.self)
      for (form, epsilonForm) in [(AdaMod<Double>.Form.paper, EpsilonForm.corrected), (.official, .hat)] {
        let adam = try trajectory(
          of: Adam<Double>(epsilonForm: epsilonForm), gradients: gradients, from: 0, returning: true)
        let mod = try trajectory(
          of: AdaMod<Double>(beta3: 0.9, form: form), gradients: gradients, from: 0, returning: true)
        for (bounded, full) in zip(mod.joined(), adam.joined()) {
          #expect(abs(bounded) <= abs(full) * (1 + 1e-13), "\(sequence)")
        }
      }
    }
  }
}

extension Reference {
  static func adaMod<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, β3: T, ε: T, isOfficial: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v, s): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        let (bc1, bc2) = (1 - T.pow(β1, t), 1 - T.pow(β2, t))
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        let η = isOfficial ? ratio(α(t) * T.sqrt(bc2) / bc1, T.sqrt(v) + ε) : ratio(α(t), T.sqrt(v / bc2) + ε)
        s = β3 * s + (1 - β3) * η
        θ -= min(η, s) * (isOfficial ? m : m / bc1)
      }
    }
  }
}
