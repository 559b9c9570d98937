import Descent
import RealModule
import Testing

@Suite struct ADOPTTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let α = { @Sendable (_: Int) -> T in w(1e-3) }
    return [
      MethodCase("adopt", equations: Reference.adopt(α: α, β1: w(0.9), β2: w(0.9999), ε: w(1e-6), clips: true)),
      MethodCase(
        "adopt", ["clips": "false", "lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-3"],
        equations: Reference.adopt(α: cosineAt, β1: w(0.8), β2: w(0.99), ε: w(1e-3), clips: false)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: ADOPT(), 0) }

  /// Its first real step: the gradient over the root of the square of the one before, clipped to 1.
  @Test func secondStep() throws {
    #expect(try abs(steps(of: ADOPT(learningRate: 1), [2, 1])[1] - 0.1 * 0.5) <= 1e-15)
    #expect(try abs(steps(of: ADOPT(learningRate: 1), [2, 8])[1] - 0.1) <= 1e-15)
    #expect(try abs(steps(of: ADOPT(learningRate: 1, clips: false), [2, 8])[1] - 0.1 * 4) <= 1e-15)
  }

  /// It divides by what it knew before the gradient, so it goes to the best point where Adam goes to the worst.
  @Test(arguments: [(3, 0.3), (10, 0.9)]) func convergesOnReddisProblem(period: Int, β2: Double) throws {
    let rule = ADOPT<Double>(learningRate: .inverseSquareRoot(0.5), beta1: 0, beta2: β2, clips: false)
    #expect(try endOfReddisProblem(rule, period: period) < -0.9)
  }
}

extension Reference {
  /// Step t does the paper's step t − 1; step 1 takes v₀.
  static func adopt<T: ReferenceScalar>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, ε: T, clips: Bool
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        guard t > 1 else {
          v = g * g
          return
        }
        var u = ratio(g, max(T.sqrt(v), ε))
        let bound = T.pow(T(t - 1), T(0.25))
        if clips && abs(u) > bound { u = u < 0 ? -bound : bound }
        m = β1 * m + (1 - β1) * u
        θ -= α(t) * m
        v = β2 * v + (1 - β2) * g * g
      }
    }
  }
}
