import Descent
import RealModule
import Testing

@Suite struct ACPropTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "acprop", equations: Reference.acProp(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8), .paper)),
      MethodCase(
        "acprop", ["firstStep": "divided", "lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-3"],
        equations: Reference.acProp(α: cosineAt, β1: w(0.8), β2: w(0.99), ε: w(1e-3), .paperLiterally)),
      MethodCase(
        "acprop", ["form": "official"],
        equations: Reference.acProp(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8), .official)),
      MethodCase(
        "acprop", ["form": "official", "momentumUpdate": "true", "epsilon": "1e-6"],
        equations: Reference.acProp(
          α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-6), .official, momentum: true)),
      MethodCase(
        "acprop", ["form": "rectified", "epsilon": "1e-6"],
        equations: Reference.acProp(α: { _ in w(1e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-6), .rectified)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: ACProp(), 2)
    try expectFirstStep(of: ACProp(form: .official), 2)
    try expectFirstStep(of: ACProp(form: .rectified, momentumUpdate: true), 2)
    try expectFirstStep(of: ACProp(firstStep: .divided), 2e4, within: 1e-8)
  }

  /// Over the root of s₁ = (1 − β₂) (g₁ − m₁)², m₁ being the new mean; corrected in the authors' code.
  @Test func secondStep() throws {
    let paper = try steps(of: ACProp(learningRate: 1, epsilon: 0), [2, 1])[1]
    #expect(abs(paper - 1 / (1.8 * 0.001.squareRoot())) <= 1e-12)
    let official = try steps(of: ACProp(learningRate: 1, epsilon: 0, form: .official), [2, 1])[1]
    #expect(abs(official - 1 / 1.8) <= 1e-12)
  }

  /// The authors' code centers with the new mean: g − m = β₁ (g − m_prev).
  @Test func surpriseIsTakenWithTheNewMean() throws {
    #expect(try abs(stateAfterOneStep(ACProp(), "s") / (0.001 * 1.8 * 1.8) - 1) <= 1e-12)
  }

  /// It divides by what it knew before the gradient, so it goes to the best point where Adam goes to the worst.
  @Test(arguments: [3, 10], ACProp<Double>.Form.allCases)
  func convergesOnReddisProblem(period: Int, form: ACProp<Double>.Form) throws {
    // s is large if g is, so the steps are small.
    let rule = ACProp<Double>(
      learningRate: .inverseSquareRoot(0.5), beta1: 0.9, beta2: period == 3 ? 0.3 : 0.9, form: form)
    #expect(try endOfReddisProblem(rule, period: period) < -0.9)
  }

  /// Zhuang et al. 2021, section 3: it goes to the best point. It does not if it steps along the momentum, an option of
  /// the authors' code.
  @Test(arguments: [ACProp<Double>.Form.paper, .official]) func asynchronousStepsConverge(
    form: ACProp<Double>.Form
  ) throws {
    var acProp = ACProp<Double>(learningRate: .inverseSquareRoot(0.5), beta2: 0.99, form: form)
    #expect(try endOfReddisProblem(acProp, period: 101) < -0.9)
    acProp.momentumUpdate = true
    #expect(try endOfReddisProblem(acProp, period: 101) > 0.3)
  }
}

extension Reference {
  enum ACPropForm { case paper, paperLiterally, official, rectified }

  static func acProp<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, ε: T, _ form: ACPropForm, momentum: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, s): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        let along = momentum ? m / (1 - T.pow(β1, t)) : g
        switch form {
        case .paper where t == 1: θ -= α(t) * along
        case .paper, .paperLiterally: θ -= ratio(α(t) * along, T.sqrt(s + ε))
        case .official:
          if t > 1 { s += ε }
          θ -= t == 1 ? α(t) * along : ratio(α(t) * along, T.sqrt(s) / T.sqrt(1 - T.pow(β2, t - 1)) + ε)
        case .rectified:
          if t > 1 { s += ε }
          if let r = rectification(β2, t, above: 5) {
            θ -= ratio(α(t) * r * T.sqrt(1 - T.pow(β2, t)) * along, T.sqrt(s) + ε)
          } else {
            θ -= α(t) * along
          }
        }
        s = β2 * s + (1 - β2) * (g - m) * (g - m)
      }
    }
  }
}
