import Descent
import TestSupport
import Testing

/// Adam, section 2.1: with ε = 0 the steps do not change when the gradients are rescaled; exactly so for a power of two.
/// This holds for many methods.
@Suite struct RescalingTests {
  private func isInvariant<Rule: ElementRule>(_ rule: Rule) throws -> Bool where Rule.Scalar == Float {
    let gradients = GradientSequence.noisy.gradients(Float.self)
    let path = try trajectory(of: rule, gradients: gradients, from: 0.5)
    return try [0x1p-20, 0x1p-3, 0x1p17].allSatisfy { (scale: Float) in
      try trajectory(of: rule, gradients: gradients.map { $0.map { $0 * scale } }, from: 0.5) == path
    }
  }

  @Test func changesNoBit() throws {
    #expect(try isInvariant(Adam(epsilon: 0)))
    #expect(try isInvariant(Adam(epsilon: 0, biasCorrection: false)))
    #expect(try isInvariant(AdamW(epsilon: 0)))
    #expect(try isInvariant(AdaMax()))
    #expect(try isInvariant(AMSGrad()))
    #expect(try isInvariant(AMSGrad(correction: .beforeMaximum)))
    #expect(try isInvariant(AdaGrad(epsilon: 0)))
    #expect(try isInvariant(RMSProp(epsilon: 0)))
    #expect(try isInvariant(AdamNC()))
    #expect(try isInvariant(GenericAdam(epsilon: 0)))
    for form in Nadam<Float>.Form.allCases { #expect(try isInvariant(Nadam(epsilon: 0, form: form))) }
    #expect(try isInvariant(QHAdam(nu2: 0.5, epsilon: 0)))
    #expect(try isInvariant(RAdam(fallback: .nothing)))
    #expect(try isInvariant(AdaBelief(epsilon: 0, epsilonState: 0)))
    #expect(try isInvariant(Yogi(epsilon: 0)))
    #expect(try isInvariant(Yogi(epsilon: 0, startsFromGradient: true)))
    #expect(try isInvariant(Adan(epsilon: 0)))
    #expect(try isInvariant(AdEMAMix(epsilon: 0)))
    #expect(try isInvariant(ADOPT(epsilon: 0)))
    #expect(try isInvariant(AdaMod(epsilon: 0)))
  }

  /// These depend on the gradient's scale: in the first steps, in the friction, in the injected term, or by the ε that
  /// sets the scale.
  @Test func changesTheStepsOfOthers() throws {
    #expect(try !isInvariant(RAdam()))
    #expect(try !isInvariant(ACProp(epsilon: 0)))
    #expect(try !isInvariant(DiffGrad(epsilon: 0)))
    #expect(try !isInvariant(AdamInject(epsilon: 0)))
    #expect(try !isInvariant(AdaDelta()))
  }
}
