import Descent
import RealModule
import Testing

@Suite struct AdamNCTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let inverseRoot = { @Sendable (t: Int) -> T in w(1e-3) / T.sqrt(T(t)) }
    return [
      MethodCase("adamnc", equations: Reference.adamNC(α: inverseRoot, β1: { _ in w(0.9) })),
      MethodCase(
        "adamnc", ["lr": "0.01", "beta1": "exponential(0.8, factor=0.99)", "epsilon": "1e-6"],
        equations: Reference.adamNC(
          α: { _ in w(0.01) }, β1: { w(0.8) * T.pow(w(0.99), $0 - 1) }, ε: w(1e-6))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdamNC(), 0.1) }

  /// It goes to the best point where Adam goes to the worst, because its decay tends to 1.
  @Test(arguments: [3, 10]) func convergesOnReddisProblem(period: Int) throws {
    let rate = Schedule.inverseSquareRoot(0.5)
    #expect(try endOfReddisProblem(AdamNC(learningRate: rate, beta1: 0), period: period) < -0.9)
    #expect(try endOfReddisProblem(AdamNC(learningRate: rate), period: period) < -0.9)
  }
}

extension Reference {
  /// α m / √(mean of all squares), where the mean is a sum divided by t.
  static func adamNC<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: @escaping @Sendable (Int) -> T, ε: T = 0
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, sum): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1(t) * m + (1 - β1(t)) * g
        sum += g * g
        θ -= ratio(α(t) * m, T.sqrt(sum / T(t)) + ε)
      }
    }
  }
}
