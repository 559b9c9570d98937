import Descent
import RealModule
import TestSupport
import Testing

/// The first steps of Adam's variants, and their relations to Adam and to each other.
@Suite struct AdamFamilyStepTests {
  /// The step of one element for each gradient; θ is put back to zero before each.
  private func steps<Rule: UpdateRule>(_ rule: Rule, _ gradients: [Double]) throws -> [Double]
  where Rule.Scalar == Double {
    try trajectory(of: rule, gradients: gradients.map { [$0] }, from: 0, returning: true).map { -$0[0] }
  }

  /// The first step as a multiple of α, for g = 2.
  @Test func firstSteps() throws {
    func expectFirst<Rule: UpdateRule>(
      _ rule: Rule, _ multiple: Double, within tolerance: Double = 1e-12,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws where Rule.Scalar == Double {
      let first = try steps(rule, [2])[0] / rule.learningRate(at: 1)
      #expect(abs(first - multiple) <= tolerance, "\(Rule.self): \(first)", sourceLocation: sourceLocation)
    }
    try expectFirst(AdamNC(), 0.1)
    try expectFirst(GenericAdam(), 0.1 / 0.9.squareRoot(), within: 1e-9)
    try expectFirst(Nadam(epsilon: 0), 1.31110, within: 1e-5)
    try expectFirst(Nadam(epsilon: 0, form: .scheduled), 1.0565, within: 1e-4)
    try expectFirst(Nadam(epsilon: 0, momentumDecay: 1, form: .scheduled), 1.0628, within: 1e-4)
    try expectFirst(Nadam(epsilon: 0, form: .simple), 0.9 / 1.9 + 1)
    try expectFirst(Nadam(epsilon: 0, form: .constant), (0.9 / 1.9 + 1) / 0.999.squareRoot())
    try expectFirst(QHAdam(epsilon: 0), 1)
    try expectFirst(RAdam(), 2)
    try expectFirst(RAdam(fallback: .nothing), 0)
    try expectFirst(AdaBelief(epsilon: 0, epsilonState: 0), 1 / 0.9)
    try expectFirst(AdaBelief(rectify: true), 2)
    try expectFirst(DiffGrad(epsilon: 0), 1 / (1 + Double.exp(-2)))
    try expectFirst(AdamInject(epsilon: 0), 1)
    try expectFirst(DiffGradInject(epsilon: 0), 1 / (1 + Double.exp(-2)))
    try expectFirst(RAdamInject(), 2)
    try expectFirst(AdaBeliefInject(epsilon: 0, epsilonState: 0), 1 / 0.9)
    try expectFirst(ACProp(), 2)
    try expectFirst(ACProp(form: .official), 2)
    try expectFirst(ACProp(form: .rectified, momentumUpdate: true), 2)
    try expectFirst(ACProp(firstStep: .divided), 2e4, within: 1e-8)
    try expectFirst(Yogi(epsilon: 0), 0.1 / 0.001.squareRoot())
    try expectFirst(Yogi(epsilon: 0, startsFromGradient: true), 0.1)
    try expectFirst(Yogi(epsilon: 0, biasCorrection: true), 1)
    try expectFirst(Adan(epsilon: 0), 1)
    try expectFirst(Adan(epsilon: 0, start: .corrected), 1)
    try expectFirst(AdEMAMix(epsilon: 0), 1 + 5 * 0.0001)
    try expectFirst(ADOPT(), 0)
    try expectFirst(AdaMod(epsilon: 0), 0.001)
    try expectFirst(AdaMod(epsilon: 0, form: .official), 0.001)
  }

  @Test func secondSteps() throws {
    // ADOPT's first step: the gradient over the root of the square of the one before, clipped to 1.
    #expect(try abs(steps(ADOPT(learningRate: 1), [2, 1])[1] - 0.1 * 0.5) <= 1e-15)
    #expect(try abs(steps(ADOPT(learningRate: 1), [2, 8])[1] - 0.1) <= 1e-15)
    #expect(try abs(steps(ADOPT(learningRate: 1, clips: false), [2, 8])[1] - 0.1 * 4) <= 1e-15)
    // ACProp: over the root of s₁ = (1 − β₂) (g₁ − m₁)², m₁ being the new mean; corrected in the authors' code.
    #expect(try abs(steps(ACProp(learningRate: 1, epsilon: 0), [2, 1])[1] - 1 / (1.8 * 0.001.squareRoot())) <= 1e-12)
    #expect(try abs(steps(ACProp(learningRate: 1, epsilon: 0, form: .official), [2, 1])[1] - 1 / 1.8) <= 1e-12)
    // Adan uses the difference from the second step on: m = g₁ + 0.02 (g₂ − g₁), v = g₂ − g₁.
    let adan = try steps(Adan(learningRate: 1, epsilon: 0), [2, 1])[1]
    let n = 4 + 0.01 * (0.08 * 0.08 - 4)
    #expect(abs(adan - (1.98 - 0.92) / n.squareRoot()) <= 1e-12)
  }

  /// The authors' codes center with the new mean: g − m = β₁ (g − m_prev).
  @Test func surpriseIsTakenWithTheNewMean() throws {
    func s<Rule: UpdateRule>(_ rule: Rule) throws -> Double where Rule.Scalar == Double {
      var θ = try ParameterVector([0.0])
      var optimizer = try Optimizer(rule, for: θ)
      try optimizer.step(&θ, gradient: ParameterVector([2.0]))
      return try optimizer.slot(Rule.name + "/s").values[0]
    }
    let expected = 0.001 * 1.8 * 1.8
    #expect(try abs(s(ACProp<Double>()) / expected - 1) <= 1e-12)
    #expect(try abs(s(AdaBelief<Double>(epsilonState: 0)) / expected - 1) <= 1e-12)
    #expect(try abs(s(AdaBelief<Double>(epsilonState: 0.5)) / (expected + 0.5) - 1) <= 1e-12)
  }

  /// If options switch off what is new in a method, Adam remains, with the same bits.
  @Test func adamIsTheCommonLimit() throws {
    func expectAdam<Rule: UpdateRule>(
      _ rule: Rule, _ adam: Adam<Rule.Scalar> = Adam()
    ) throws where Rule.Scalar: LaneScalar {
      for sequence in GradientSequence.allCases {
        let gradients = sequence.gradients(Rule.Scalar.self)
        let path = try trajectory(of: rule, gradients: gradients, from: 0.5)
        #expect(try path == trajectory(of: adam, gradients: gradients, from: 0.5), "\(Rule.self), \(sequence)")
      }
    }
    func expectAll<Scalar: LaneScalar>(_: Scalar.Type) throws {
      try expectAdam(QHAdam<Scalar>(nu1: 1, nu2: 1, beta1: 0.9))
      try expectAdam(AdEMAMix<Scalar>(alpha: 0))
      try expectAdam(Adan<Scalar>(beta1: 0.9, beta2: 0, beta3: 0.999, start: .corrected))
    }
    try expectAll(Float.self)
    try expectAll(Double.self)
  }

  /// RAdam, section 3: ρₜ, which tends to ρ∞ = 1999, and rₜ, which tends to 1.
  @Test func rectification() {
    let rectification = Rectification(beta2: 0.999)
    for (t, length) in [1.0, 1.9995, 2.9987, 3.9975, 4.9960, 5.9942].enumerated() {
      #expect(abs(rectification.length(at: t + 1) - length) < 5e-5)
    }
    #expect(rectification.factor(at: 4, above: .four) == nil && rectification.factor(at: 5, above: .four) != nil)
    #expect(rectification.factor(at: 5, above: .five) == nil && rectification.factor(at: 6, above: .five) != nil)
    var last = 0.0
    for t in 5...40_000 {
      let r = rectification.factor(at: t, above: .four) ?? .nan
      #expect(last <= r && r <= 1, "step \(t)")
      last = r
    }
    #expect(last > 1 - 1e-12)
    // With such small β₂ the average never becomes long enough.
    for β2 in [0, 0.3, 0.59] {
      for t in [1, 2, 10, 1000] { #expect(Rectification(beta2: β2).factor(at: t, above: .four) == nil) }
    }
  }

  /// The two ways to compute ρₜ agree with the definition, both where they meet and far from the start.
  @Test func rectificationIsTheDefinition() {
    for β2 in [0.5, 0.9, 0.99, 0.999, 0.9999] {
      let rectification = Rectification(beta2: β2)
      for t in Array(1...2000) {
        let power = Double.pow(β2, Double(t))
        let direct = rectification.limit - 2 * Double(t) * power / (1 - power)
        // The definition loses the digits by which ρ∞ is larger than 1.
        let tolerance = 1e-15 * rectification.limit / (1 - power)
        #expect(abs(rectification.length(at: t) - direct) <= tolerance, "β₂ = \(β2), step \(t)")
      }
    }
  }

  /// The sum of the weights of the gradients in m̂ is 1, and of their squares in v̂: a constant gradient makes steps of α.
  @Test func correctedWeightsSumToOne() throws {
    for g in [3.0, -1e-5] {
      for step in try steps(Adam(epsilon: 0), Array(repeating: g, count: 3000))
        + steps(QHAdam(nu1: 0.6, nu2: 0.4, epsilon: 0), Array(repeating: g, count: 3000))
        + steps(Adan(epsilon: 0, start: .corrected), Array(repeating: g, count: 3000))
        + steps(Adan(epsilon: 0), Array(repeating: g, count: 3000))
        + steps(Yogi(learningRate: 0.001, beta1: 0, epsilon: 0, startsFromGradient: true), [g, g, g])
      {
        #expect(abs(step / (g < 0 ? -0.001 : 0.001) - 1) < 1e-13)
      }
      // From t = 2 on, AdaInject uses half the gradient; the correction does not take this into account.
      let injected = try steps(AdamInject(learningRate: 1e-9, epsilon: 0), Array(repeating: g, count: 300))
      #expect(abs(abs(injected[0]) / 1e-9 - 1) < 1e-12 && abs(abs(injected[299]) / 1e-9 - 0.5) < 1e-7)
    }
  }

  /// The injected term acts like momentum: it lengthens steps in the same direction, and shortens one that turns back.
  @Test func injectionIsMomentum() throws {
    func multiple(_ α: Double, _ gradients: [Double]) throws -> Double {
      try steps(AdamInject(learningRate: .constant(α)), gradients).last! / α
    }
    for g in [1.0, -1.0] {
      let onward = Array(repeating: g, count: 50)
      #expect(try abs(multiple(0.1, onward)) > abs(multiple(1e-6, onward)))
      let turning = Array(repeating: g, count: 2) + [-20 * g]
      #expect(try abs(multiple(0.1, turning)) < abs(multiple(1e-6, turning)))
    }
    // The authors' RAdamInject starts a step later than the formula.
    let gradients = [1.0, 2.0, 3.0]
    let formula = try steps(RAdamInject(), gradients)
    let authors = try steps(RAdamInject(injectionStart: 3), gradients)
    let none = try steps(RAdam(epsilon: 1e-8, epsilonForm: .hat, threshold: .five), gradients)
    #expect(formula[0] == none[0] && authors[0] == none[0])
    #expect(formula[1] != none[1] && authors[1] == none[1] && authors[2] != none[2])
  }

  /// diffGrad, section 3: ½ ≤ ξ < 1, so its steps are at least half as long as Adam's, and shorter than Adam's.
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

  /// Yogi, section 3: v changes by (1 − β₂) g² at most; Adam's can change by much more.
  @Test func yogisMomentChangesLittle() throws {
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

  /// AdaMod's step sizes are Adam's or smaller.
  @Test func adaModsStepsNeverExceedAdams() throws {
    for sequence in GradientSequence.allCases {
      let gradients = sequence.gradients(Double.self)
      for (form, epsilonForm) in [(AdaMod<Double>.Form.paper, EpsilonForm.corrected), (.official, .hat)] {
        let adam = try trajectory(
          of: Adam<Double>(epsilonForm: epsilonForm), gradients: gradients, from: 0, returning: true)
        let mod = try trajectory(
          of: AdaMod<Double>(beta3: 0.9, form: form), gradients: gradients, from: 0, returning: true)
        for (bounded, full) in zip(mod.joined(), adam.joined()) {
          #expect(abs(bounded) <= abs(full) * (1 + 1e-13), "\(sequence)")
        }
      }
    }
  }

  /// With ε = 0 the steps do not change when the gradients are rescaled; exactly so for a power of two.
  @Test func rescalingTheGradientChangesNoBit() throws {
    func isInvariant<Rule: UpdateRule>(_ rule: Rule) throws -> Bool where Rule.Scalar == Float {
      let gradients = GradientSequence.noisy.gradients(Float.self)
      let path = try trajectory(of: rule, gradients: gradients, from: 0.5)
      return try [0x1p-20, 0x1p-3, 0x1p17].allSatisfy { (scale: Float) in
        try trajectory(of: rule, gradients: gradients.map { $0.map { $0 * scale } }, from: 0.5) == path
      }
    }
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
    // These depend on the gradient's scale: in the first steps, in the friction, or in the injected term.
    #expect(try !isInvariant(RAdam()))
    #expect(try !isInvariant(ACProp(epsilon: 0)))
    #expect(try !isInvariant(DiffGrad(epsilon: 0)))
    #expect(try !isInvariant(AdamInject(epsilon: 0)))
  }
}
