import Descent
import RealModule
import Testing

@Suite struct RMSPropTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("rmsprop", equations: Reference.rmsProp(α: w(1e-3), ρ: w(0.9), ε: w(1e-8))),
      MethodCase(
        "rmsprop", ["lr": "0.01", "rho": "0.99", "epsilon": "0", "epsilonRoot": "1e-7", "initialSecondMoment": "1"],
        equations: Reference.rmsProp(α: w(0.01), ρ: w(0.99), ε: 0, εRoot: w(1e-7), v0: 1)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: RMSProp(epsilon: 0), 1 / 0.1.squareRoot(), α: 1e-3, within: 1e-9)
    try expectFirstStep(of: RMSProp(rho: 0.99, epsilon: 0), 10, α: 1e-3, within: 1e-9)
  }
}

extension Reference {
  static func rmsProp<T: Real & Sendable>(α: T, ρ: T, ε: T, εRoot: T = 0, v0: T = 0) -> Path<T> {
    { gradients, θ0 in
      var v = v0
      return path(gradients, θ0) { _, g, θ in
        v = ρ * v + (1 - ρ) * g * g
        θ -= ratio(α * g, T.sqrt(v + εRoot) + ε)
      }
    }
  }
}
