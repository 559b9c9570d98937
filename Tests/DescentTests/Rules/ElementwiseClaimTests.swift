import Descent
import RealModule
import TestSupport
import Testing

/// Claims about the element-wise methods: first steps, limits and relations.
@Suite struct ElementwiseClaimTests {
  /// θ of one element after each step.
  private func path<Rule: UpdateRule>(_ rule: Rule, _ gradients: [Double], from θ0: Double = 0) throws -> [Double]
  where Rule.Scalar == Double {
    try trajectory(of: rule, gradients: gradients.map { [$0] }, from: θ0).map { $0[0] }
  }

  private let noisy = GradientSequence.noisy.gradients(Double.self).map { $0[3] }

  @Test func firstSteps() throws {
    func first<Rule: UpdateRule>(_ rule: Rule, α: Double, g: Double = 2) throws -> Double where Rule.Scalar == Double {
      -(try path(rule, [g])[0]) / α
    }
    func expect(_ step: Double, _ multiple: Double) { #expect(abs(step - multiple) < 1e-12 * abs(multiple)) }
    try expect(first(RMSPropMomentum(epsilon: 0), α: 1e-3), 1 / 0.1.squareRoot())
    try expect(first(CenteredRMSProp(epsilon: 0), α: 1e-3), 1 / 0.09.squareRoot())
    try expect(first(DelayedAdaGrad(beta: 3, exponentOffset: 0.2), α: 0.1), 2 / Double.pow(3, 0.7))
    try expect(first(DelayedAdaGrad(beta: 4), α: 0.1, g: -7), -3.5)
    try expect(first(SGDW(), α: 0.01), 2)
    try expect(first(SignSGD(), α: 1e-4), 1)
    try expect(first(Signum(), α: 1e-4), 1)
    try expect(first(Lion(), α: 1e-4, g: -3), -1)
    try expect(first(QHM(), α: 0.1), 2 * (1 - 0.7 * 0.999))
    try expect(first(ASGD(), α: 0.01), 2)
    try expect(first(FTRLMomentum(learningRate: 0.1), α: 0.1), 1)
    try expect(first(FTRLMomentum(learningRate: 0.1, weight: .linear(from: 2, to: 3, over: 1)), α: 0.1), 2 * 6.0 / 5)
    try expect(first(FTRLMomentum(learningRate: 0.1, adaptive: true), α: 0.1), 0.5)
    try expect(first(MADGRAD(epsilon: 0), α: 0.01), 0.1 * Double.root(1e-4 * 2, 3) / 0.01)
    try expect(first(Rprop(), α: 0.01), 1)
    try expect(first(Padam(), α: 0.1), 0.1 * Double.pow(2, 0.75) / Double.pow(0.001, 0.125))
    try expect(first(AdaBound(), α: 1e-3), 0.1 / 0.001.squareRoot())
    try expect(first(AMSBound(), α: 1e-3), 0.1 / 0.001.squareRoot())
    try expect(first(BeckerLeCun(), α: 1), 2 / 1.02)
    try expect(first(Schaul(), α: 1), 2)
    try expect(first(VSGD(), α: 1), 0.5)
    try expect(first(ScheduleFreeSGD(), α: 1), 2)
    try expect(first(ScheduleFreeAdamW(epsilon: 0), α: 0.0025), 1)
  }

  // MARK: RMSProp's relatives

  /// s is E[g²] − E[g]².
  @Test func centeredRecursionIsTheVariance() throws {
    let ρ = 0.93
    let θ0 = try ParameterVector([0.0])
    for sequence in GradientSequence.allCases where sequence != .constant {
      var optimizer = try Optimizer(CenteredRMSProp<Double>(rho: ρ), for: θ0)
      var θ = θ0
      var (mean, square) = (0.0, 0.0)
      for g in sequence.gradients(Double.self).map({ $0[5] }) {
        try optimizer.step(&θ, gradient: ParameterVector([g]))
        mean = ρ * mean + (1 - ρ) * g
        square = ρ * square + (1 - ρ) * g * g
        let s = try optimizer.slot("centeredrmsprop/s").values[0]
        #expect(abs(s - (square - mean * mean)) <= 1e-12 * square)
      }
    }
  }

  /// In `Float`, for a constant gradient, the difference of the averages becomes negative, both with torch's
  /// interpolation and with the plain sum. The recursion does not become negative.
  @Test func centeredVarianceIsNeverNegative() throws {
    let gradient = try randomVector(2_000, seed: 1, of: Float.self)
    for (ρ, interpolates) in [(Float(0.9), true), (0.9, false)] {
      let rule = CenteredRMSProp<Float>(rho: Double(ρ))
      var θ = ParameterVector<Float>(zeros: gradient.layout)
      var optimizer = try Optimizer(rule, for: θ)
      var mean = Array(repeating: Float.zero, count: 2_000)
      var square = mean
      var negative = 0
      for _ in 1...200 {
        try optimizer.step(&θ, gradient: gradient)
        for (i, g) in gradient.values.enumerated() {
          mean[i] = interpolates ? mean[i] + (1 - ρ) * (g - mean[i]) : ρ * mean[i] + (1 - ρ) * g
          square[i] = ρ * square[i] + (1 - ρ) * (g * g)
          if square[i] - mean[i] * mean[i] < 0 { negative += 1 }
        }
      }
      #expect(negative > 0)
      #expect(try optimizer.slot("centeredrmsprop/s").values.allSatisfy { $0 >= 0 })
      #expect(θ.values.allSatisfy { !$0.isNaN })
    }
  }

  /// With a constant rate it does not matter where the rate enters; after the rate falls, it does.
  @Test func ratePlacement() throws {
    let inside = try path(RMSPropMomentum(), noisy)
    let outside = try path(RMSPropMomentum(ratePlacement: .outside), noisy)
    #expect(zip(inside, outside).allSatisfy { abs($0 - $1) < 1e-14 })
    let falling = Schedule.piecewise(0.1, [Schedule.Piece(after: 10, value: 0.001)])
    let (a, b) = (
      try path(CenteredRMSProp(learningRate: falling, momentum: 0.9), noisy),
      try path(CenteredRMSProp(learningRate: falling, momentum: 0.9, ratePlacement: .outside), noisy)
    )
    #expect(zip(a, b).prefix(10).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(abs(a[10] - b[10]) > 1e-2)
  }

  // MARK: AdaGrad's and Hessian's

  @Test func delayedStepSizeIgnoresThePresentGradient() throws {
    let steps = [3.0, -1, 5].map { last in
      let path = try? path(DelayedAdaGrad(beta: 2), [1, 2, last])
      return (path![2] - path![1]) / last
    }
    #expect(steps.allSatisfy { abs($0 + 0.1 / 7.0.squareRoot()) < 1e-15 })

    let rule = DelayedAdaGrad<Double>(learningRate: 0.1, beta: 1, exponentOffset: 0.1)
    #expect(rule.satisfiesCondition(smoothness: 4.9))
    #expect(!rule.satisfiesCondition(smoothness: 5))
    #expect(!DelayedAdaGrad<Double>(learningRate: 0.1).satisfiesCondition(smoothness: 1))
    #expect(
      !DelayedAdaGrad<Double>(learningRate: .linear(from: 0.1, to: 1, over: 9), exponentOffset: 0.1)
        .satisfiesCondition(smoothness: 4))
  }

