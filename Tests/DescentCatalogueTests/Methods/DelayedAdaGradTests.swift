import Descent
import RealModule
import Testing

@Suite struct DelayedAdaGradTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("delayedadagrad", equations: Reference.delayedAdaGrad(α: { _ in w(0.1) }, β: 1, exponentOffset: 0)),
      MethodCase(
        "delayedadagrad", ["lr": cosine, "beta": "0.5", "exponentOffset": "0.1", "momentum": "0.9"],
        equations: Reference.delayedAdaGrad(α: cosineAt, β: w(0.5), exponentOffset: w(0.1), μ: w(0.9))),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: DelayedAdaGrad(beta: 3, exponentOffset: 0.2), 2 / Double.pow(3, 0.7), α: 0.1)
    try expectFirstStep(of: DelayedAdaGrad(beta: 4), -3.5, α: 0.1, g: -7)
  }

  @Test func stepSizeIgnoresThePresentGradient() throws {
    for last in [3.0, -1, 5] {
      let path = try path(DelayedAdaGrad(beta: 2), [1, 2, last])
      #expect(abs((path[2] - path[1]) / last + 0.1 / 7.0.squareRoot()) < 1e-15)
    }
  }

  @Test func conditionOfTheTheorem() {
    let rule = DelayedAdaGrad<Double>(learningRate: 0.1, beta: 1, exponentOffset: 0.1)
    #expect(rule.satisfiesCondition(smoothness: 4.9))
    #expect(!rule.satisfiesCondition(smoothness: 5))
    #expect(!DelayedAdaGrad<Double>(learningRate: 0.1).satisfiesCondition(smoothness: 1))
    #expect(
      !DelayedAdaGrad<Double>(learningRate: .linear(from: 0.1, to: 1, over: 9), exponentOffset: 0.1)
        .satisfiesCondition(smoothness: 4))
  }
}

extension Reference {
  /// Li & Orabona: the step size uses the sum of squared gradients before the present one.
  static func delayedAdaGrad<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β: T, exponentOffset: T, μ: T = 0
  ) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      var sum: T = 0
      return path(gradients, θ0) { t, g, θ in
        let η = α(t) / T.exp((T(1) / 2 + exponentOffset) * T.log(β + sum))
        m = μ * m + η * g
        θ -= m
        sum += g * g
      }
    }
  }
}
