import Descent
import RealModule
import TestSupport
import Testing

/// The papers' claims about their methods.
@Suite struct PaperClaimTests {
  /// The step of one element for each gradient; θ is put back to zero before each.
  private func steps<Rule: UpdateRule>(_ rule: Rule, _ gradients: [Double]) throws -> [Double]
  where Rule.Scalar == Double {
    try trajectory(of: rule, gradients: gradients.map { [$0] }, from: 0, returning: true).map { $0[0] }
  }

  /// The first step as a multiple of α, for g = 2.
  @Test func firstSteps() throws {
    func first<Rule: UpdateRule>(_ rule: Rule, α: Double, g: Double = 2) throws -> Double where Rule.Scalar == Double {
      -(try steps(rule, [g])[0]) / α
    }
    #expect(try first(SGD(learningRate: 0.1), α: 0.1) == 2)
    #expect(try first(Momentum(learningRate: 0.1), α: 0.1) == 2)
    #expect(try abs(first(Nesterov(learningRate: 0.1), α: 0.1) - 3.8) < 1e-12)
    #expect(try abs(first(Adam(epsilon: 0), α: 1e-3) - 1) < 1e-12)
    #expect(try abs(first(AdamW(epsilon: 0), α: 1e-3) - 1) < 1e-12)
    #expect(try abs(first(AdaMax(), α: 2e-3) - 1) < 1e-12)
    #expect(try abs(first(AdaGrad(epsilon: 0), α: 0.01) - 1) < 1e-12)
    #expect(try abs(first(RMSProp(epsilon: 0), α: 1e-3) - 1 / 0.1.squareRoot()) < 1e-9)
    #expect(try abs(first(RMSProp(rho: 0.99, epsilon: 0), α: 1e-3) - 10) < 1e-9)
    #expect(try abs(first(AMSGrad(), α: 1e-3) - 0.1 / 0.001.squareRoot()) < 1e-9)
    #expect(try abs(first(Adam(epsilon: 0, biasCorrection: false), α: 1e-3) - 3.1623) < 1e-4)
    #expect(try abs(first(Adam(beta2: 0.9999, epsilon: 0, biasCorrection: false), α: 1e-3) - 10) < 1e-9)
    #expect(try abs(first(AdaDelta(), α: 1) - 4.4721e-3) < 1e-7)
    #expect(try abs(first(AdaDelta(), α: 1, g: 1e-3) - 9.759e-4) < 1e-7)
    // A constant ε̂ weighs 1 / √(1 − β₂) as much as ε at the first step.
    let (hat, corrected) = (1e-8 / 0.001.squareRoot(), 1e-8)
    let difference = try first(Adam(), α: 1e-3, g: 1e-6) - first(Adam(epsilonForm: .hat), α: 1e-3, g: 1e-6)
    #expect(abs(difference - (1e-6 / (1e-6 + corrected) - 1e-6 / (1e-6 + hat))) < 1e-9)
  }

