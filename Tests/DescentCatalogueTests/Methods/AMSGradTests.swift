import Descent
import RealModule
import Testing

@Suite struct AMSGradTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("amsgrad", equations: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: 0, .none)),
      MethodCase(
        "amsgrad", ["epsilon": "1e-8", "correction": "none"],
        equations: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: w(1e-8), .none)),
      MethodCase(
        "amsgrad", ["epsilon": "1e-8", "correction": "afterMaximum"],
        equations: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: w(1e-8), .afterMaximum)),
      MethodCase(
        "amsgrad", ["lr": "0.01", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8", "correction": "beforeMaximum"],
        equations: Reference.amsGrad(α: w(0.01), β1: w(0.8), β2: w(0.99), ε: w(1e-8), .beforeMaximum)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: AMSGrad(), 0.1 / 0.001.squareRoot(), α: 1e-3, within: 1e-9)
  }

  /// Reddi, Kale & Kumar, section 3: on C x, −x, −x, … Adam goes to the worst point of [−1, 1]; AMSGrad to the best.
  @Test func convergesWhereAdamDiverges() throws {
    // β₁ = 0 and β₂ = 1 / (1 + C²), as in the theorem.
    let rate = Schedule.inverseSquareRoot(0.5)
    func end<Rule: ElementRule>(_ rule: Rule) throws -> Double where Rule.Scalar == Double {
      try endOfReddisProblem(rule, period: 3, from: 0, steps: 30_000)
    }
    #expect(try end(Adam(learningRate: rate, beta1: 0, beta2: 0.1, epsilon: 0)) > 0.9)
    #expect(try end(AMSGrad(learningRate: rate, beta1: 0, beta2: 0.1)) < -0.9)
  }
}

extension Reference {
  enum Correction: Sendable { case none, afterMaximum, beforeMaximum }

  static func amsGrad<T: Real & Sendable>(α: T, β1: T, β2: T, ε: T, _ correction: Correction) -> Path<T> {
    { gradients, θ0 in
      var (m, v, largest): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        let (bc1, bc2) = (1 - T.pow(β1, t), 1 - T.pow(β2, t))
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        switch correction {
        case .none:
          largest = max(largest, v)
          θ -= ratio(α * m, T.sqrt(largest) + ε)
        case .afterMaximum:
          largest = max(largest, v)
          θ -= ratio(α * m / bc1, T.sqrt(largest / bc2) + ε)
        case .beforeMaximum:
          largest = max(largest, v / bc2)
          θ -= ratio(α * m / bc1, T.sqrt(largest) + ε)
        }
      }
    }
  }
}
