import Descent
import RealModule
import Testing

@Suite struct NesterovTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("nesterov", ["lr": cosine], equations: Reference.nesterov(α: cosineAt, μ: { _ in w(0.9) })),
      MethodCase(
        "nesterov", ["lr": "0.1", "momentum": "linear(0.5, to=0.95, over=100)"],
        equations: Reference.nesterov(α: { _ in w(0.1) }) { w(0.5) + (w(0.95) - w(0.5)) * min(1, T($0 - 1) / 100) }),
      MethodCase(
        "nesterov", ["lr": cosine, "ratePlacement": "outside"],
        equations: Reference.torchMomentum(α: cosineAt, μ: w(0.9), nesterov: true)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: Nesterov(learningRate: 0.1), 3.8) }
}

extension Reference {
  /// Sutskever's form with separate iterate and velocity. It reports the look-ahead point, at which the gradient was
  /// taken: φₜ = θₜ + μₜ₊₁ uₜ.
  static func nesterov<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, μ: @escaping @Sendable (Int) -> T)
    -> Path<T>
  {
    { gradients, θ0 in
      var x = θ0
      var u: T = 0
      return path(gradients, θ0) { t, g, φ in
        u = μ(t) * u - α(t) * g
        x += u
        φ = x + μ(t + 1) * u
      }
    }
  }
}