  /// Adam, section 2.1, bounds the step by α (1 − β₁) / √(1 − β₂) if that is larger than α, and by α otherwise. A
  /// gradient after many zeros reaches the first bound. Neither bound holds for every sequence. By Cauchy and Schwarz,
  /// |m̂| / √v̂ ≤ √(Σ wᵢ² / uᵢ), with wᵢ and uᵢ the weights of gᵢ in m̂ and of gᵢ² in v̂. Gradients gᵢ ∝ wᵢ / uᵢ, which
  /// grow by β₂ / β₁ a step, reach this: 7.3 α for the defaults.
  @Test func adamsStepsAreBounded() throws {
    let silent = try steps(Adam(learningRate: 1, epsilon: 0), Array(repeating: 0, count: 20_000) + [3])
    #expect(abs(abs(silent.last!) - 0.1 / 0.001.squareRoot()) < 1e-6)

    for (β1, β2) in [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99), (0.9, 0.95)] {
      let rule = Adam<Double>(learningRate: 1, beta1: .constant(β1), beta2: β2, epsilon: 0)
      func bound(_ t: Int) -> Double {
        let terms = (0..<t).reduce(0) { $0 + ($1 == 0 ? 1 : Double.pow(β1 * β1 / β2, Double($1))) }
        let (bc1, bc2) = (1 - Double.pow(β1, Double(t)), 1 - Double.pow(β2, Double(t)))
        return (1 - β1) / bc1 * (bc2 / (1 - β2) * terms).squareRoot()
      }
      for sequence in GradientSequence.allCases {
        let path = try trajectory(of: rule, gradients: sequence.gradients(), from: 0, returning: true)
        for (t, step) in path.enumerated() {
          let largest = step.map(abs).max()!
          #expect(largest <= bound(t + 1) * (1 + 1e-12), "β₁ = \(β1), β₂ = \(β2), \(sequence), step \(t + 1)")
        }
      }
      if β1 > 0 {
        let worst = try steps(rule, (0..<100).map { 1e-5 * Double.pow(β2 / β1, Double($0)) })
        #expect(abs(abs(worst.last!) / bound(100) - 1) < 1e-9)
      }
    }
    let growing = (0..<200).map { 1e-9 * Double.pow(0.999 / 0.9, Double($0)) }
    let late = try steps(Adam(learningRate: 1, epsilon: 0), Array(repeating: 0, count: 20_000) + growing)
    let limit = 0.1 / (0.001 * (1 - 0.81 / 0.999)).squareRoot()
    let reached = abs(late.last!)
    #expect(abs(reached / limit - 1) < 1e-6 && limit > 7.26)
  }

  /// Adam, section 7.1: |Δ| ≤ α for AdaMax. A gradient that falls by β₂ a step exceeds it, up to
  /// α (1 − β₁) / (1 − β₁ / β₂): 0.9 % for the defaults.
  @Test func adaMaxStepsAreAtMostα() throws {
    for sequence in GradientSequence.allCases {
      let path = try trajectory(
        of: AdaMax<Double>(learningRate: 1), gradients: sequence.gradients(), from: 0, returning: true)
      #expect(path.joined().map(abs).max()! <= 1 + 1e-12, "\(sequence)")
    }
    let falling = try steps(AdaMax(learningRate: 1), (0..<300).map { Double.pow(0.999, Double($0)) })
    let limit = 0.1 / (1 - 0.9 / 0.999)
    let reached = abs(falling.last!)
    #expect(abs(reached - limit) < 1e-9)
  }

  /// Adam, section 2.1: the steps do not change when the gradients are rescaled; exactly so for a power of two and ε = 0.
  @Test func rescalingTheGradientChangesNoBit() throws {
    func expectInvariant<Rule: UpdateRule>(_ rule: Rule) throws where Rule.Scalar == Float {
      let gradients = GradientSequence.noisy.gradients(Float.self)
      let path = try trajectory(of: rule, gradients: gradients, from: 0.5)
      for scale in [0x1p-20, 0x1p-3, 0x1p17] as [Float] {
        let scaled = try trajectory(of: rule, gradients: gradients.map { $0.map { $0 * scale } }, from: 0.5)
        #expect(scaled == path, "\(Rule.self), scale \(scale)")
      }
    }
    try expectInvariant(Adam(epsilon: 0))
    try expectInvariant(Adam(epsilon: 0, biasCorrection: false))
    try expectInvariant(AdamW(epsilon: 0))
    try expectInvariant(AdaMax())
    try expectInvariant(AMSGrad())
    try expectInvariant(AMSGrad(correction: .beforeMaximum))
    try expectInvariant(AdaGrad(epsilon: 0))
    try expectInvariant(RMSProp(epsilon: 0))
    // ADADELTA's steps do change: its ε sets the scale.
    let gradients = GradientSequence.noisy.gradients(Float.self)
    let scaled = gradients.map { $0.map { $0 * 0x1p-10 } }
    #expect(
      try trajectory(of: AdaDelta<Float>(), gradients: gradients, from: 0)
        != trajectory(of: AdaDelta<Float>(), gradients: scaled, from: 0))
  }

  /// Adam, section 5: with β₁ = 0, β₂ → 1 and α / √t it becomes AdaGrad, but only with bias correction.
  @Test func adamTendsToAdaGrad() throws {
    let gradients = GradientSequence.noisy.gradients(Double.self)
    let adaGrad = try trajectory(of: AdaGrad<Double>(learningRate: 0.1, epsilon: 0), gradients: gradients, from: 0)
    func distance(_ oneMinusβ2: Double, corrected: Bool = true) throws -> Double {
      let adam = Adam<Double>(
        learningRate: .inverseSquareRoot(0.1), beta1: 0, beta2: 1 - oneMinusβ2, epsilon: 0, biasCorrection: corrected)
      let path = try trajectory(of: adam, gradients: gradients, from: 0)
      return zip(path.joined(), adaGrad.joined()).map { abs($0 - $1) }.max()!
    }
    let (coarse, fine) = (try distance(1e-4), try distance(1e-6))
    #expect(fine < 1e-4)
    // The distance falls with 1 − β₂.
    #expect(abs(coarse / fine / 100 - 1) < 0.1)
    #expect(try distance(1e-6, corrected: false) > 10)
  }

  /// Adam, section 7.1: u is the limit of the p-norm (1 − β₂ᵖ)^(1/p) (Σ β₂^(p (t − i)) |gᵢ|ᵖ)^(1/p).
  @Test func adaMaxIsTheLimitOfThePNorm() throws {
    let gradients = GradientSequence.noisy.gradients(Double.self, steps: 60)
    var optimizer = try Optimizer(AdaMax<Double>(beta2: 0.9), for: try ParameterVector(gradients[0]))
    var θ = try ParameterVector(gradients[0])
    for gradient in gradients { try optimizer.step(&θ, gradient: try ParameterVector(gradient)) }
    let u = try optimizer.slot("adamax/u").values
    for i in 0..<GradientSequence.elements {
      func norm(_ p: Double) -> Double {
        let sum = gradients.enumerated().reduce(0) { sum, element in
          sum + Double.pow(Double.pow(0.9, Double(59 - element.offset)) * abs(element.element[i]), p)
        }
        return Double.pow(1 - Double.pow(0.9, p), 1 / p) * Double.pow(sum, 1 / p)
      }
      #expect(abs(norm(400) / u[i] - 1) < 0.01)
      #expect(abs(norm(400) - u[i]) <= abs(norm(40) - u[i]) + 1e-12)
    }
  }

  /// Adam, section 3: for gradients of a stationary distribution the corrected second moment is unbiased,
  /// E[v̂ₜ] = E[g²], from the first step on.
  @Test func biasCorrectionMakesTheMomentUnbiased() throws {
    let count = 40_000
    var stream = RandomStream(seed: 5, name: "bias")
    var θ = try ParameterVector<Double>(Array(repeating: 0, count: count))
    var optimizer = try Optimizer(Adam<Double>(), for: θ)
    for t in 1...10 {
      try optimizer.step(&θ, gradient: try ParameterVector((0..<count).map { _ in stream.normal() }))
      let v = try optimizer.slot("adam/v").values
      let mean = v.reduce(0, +) / Double(count) / (1 - Double.pow(0.999, Double(t)))
      // The mean of g² over 40,000 elements has a standard deviation of √(2 / 40,000) = 0.007.
      #expect(abs(mean - 1) < 0.03, "step \(t): \(mean)")
    }
  }

  /// Reddi, Kale & Kumar, section 3: on C x, −x, −x, … Adam goes to the worst point of [−1, 1]; AMSGrad to the best.
  @Test func adamDivergesWhereAMSGradConverges() throws {
    func end<Rule: UpdateRule>(_ rule: Rule) throws -> Double where Rule.Scalar == Double {
      var x = try ParameterVector([0.0])
      var optimizer = try Optimizer(rule, for: x)
      for t in 1...30_000 {
        try optimizer.step(&x, gradient: try ParameterVector([t % 3 == 1 ? 3.0 : -1.0]))
        try x.assign([min(1, max(-1, x.values[0]))], to: "x")
      }
      return x.values[0]
    }
    // β₁ = 0 and β₂ = 1 / (1 + C²), as in the theorem.
    let rate = Schedule.inverseSquareRoot(0.5)
    #expect(try end(Adam(learningRate: rate, beta1: 0, beta2: 0.1, epsilon: 0)) > 0.9)
    #expect(try end(AMSGrad(learningRate: rate, beta1: 0, beta2: 0.1)) < -0.9)
  }

  /// ADADELTA, section 4.3: when both accumulators are far below ε the effective step is 1: Δ = −g.
  @Test func adaDeltaEndsWithAStepOfOne() throws {
    let late = try steps(AdaDelta(), Array(repeating: 1e-6, count: 2000))
    #expect(abs(late.last! / -1e-6 - 1) < 1e-3)
  }

  /// Loshchilov & Hutter: decoupled decay shrinks every weight alike; an L2 penalty hardly shrinks weights with large
  /// gradients.
  @Test func decoupledDecayDoesNotDependOnTheGradient() throws {
    func shrinkage<Rule: UpdateRule>(_ rule: Rule, _ plain: Adam<Double>, scale: Double) throws -> Double
    where Rule.Scalar == Double {
      let gradients = (1...50).map { [($0 % 2 == 0 ? 1.0 : -1.0) * scale] }
      let decayed = try trajectory(of: rule, gradients: gradients, from: 1).last![0]
      return try trajectory(of: plain, gradients: gradients, from: 1).last![0] - decayed
    }
    let adam = Adam<Double>(epsilon: 0)
    let decoupled = AdamW<Double>(epsilon: 0, weightDecay: 1e-3, decayCoupling: .independent)
    let small = try shrinkage(decoupled, adam, scale: 0.01)
    let large = try shrinkage(decoupled, adam, scale: 100)
    #expect(abs(small / large - 1) < 1e-6 && small > 0.04)
    let penalized = try shrinkage(adam.penalized(by: 1e-3), adam, scale: 100)
    #expect(penalized < small / 50)
  }
}
