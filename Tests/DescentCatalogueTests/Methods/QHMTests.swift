import Descent
import RealModule
import Testing

@Suite struct QHMTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("qhm", equations: Reference.qhm(α: { _ in w(0.1) }, β: w(0.999), ν: w(0.7))),
      MethodCase(
        "qhm", ["lr": cosine, "beta": "0.9", "nu": "1"], equations: Reference.qhm(α: cosineAt, β: w(0.9), ν: 1)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: QHM(), 2 * (1 - 0.7 * 0.999), α: 0.1) }

  @Test func limits() throws {
    func largest(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { abs($0 - $1) }.max()! }
    let g = noisyGradients
    #expect(try largest(path(QHM(nu: 0), g), path(SGD(learningRate: 0.1), g)) < 1e-15)
    let momentum = Momentum<Double>(learningRate: 0.01, momentum: 0.9)
    #expect(try largest(path(QHM(beta: 0.9, nu: 1), g), path(momentum, g)) < 1e-14)
    let nesterov = Nesterov<Double>(learningRate: 0.01, momentum: 0.9)
    #expect(try largest(path(QHM(beta: 0.9, nu: 0.9), g), path(nesterov, g)) < 1e-14)
  }
}

extension Reference {
  /// Ma & Yarats: the ν-weighted average of a step of gradient descent and one of momentum.
  static func qhm<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, β: T, ν: T) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      return path(gradients, θ0) { t, g, θ in
        m = β * m + (1 - β) * g
        let (descent, momentum) = (θ - α(t) * g, θ - α(t) * m)
        θ = (1 - ν) * descent + ν * momentum
      }
    }
  }
}
