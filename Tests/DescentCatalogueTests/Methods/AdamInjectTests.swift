import Descent
import Testing

@Suite struct AdamInjectTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adaminject", ["lr": "1e-4"], equations: Reference.adamInject(.injected())),
      MethodCase(
        "adaminject",
        ["lr": "1e-4", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "hat", "divisor": "3"],
        equations: Reference.adamInject(
          .injected {
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
            $0.ε = w(1e-6)
            $0.isHat = true
            $0.k = 3
          })),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdamInject(epsilon: 0), 1) }

  /// From t = 2 on, AdaInject uses half the gradient; the correction does not take this into account.
  @Test(arguments: [3.0, -1e-5]) func aConstantGradientMakesHalfSteps(g: Double) throws {
    let injected = try steps(of: AdamInject(learningRate: 1e-9, epsilon: 0), Array(repeating: g, count: 300))
    #expect(abs(abs(injected[0]) / 1e-9 - 1) < 1e-12 && abs(abs(injected[299]) / 1e-9 - 0.5) < 1e-7)
  }

  /// The injected term acts like momentum: it lengthens steps in the same direction, and shortens one that turns back.
  @Test(arguments: [1.0, -1]) func injectionIsMomentum(g: Double) throws {
    func multiple(_ α: Double, _ gradients: [Double]) throws -> Double {
      try steps(of: AdamInject(learningRate: .constant(α)), gradients).last! / α
    }
    let onward = Array(repeating: g, count: 50)
    #expect(try abs(multiple(0.1, onward)) > abs(multiple(1e-6, onward)))
    let turning = Array(repeating: g, count: 2) + [-20 * g]
    #expect(try abs(multiple(0.1, turning)) < abs(multiple(1e-6, turning)))
  }
}
