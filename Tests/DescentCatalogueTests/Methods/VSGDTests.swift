import Descent
import RealModule
import Testing

@Suite struct VSGDTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("vsgd", equations: Reference.vSGD(α: { _ in 1 }, C: 2, τ0: 2)),
      MethodCase(
        "vsgd",
        ["lr": cosine, "slowStart": "10", "initialMemory": "5", "curvatureInterval": "3", "curvatureForm": "full"],
        equations: Reference.vSGD(α: cosineAt, C: 10, τ0: 5)),
      MethodCase("vsgd", ["mu": "0.5"], equations: Reference.vSGD(α: { _ in 1 }, C: 2, τ0: 2, h: w(1.5))),
      MethodCase("vsgd", ["outliers": "true"], equations: Reference.vSGD(α: { _ in 1 }, C: 2, τ0: 2, outliers: true)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: VSGD(), 0.5, α: 1) }

  @Test func reachesTheMinimumOfAQuadraticInOneStep() throws {
    try expectNewtonStep(of: VSGD(slowStart: 1), curvature: "vsgd/h")
  }

  /// If gradients are noise around 0, its steps are smaller than Newton's; if they agree, they approach Newton's.
  @Test func noiseShortensTheStep() throws {
    #expect(try meanStep(VSGD(), noisyGradients.map { $0 > 0 ? 1 : -1 }) < 0.5)
    #expect(try meanStep(VSGD(), Array(repeating: 1, count: 200)) > 0.9)
  }
}

extension Reference {
  /// Schaul, Zhang & LeCun, Algorithm 1, with a constant h, and the outliers of Schaul & LeCun.
  static func vSGD<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, C: T, τ0: T, h curvature: T = 1, outliers: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (mean, square, h, τ): (T, T, T, T) = (0, 0, 0, τ0)
      return path(gradients, θ0) { t, g, θ in
        if t == 1 {
          (mean, square, h) = (g, C * g * g, C * curvature)
        } else {
          if outliers, abs(g - mean) > 2 * T.sqrt(max(0, square - mean * mean)) { τ += 1 }
          mean = (1 - 1 / τ) * mean + g / τ
          square = (1 - 1 / τ) * square + g * g / τ
          h = (1 - 1 / τ) * h + curvature / τ
        }
        let agreement = ratio(mean * mean, square)
        τ = (1 - agreement) * τ + 1
        θ -= α(t) * agreement / h * g
      }
    }
  }
}
