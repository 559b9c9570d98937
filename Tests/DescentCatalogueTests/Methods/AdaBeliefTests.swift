import Descent
import Testing

@Suite struct AdaBeliefTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adabelief", equations: Reference.adaBelief(.changed(), εState: w(1e-8))),
      MethodCase(
        "adabelief", ["epsilon": "1e-16", "epsilonState": "1e-16", "rectify": "true"],
        equations: Reference.adaBelief(.changed { $0.ε = w(1e-16) }, εState: w(1e-16), rectifies: true)),
      MethodCase(
        "adabelief", ["lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonState": "0"],
        equations: Reference.adaBelief(
          .changed {
            $0.α = cosineAt
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
            $0.ε = w(1e-6)
          }, εState: 0)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: AdaBelief(epsilon: 0, epsilonState: 0), 1 / 0.9)
    try expectFirstStep(of: AdaBelief(rectify: true), 2)
  }

  /// The authors' code centers with the new mean: g − m = β₁ (g − m_prev).
  @Test func surpriseIsTakenWithTheNewMean() throws {
    let expected = 0.001 * 1.8 * 1.8
    #expect(try abs(stateAfterOneStep(AdaBelief(epsilonState: 0), "s") / expected - 1) <= 1e-12)
    #expect(try abs(stateAfterOneStep(AdaBelief(epsilonState: 0.5), "s") / (expected + 0.5) - 1) <= 1e-12)
  }

  /// Zhuang et al. 2021, section 3: like Adam, it goes to the worst point.
  @Test func goesToTheWorstPoint() throws {
    let rule = AdaBelief<Double>(learningRate: .inverseSquareRoot(0.5), beta2: 0.99)
    #expect(try endOfReddisProblem(rule, period: 101) > 0.9)
  }
}
