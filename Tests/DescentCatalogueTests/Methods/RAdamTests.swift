import Descent
import Testing

@Suite struct RAdamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("radam", equations: Reference.rAdam(.changed { $0.ε = 0 }, above: 4)),
      MethodCase(
        "radam", ["threshold": "five", "epsilon": "1e-8", "epsilonForm": "hat", "beta1": "0.8", "beta2": "0.99"],
        equations: Reference.rAdam(
          .changed {
            $0.isHat = true
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
          }, above: 5)),
      MethodCase(
        "radam", ["threshold": "five", "epsilon": "1e-6", "fallback": "nothing", "lr": cosine],
        equations: Reference.rAdam(
          .changed {
            $0.α = cosineAt
            $0.ε = w(1e-6)
          }, above: 5, stepsBefore: false)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: RAdam(), 2)
    try expectFirstStep(of: RAdam(fallback: .nothing), 0)
  }
}
