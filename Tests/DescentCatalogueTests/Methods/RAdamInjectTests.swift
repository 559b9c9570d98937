import Descent
import Testing

@Suite struct RAdamInjectTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "radaminject", ["lr": "1e-6"],
        equations: Reference.rAdam(
          .injected {
            $0.α = { _ in w(1e-6) }
            $0.isHat = true
          }, above: 5)),
      MethodCase(
        "radaminject",
        [
          "lr": "1e-6", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "corrected", "divisor": "3",
          "threshold": "four", "injectionStart": "3",
        ],
        equations: Reference.rAdam(
          .injected {
            $0.α = { _ in w(1e-6) }
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
            $0.ε = w(1e-6)
            $0.k = 3
            $0.start = 3
          }, above: 4)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: RAdamInject(), 2) }

  /// The authors' code starts to inject a step later than the formula.
  @Test func injectionStartsWhereAsked() throws {
    let gradients = [1.0, 2.0, 3.0]
    let formula = try steps(of: RAdamInject(), gradients)
    let authors = try steps(of: RAdamInject(injectionStart: 3), gradients)
    let none = try steps(of: RAdam(epsilon: 1e-8, epsilonForm: .hat, threshold: .five), gradients)
    #expect(formula[0] == none[0] && authors[0] == none[0])
    #expect(formula[1] != none[1] && authors[1] == none[1] && authors[2] != none[2])
  }
}
