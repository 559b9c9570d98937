import Descent
import RealModule
import Testing

@Suite struct RMSPropMomentumTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "rmsprop", ["momentum": "0.9"],
        equations: Reference.rmsPropMomentum(α: { _ in w(1e-3) }, ρ: w(0.9), μ: w(0.9), ε: w(1e-8))),
      MethodCase(
        "rmspropmomentum",
        ["lr": cosine, "rho": "0.99", "momentum": "0.8", "epsilon": "1e-8", "ratePlacement": "outside"],
        equations: Reference.rmsPropMomentum(α: cosineAt, ρ: w(0.99), μ: w(0.8), ε: w(1e-8), rateOutside: true)),
      MethodCase(
        "rmspropmomentum",
        ["lr": cosine, "epsilon": "0", "epsilonRoot": "1e-10", "initialSecondMoment": "1"],
        equations: Reference.rmsPropMomentum(
          α: cosineAt, ρ: w(0.9), μ: w(0.9), ε: 0, εRoot: w(1e-10), v0: 1)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: RMSPropMomentum(epsilon: 0), 1 / 0.1.squareRoot(), α: 1e-3) }

  /// With a constant rate it does not matter where the rate enters.
  @Test func placesOfAConstantRateAreAlike() throws {
    let inside = try path(RMSPropMomentum(), noisyGradients)
    let outside = try path(RMSPropMomentum(ratePlacement: .outside), noisyGradients)
    #expect(zip(inside, outside).allSatisfy { abs($0 - $1) < 1e-14 })
  }
}

extension Reference {
  /// RMSProp with momentum in TensorFlow's form (rate inside) or torch's.
  static func rmsPropMomentum<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, ρ: T, μ: T, ε: T, εRoot: T = 0, v0: T = 0, rateOutside: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var v = v0
      var u: T = 0
      return path(gradients, θ0) { t, g, θ in
        v = ρ * v + (1 - ρ) * g * g
        let d = ratio(g, T.sqrt(v + εRoot) + ε)
        u = μ * u + (rateOutside ? d : α(t) * d)
        θ -= rateOutside ? α(t) * u : u
      }
    }
  }
}
