import Descent
import RealModule
import TestSupport
import Testing

@Suite struct AdamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adam", equations: Reference.adam()),
      MethodCase("adam", ["epsilonForm": "hat"], equations: Reference.adam { $0.isHat = true }),
      MethodCase("adam", ["biasCorrection": "false"], equations: Reference.adam { $0.corrects = false }),
      MethodCase(
        "adam", ["epsilon": "0", "epsilonRoot": "1e-7"],
        equations: Reference.adam {
          $0.ε = 0
          $0.εRoot = w(1e-7)
        }),
      MethodCase(
        "adam", ["beta1": "0", "beta2": "0.1"],
        equations: Reference.adam {
          $0.β1 = { _ in 0 }
          $0.β2 = w(0.1)
        }),
      MethodCase(
        "adam", ["lr": "inversesqrt(0.1)", "beta1": "exponential(0.9, factor=0.99)"],
        equations: Reference.adam {
          $0.α = { w(0.1) / T.sqrt(T($0)) }
          $0.β1 = { w(0.9) * T.pow(w(0.99), $0 - 1) }
        }),
      MethodCase("adam", ["beta1": "inverse(0.9)"], equations: Reference.adam { $0.β1 = { w(0.9) / T($0) } }),
    ]
  }

  /// A constant ε̂ weighs 1 / √(1 − β₂) as much as ε at the first step.
  @Test func firstSteps() throws {
    try expectFirstStep(of: Adam(epsilon: 0), 1, α: 1e-3)
    try expectFirstStep(of: Adam(epsilon: 0, biasCorrection: false), 3.1623, α: 1e-3, within: 1e-4)
    try expectFirstStep(of: Adam(beta2: 0.9999, epsilon: 0, biasCorrection: false), 10, α: 1e-3, within: 1e-9)
    let (hat, corrected) = (1e-8 / 0.001.squareRoot(), 1e-8)
    let difference =
      try firstStep(of: Adam(), α: 1e-3, g: 1e-6) - firstStep(of: Adam(epsilonForm: .hat), α: 1e-3, g: 1e-6)
    #expect(abs(difference - (1e-6 / (1e-6 + corrected) - 1e-6 / (1e-6 + hat))) < 1e-9)
  }

  @Test func aConstantGradientMakesUnitSteps() throws { try expectUnitSteps(of: Adam(epsilon: 0)) }

  /// Section 2.1 bounds the step by α (1 − β₁) / √(1 − β₂) if that is larger than α, and by α otherwise. A gradient after
  /// many zeros reaches the first bound. Neither bound holds for every sequence. By Cauchy and Schwarz,
  /// |m̂| / √v̂ ≤ √(Σ wᵢ² / uᵢ), with wᵢ and uᵢ the weights of gᵢ in m̂ and of gᵢ² in v̂. Gradients gᵢ ∝ wᵢ / uᵢ, which
  /// grow by β₂ / β₁ a step, reach this: 7.3 α for the defaults.
  @Test func stepsAreBounded() throws {
    let silent = try steps(of: Adam(learningRate: 1, epsilon: 0), Array(repeating: 0, count: 20_000) + [3])
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
        let worst = try steps(of: rule, (0..<100).map { 1e-5 * Double.pow(β2 / β1, Double($0)) })
        #expect(abs(abs(worst.last!) / bound(100) - 1) < 1e-9)
      }
    }
    let growing = (0..<200).map { 1e-9 * Double.pow(0.999 / 0.9, Double($0)) }
    let late = try steps(of: Adam(learningRate: 1, epsilon: 0), Array(repeating: 0, count: 20_000) + growing)
    let limit = 0.1 / (0.001 * (1 - 0.81 / 0.999)).squareRoot()
    let reached = abs(late.last!)
    #expect(abs(reached / limit - 1) < 1e-6 && limit > 7.26)
  }

  /// Section 5: with β₁ = 0, β₂ → 1 and α / √t it becomes AdaGrad, but only with bias correction.
  @Test func tendsToAdaGrad() throws {
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

  /// Section 3: for gradients of a stationary distribution the corrected second moment is unbiased, E[v̂ₜ] = E[g²], from
  /// the first step on.
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

  /// Reddi, Kale & Kumar, theorem 1: Adam goes to the worst point if β₂ is small for the period. Zhuang et al. 2021,
  /// section 3: with momentum too.
  @Test(arguments: [(3, 0.0, 0.3), (10, 0, 0.9), (101, 0.9, 0.99)])
  func goesToTheWorstPoint(period: Int, β1: Double, β2: Double) throws {
    let adam = Adam<Double>(learningRate: .inverseSquareRoot(0.5), beta1: .constant(β1), beta2: β2, epsilon: 0)
    #expect(try endOfReddisProblem(adam, period: period) > 0.9)
  }
}
