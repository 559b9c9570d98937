import Descent
import RealModule
import TestSupport
import Testing

@Suite struct DiffGradTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("diffgrad", equations: Reference.adamInject(.changed(), friction: true)),
      MethodCase(
        "diffgrad", ["lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "epsilonForm": "hat"],
        equations: Reference.adamInject(
          .changed {
            $0.α = cosineAt
            $0.β1 = w(0.8)
            $0.β2 = w(0.99)
            $0.ε = w(1e-6)
            $0.isHat = true
          }, friction: true)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: DiffGrad(epsilon: 0), 1 / (1 + Double.exp(-2))) }

  /// Section 3: ½ ≤ ξ < 1, so its steps are at least half as long as Adam's, and shorter than Adam's.
  @Test func frictionLiesBetweenAHalfAndOne() throws {
    for sequence in GradientSequence.allCases {
      let gradients = sequence.gradients(Double.self)
      let adam = try trajectory(of: Adam<Double>(), gradients: gradients, from: 0, returning: true).joined()
      let diffGrad = try trajectory(of: DiffGrad<Double>(), gradients: gradients, from: 0, returning: true).joined()
      for (slow, full) in zip(diffGrad, adam) where full != 0 {
        #expect(slow / full >= 0.5 - 1e-14 && slow / full <= 1 + 1e-14, "\(sequence)")
      }
    }
  }
}
