import Descent
import RealModule
import Testing

@Suite struct SchaulTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("schaul", equations: Reference.schaul(α: { _ in 1 }, ρ: w(0.9))),
      MethodCase(
        "schaul", ["lr": cosine, "rho": "0.98", "curvatureInterval": "3", "curvatureForm": "full"],
        equations: Reference.schaul(α: cosineAt, ρ: w(0.98))),
      MethodCase("schaul", ["mu": "0.5"], equations: Reference.schaul(α: { _ in 1 / w(1.5) }, ρ: w(0.9))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: Schaul(), 2, α: 1) }

  @Test func reachesTheMinimumOfAQuadraticInOneStep() throws {
    try expectNewtonStep(of: Schaul(), curvature: "schaul/h")
  }

  /// If gradients are noise around 0, its steps are far smaller than Newton's; if they agree, they equal Newton's.
  @Test func noiseShortensTheStep() throws {
    #expect(try meanStep(Schaul(rho: 0.98), noisyGradients.map { $0 > 0 ? 1 : -1 }) < 0.2)
    #expect(try abs(meanStep(Schaul(rho: 0.98), Array(repeating: 1, count: 200)) - 1) < 1e-12)
  }
}

extension Reference {
  /// ADADELTA's equation 7 with h = 1; averages are weighted sums divided by the sum of weights.
  static func schaul<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, ρ: T) -> Path<T> {
    { gradients, θ0 in
      var (sum, squares, weights): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        sum = ρ * sum + g
        squares = ρ * squares + g * g
        weights = ρ * weights + 1
        let (mean, meanSquare) = (sum / weights, squares / weights)
        θ -= α(t) * ratio(mean * mean, meanSquare) * g
      }
    }
  }
}
