import Descent
import Testing

@Suite struct AdaBeliefInjectTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adabeliefinject", ["lr": "1e-4"], equations: Reference.adaBelief(.injected(), εState: w(1e-8))),
      MethodCase(
        "adabeliefinject",
        ["lr": "1e-4", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonState": "1e-12", "divisor": "3"],
        equations: Reference.adaBelief(
          .injected {
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
            $0.ε = w(1e-6)
            $0.k = 3
          }, εState: w(1e-12))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdaBeliefInject(epsilon: 0, epsilonState: 0), 1 / 0.9) }
}
