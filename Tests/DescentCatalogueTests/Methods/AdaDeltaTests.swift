import Descent
import RealModule
import Testing

@Suite struct AdaDeltaTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adadelta", equations: Reference.adaDelta(α: 1, ρ: w(0.95), ε: w(1e-6))),
      MethodCase(
        "adadelta", ["lr": "0.5", "rho": "0.9", "epsilon": "1e-4"],
        equations: Reference.adaDelta(α: w(0.5), ρ: w(0.9), ε: w(1e-4))),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: AdaDelta(), 4.4721e-3, α: 1, within: 1e-7)
    try expectFirstStep(of: AdaDelta(), 9.759e-4, α: 1, g: 1e-3, within: 1e-7)
  }

  /// Section 4.3: when both accumulators are far below ε the effective step is 1: Δ = −g.
  @Test func endsWithAStepOfOne() throws {
    let late = try steps(of: AdaDelta(), Array(repeating: 1e-6, count: 2000))
    #expect(abs(late.last! / 1e-6 - 1) < 1e-3)
  }
}

extension Reference {
  static func adaDelta<T: Real & Sendable>(α: T, ρ: T, ε: T) -> Path<T> {
    { gradients, θ0 in
      var (g2, Δ2): (T, T) = (0, 0)
      return path(gradients, θ0) { _, g, θ in
        g2 = ρ * g2 + (1 - ρ) * g * g
        let Δ = -(T.sqrt(Δ2 + ε) / T.sqrt(g2 + ε)) * g
        Δ2 = ρ * Δ2 + (1 - ρ) * Δ * Δ
        θ += α * Δ
      }
    }
  }
}