  /// With the quadratic's own curvature every coordinate reaches its minimum in one step, whatever its scale.
  @Test func newtonOnAQuadratic() throws {
    let h = try ParameterVector([1e-3, 1, 250, -4])
    func afterOneStep<Rule: UpdateRule>(_ rule: Rule, slot: String) throws -> [Double] where Rule.Scalar == Double {
      var θ = try ParameterVector([3.0, -2, 0.5, 1])
      let gradient = try ParameterVector(zip(h.values, θ.values).map { $0 * $1 })
      var optimizer = try Optimizer(rule, for: θ)
      #expect(try optimizer.slot(slot).values == [1, 1, 1, 1])
      try optimizer.assign(h, toSlot: slot)
      // The checkpoint contains the curvature.
      let checkpoint = try optimizer.checkpoint(θ)
      var resumed = try Optimizer(rule, for: θ)
      try resumed.restore(checkpoint, into: &θ)
      try resumed.step(&θ, gradient: gradient)
      return θ.values
    }
    // With negative curvature the step divides by |h|, so it leads downhill, away from the saddle.
    for θ in [
      try afterOneStep(BeckerLeCun(mu: 0), slot: "beckerlecun/h"), try afterOneStep(Schaul(), slot: "schaul/h"),
      try afterOneStep(VSGD(slowStart: 1), slot: "vsgd/h"),
    ] {
      for (value, minimum) in zip(θ, [0.0, 0, 0, 2]) { #expect(abs(value - minimum) < 1e-15) }
    }
  }

  /// If gradients are noise around 0, the steps of ``Schaul`` and ``VSGD`` are far smaller than Newton's. If gradients
  /// agree, the steps equal Newton's.
  @Test func noiseShortensTheStep() throws {
    let signs = noisy.map { $0 > 0 ? 1.0 : -1 }
    func meanStep<Rule: UpdateRule>(_ rule: Rule, _ gradients: [Double]) throws -> Double where Rule.Scalar == Double {
      let path = try path(rule, gradients)
      return zip(path.dropFirst(100), path.dropFirst(99)).map { abs($0 - $1) }.reduce(0, +) / 100
    }
    let agreeing = Array(repeating: 1.0, count: 200)
    #expect(try meanStep(Schaul(rho: 0.98), signs) < 0.2)
    #expect(try abs(meanStep(Schaul(rho: 0.98), agreeing) - 1) < 1e-12)
    #expect(try meanStep(VSGD(), signs) < 0.5)
    #expect(try meanStep(VSGD(), agreeing) > 0.9)
  }

  // MARK: Momentum's and sign's

  @Test func quasiHyperbolicLimits() throws {
    func largest(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { abs($0 - $1) }.max()! }
    #expect(try largest(path(QHM(nu: 0), noisy), path(SGD(learningRate: 0.1), noisy)) < 1e-15)
    let momentum = Momentum<Double>(learningRate: 0.01, momentum: 0.9)
    #expect(try largest(path(QHM(beta: 0.9, nu: 1), noisy), path(momentum, noisy)) < 1e-14)
    let nesterov = Nesterov<Double>(learningRate: 0.01, momentum: 0.9)
    #expect(try largest(path(QHM(beta: 0.9, nu: 0.9), noisy), path(nesterov, noisy)) < 1e-14)
  }

  @Test func zeroSigns() throws {
    #expect(try path(SignSGD(learningRate: 1), [0, -0.0, 3, 0], from: 5) == [5, 5, 4, 4])
    #expect(try path(SignSGD(learningRate: 1, zeroSign: .positive), [0, -0.0, -3, 0], from: 5) == [4, 3, 4, 3])
    #expect(try path(Signum(learningRate: 1, zeroSign: .positive), [0, 2, 0], from: 5) == [4, 3, 2])
    #expect(try path(SignSGD(), [.infinity])[0].isNaN)
    #expect(try path(Lion(), [.nan])[0].isNaN)
  }

  @Test func resilientSteps() throws {
    // Grows, waits after the change of sign, goes back with half the step, grows again.
    let rule = Rprop<Double>(learningRate: 1, increase: 2, decrease: 0.5, smallestStep: 0.25, largestStep: 4)
    let θ = try path(rule, [1, 1, 1, 1, -9, -9, -9, 0, -9])
    #expect(zip(θ, [0] + θ).map { $0 - $1 } == [-1, -2, -4, -4, 0, 2, 4, 0, 4])
    // Gradients whose product underflows still agree in sign.
    #expect(try path(rule, [1e-300, 1e-300]) == [-1, -3])
  }

  /// The bounds close in on f: in the end AdaBound is momentum with that step size.
  @Test func boundsCloseIn() throws {
    let rule = AdaBound<Double>(finalRate: 0.05, gamma: 1e6)
    let sum = try path(rule, noisy)
    let momentum = try path(Momentum(learningRate: 0.005, momentum: 0.9), noisy)
    for (a, b) in zip(sum, momentum) { #expect(abs(a - b) < 1e-6) }
  }

  // MARK: Averages

  @Test func averagedIterates() throws {
    var θ = try ParameterVector([1.0])
    var optimizer = try Optimizer(ASGD<Double>(averageAfter: 5).decayed(by: 0.01), for: θ)
    var iterates: [Double] = []
    for (i, g) in noisy.enumerated() {
      try optimizer.step(&θ, gradient: ParameterVector([g]))
      iterates.append(θ.values[0])
      // torch's μ is 1 until one step after t₀.
      let tail = iterates.dropFirst(min(i, 6))
      let mean: Double = tail.reduce(0, +) / Double(tail.count)
      #expect(abs(optimizer.averagedParameters.values[0] - mean) < 1e-14)
    }
  }

  @Test func scheduleFreeAverageIsTheMeanOfZ() throws {
    for β in [0, 0.9, 1] {
      var θ = try ParameterVector([1.0])
      var optimizer = try Optimizer(ScheduleFreeSGD<Double>(learningRate: 0.1, beta: β), for: θ)
      var undisturbed = optimizer
      var φ = θ
      var sum = 0.0
      for (i, g) in noisy.enumerated() {
        try optimizer.step(&θ, gradient: ParameterVector([g]))
        try undisturbed.step(&φ, gradient: ParameterVector([g]))
        let z = try optimizer.slot("schedulefreesgd/z").values[0]
        sum += z
        let x = optimizer.averagedParameters.values[0]
        #expect(abs(x - sum / Double(i + 1)) < 1e-13)
        #expect(abs(θ.values[0] - ((1 - β) * z + β * x)) < 1e-13)
        #expect(θ.values[0].bitPattern == φ.values[0].bitPattern)
      }
    }
  }

  /// Changes to θ outside Schedule-Free's step last: composed decay acts like its own decay, and a shift stays.
  @Test func scheduleFreeTakesInChangesOfθ() throws {
    let composed = ScheduleFreeSGD<Double>(learningRate: 0.1).decayed(by: 0.05, coupling: .learningRate)
    let own = try path(ScheduleFreeSGD(learningRate: 0.1, weightDecay: 0.05), noisy, from: 2)
    for (a, b) in zip(try path(composed, noisy, from: 2), own) { #expect(abs(a - b) < 1e-13) }

    var θ = try ParameterVector([1.0])
    var optimizer = try Optimizer(ScheduleFreeAdamW<Double>(beta1: 0), for: θ)
    for _ in 1...3 { try optimizer.step(&θ, gradient: ParameterVector([1.0])) }
    θ = try ParameterVector([7.0])
    try optimizer.step(&θ, gradient: ParameterVector([0.0]))
    #expect(θ.values == [7])
  }

  /// The sums over all steps are cached, but depend on t alone, whatever was asked for before, and by whichever copy.
  @Test func rememberedSumsArePure() throws {
    func path<Rule: UpdateRule>(_ rule: Rule, steps: [Int]) throws -> [Double] where Rule.Scalar == Double {
      var θ = try ParameterVector([1.0])
      var optimizer = try Optimizer(rule, for: θ)
      var checkpoints = [try optimizer.checkpoint(θ)]
      for g in noisy {
        try optimizer.step(&θ, gradient: ParameterVector([g]))
        checkpoints.append(try optimizer.checkpoint(θ))
      }
      return try steps.map { t in
        try optimizer.restore(checkpoints[t - 1], into: &θ)
        try optimizer.step(&θ, gradient: ParameterVector([noisy[t - 1]]))
        return θ.values[0]
      }
    }
    let free = ScheduleFreeSGD<Double>(learningRate: .warmup(10, then: 0.1), timePower: 1)
    let ftrl = FTRLMomentum<Double>(learningRate: 0.1, weight: .linear(from: 1, to: 2, over: 50))
    var other = free
    other.learningRate = .warmup(20, then: 0.2)
    let order = [1, 50, 20, 51, 200, 3, 199]
    let (a, b, c) = (
      try path(free, steps: order), try path(other, steps: order), try path(ftrl, steps: order)
    )
    #expect(try path(free, steps: order.reversed()) == a.reversed())
    #expect(try path(other, steps: order.reversed()) == b.reversed())
    #expect(try path(ftrl, steps: order.reversed()) == c.reversed())
    #expect(a != b)
    // A constant rate's weights are equal: the same as their sums.
    let constant = ScheduleFreeSGD<Double>(learningRate: 0.1)
    let piecewise = ScheduleFreeSGD<Double>(learningRate: .piecewise(0.1, []))
    for (x, y) in zip(try path(constant, steps: order), try path(piecewise, steps: order)) {
      #expect(abs(x - y) < 1e-14)
    }
  }

  /// The leader's guarantee holds for the last iterate on a convex function with noise: it ends nearer to the minimum
  /// than momentum with the same rates.
  @Test func lastIterateOfTheLeader() throws {
    func distance<Rule: UpdateRule>(_ rule: Rule) throws -> Double where Rule.Scalar == Double {
      var noise = RandomStream(seed: 3, name: "noise")
      var θ = try ParameterVector(Array(repeating: 1.0, count: 400))
      var optimizer = try Optimizer(rule, for: θ)
      for _ in 1...400 {
        let g = try ParameterVector(θ.values.map { ($0 - 0.5 > 0 ? 1.0 : -1) + noise.normal() })
        try optimizer.step(&θ, gradient: g)
      }
      return θ.values.map { abs($0 - 0.5) }.reduce(0, +) / 400
    }
    let rate = Schedule.inverseSquareRoot(1)
    let leader = try distance(FTRLMomentum(learningRate: rate))
    #expect(leader < 0.1)
    #expect(try leader < distance(SGD(learningRate: rate)))
  }
}
