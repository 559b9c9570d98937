import Descent
import RealModule
import Testing

@Suite struct MomentumTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("momentum", equations: Reference.momentum(α: { _ in w(0.01) }, μ: w(0.9))),
      MethodCase("momentum", ["lr": cosine, "momentum": "0.8"], equations: Reference.momentum(α: cosineAt, μ: w(0.8))),
      MethodCase(
        "momentum", ["lr": cosine, "dampening": "0.3", "ratePlacement": "outside"],
        equations: Reference.torchMomentum(α: cosineAt, μ: w(0.9), τ: w(0.3))),
      MethodCase(
        "momentum", ["lr": cosine, "dampening": "0.3"],
        equations: Reference.momentum(α: cosineAt, μ: w(0.9), τ: w(0.3))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: Momentum(learningRate: 0.1), 2, within: 0) }
}

extension Reference {
  /// ADADELTA's equation 4: Δx ← ρ Δx − η g, x ← x + Δx.
  static func momentum<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, μ: T, τ: T = 0) -> Path<T> {
    { gradients, θ0 in
      var Δ: T = 0
      return path(gradients, θ0) { t, g, θ in
        Δ = μ * Δ - (t == 1 ? 1 : 1 - τ) * α(t) * g
        θ += Δ
      }
    }
  }
}
