import Descent
import RealModule
import TestSupport
import Testing

@Suite struct YogiTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("yogi", equations: Reference.yogi(α: w(0.01), β1: w(0.9), β2: w(0.999), ε: w(1e-3))),
      MethodCase(
        "yogi", ["startsFromGradient": "true", "lr": "1e-3", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6"],
        equations: Reference.yogi(α: w(1e-3), β1: w(0.8), β2: w(0.99), ε: w(1e-6), fromGradient: true)),
      MethodCase(
        "yogi", ["initialSecondMoment": "1e-6", "biasCorrection": "true"],
        equations: Reference.yogi(α: w(0.01), β1: w(0.9), β2: w(0.999), ε: w(1e-3), v0: w(1e-6), corrects: true)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: Yogi(epsilon: 0), 0.1 / 0.001.squareRoot())
    try expectFirstStep(of: Yogi(epsilon: 0, startsFromGradient: true), 0.1)
    try expectFirstStep(of: Yogi(epsilon: 0, biasCorrection: true), 1)
  }

  @Test func aConstantGradientMakesUnitSteps() throws {
    try expectUnitSteps(
      of: Yogi(learningRate: 0.001, beta1: 0, epsilon: 0, startsFromGradient: true), count: 3)
  }

  /// Section 3: v changes by (1 − β₂) g² at most; Adam's can change by much more.
  @Test func momentChangesLittle() throws {
    for sequence in GradientSequence.allCases {
      var θ = try ParameterVector(Array(repeating: 0.0, count: GradientSequence.elements))
      var optimizer = try Optimizer(Yogi<Double>(), for: θ)
      var before = try optimizer.slot("yogi/v").values
      for gradient in sequence.gradients(Double.self) {
        try optimizer.step(&θ, gradient: ParameterVector(gradient))
        let v = try optimizer.slot("yogi/v").values
        for i in v.indices {
          #expect(v[i] >= 0)
          #expect(abs(v[i] - before[i]) <= 0.001 * gradient[i] * gradient[i] * (1 + 1e-9) + 1e-15 * v[i], "\(sequence)")
        }
        before = v
      }
    }
  }
}

extension Reference {
  static func yogi<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, v0: T = 0, fromGradient: Bool = false, corrects: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v) = (T(0), v0)
      return path(gradients, θ0) { t, g, θ in
        if fromGradient && t == 1 { v = g * g }
        m = β1 * m + (1 - β1) * g
        let sign: T = v > g * g ? 1 : v < g * g ? -1 : 0
        v -= (1 - β2) * sign * g * g
        let (bc1, bc2): (T, T) = corrects ? (1 - T.pow(β1, t), 1 - T.pow(β2, t)) : (1, 1)
        θ -= ratio(α * (m / bc1), T.sqrt(v / bc2) + ε)
      }
    }
  }
}
