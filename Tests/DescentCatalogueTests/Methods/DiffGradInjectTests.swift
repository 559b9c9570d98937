import Descent
import RealModule
import Testing

@Suite struct DiffGradInjectTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("diffgradinject", ["lr": "1e-4"], equations: Reference.adamInject(.injected(), friction: true)),
      MethodCase(
        "diffgradinject",
        ["lr": "1e-4", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "hat", "divisor": "3"],
        equations: Reference.adamInject(
          .injected {
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
            $0.ε = w(1e-6)
            $0.isHat = true
            $0.k = 3
          }, friction: true)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: DiffGradInject(epsilon: 0), 1 / (1 + Double.exp(-2))) }
}
