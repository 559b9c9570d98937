import Descent
import RealModule
import Testing

@Suite struct SGDWTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "sgdw", dependsOnθ: true,
        equations: Reference.sgdW(
          α: { _ in w(0.01) }, η: { _ in 1 }, μ: w(0.9), decay: { _ in w(1e-5) })),
      MethodCase(
        "sgdw",
        [
          "lr": cosine, "schedule": "linear(1, to=0.5, over=100)", "momentum": "0.8", "weightDecay": "0.01",
          "decayCoupling": "independent",
        ],
        dependsOnθ: true,
        equations: Reference.sgdW(
          α: cosineAt, η: { 1 - w(0.5) * min(1, T($0 - 1) / 100) }, μ: w(0.8), decay: { _ in w(0.01) })),
      MethodCase(
        "sgdw", ["lr": cosine, "weightDecay": "0.1", "decayCoupling": "learningRate"], dependsOnθ: true,
        equations: Reference.sgdW(α: cosineAt, η: { _ in 1 }, μ: w(0.9), decay: { cosineAt($0) * w(0.1) })),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: SGDW(), 2, α: 0.01) }
}

extension Reference {
  /// Loshchilov & Hutter, Algorithm 1: mₜ = β₁ mₜ₋₁ + ηₜ α g, θₜ = θₜ₋₁ − mₜ − ηₜ λ θₜ₋₁.
  static func sgdW<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, η: @escaping @Sendable (Int) -> T, μ: T, decay: @escaping @Sendable (Int) -> T
  ) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      return path(gradients, θ0) { t, g, θ in
        m = μ * m + η(t) * α(t) * g
        θ = (1 - η(t) * decay(t)) * θ - m
      }
    }
  }
}
