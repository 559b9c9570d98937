import RealModule
import TestSupport
import Testing

@testable import Descent

@Suite struct VarianceReductionTests {
  let problem = LeastSquares(count: 6, dimension: 3)
  let start = [1.0, -2, 0.5]

  @Test(arguments: [1, 3], [Snapshot.last, .random])
  func svrgFollowsItsEquations(batch: Int, snapshot: Snapshot) throws {
    let method = SVRG<Double>(learningRate: 0.05, innerSteps: 5, batchSize: batch, snapshot: snapshot)
    var epoch: [[Double]] = []
    var w: [Double] = []
    var t = 0
    try run(method, on: try problem.sum, from: start, steps: 23, seed: 3) { before, after in
      t += 1
      let θ = before.parameters.values
      if epoch.isEmpty { w = θ }
      epoch.append(θ)
      let terms = draws(batch, of: 6, step: t, seed: 3)
      let v = problem.gradient(at: θ, of: terms) &- problem.gradient(at: w, of: terms) &+ problem.gradient(at: w)
      #expect(distance(after.direction.values, v) < 1e-13)
      #expect(after.snapshot.values == w)
      if t % 5 != 0 || snapshot == .last {
        #expect(distance(after.parameters.values, θ &- (0.05 &* v)) < 1e-14)
      } else {
        var stream = RandomStream(seed: 3, name: "snapshot").substream(UInt64(t / 5 - 1))
        #expect(after.parameters.values == epoch[stream.integer(below: 5)])
      }
      if t % 5 == 0 { epoch = [] }
    }
    #expect(t == 23)
  }

  @Test func svrgsEstimateIsUnbiased() throws {
    // The first step is the same for all seeds; the second step draws one of six terms.
    var estimates: [Int: [Double]] = [:]
    var sums = [0.0, 0, 0]
    var θ: [Double] = []
    let seeds = 600
    for seed in 0..<seeds {
      var t = 0
      try run(SVRG(learningRate: 0.2), on: try problem.sum, from: start, steps: 2, seed: UInt64(seed)) {
        before, after in
        t += 1
        guard t == 2 else { return }
        θ = before.parameters.values
        estimates[draws(1, of: 6, step: 2, seed: UInt64(seed))[0]] = after.direction.values
        sums = sums &+ after.direction.values
      }
    }
    let gradient = problem.gradient(at: θ)
    #expect(estimates.count == 6)
    // Exact over the terms; within five standard errors over the seeds.
    let mean = (1.0 / 6) &* estimates.values.reduce([0, 0, 0], &+)
    #expect(distance(mean, gradient) < 1e-14)
    let variance = estimates.values.reduce(0) { $0 + norm($1 &- mean) * norm($1 &- mean) } / 6
    #expect(variance > 1e-3)
    #expect(norm(((1 / Double(seeds)) &* sums) &- gradient) < 5 * (variance / Double(seeds)).squareRoot())
  }

  @Test(arguments: [1, 2], [Snapshot.last, .random])
  func sarahFollowsItsEquations(batch: Int, snapshot: Snapshot) throws {
    let method = SARAH<Double>(learningRate: 0.05, innerSteps: 4, batchSize: batch, snapshot: snapshot)
    var epoch: [[Double]] = []
    var v: [Double] = []
    var t = 0
    try run(method, on: try problem.sum, from: start, steps: 18, seed: 2) { before, after in
      t += 1
      let θ = before.parameters.values
      if epoch.isEmpty {
        v = problem.gradient(at: θ)
      } else {
        let terms = draws(batch, of: 6, step: t, seed: 2)
        v = problem.gradient(at: θ, of: terms) &- problem.gradient(at: epoch.last!, of: terms) &+ v
      }
      epoch.append(θ)
      #expect(distance(after.direction.values, v) < 1e-13)
      let next = θ &- (0.05 &* v)
      if t % 4 == 0 {
        var stream = RandomStream(seed: 2, name: "snapshot").substream(UInt64(t / 4 - 1))
        let chosen = snapshot == .last ? 4 : stream.integer(below: 5)
        #expect(distance(after.parameters.values, (epoch + [next])[chosen]) < 1e-14)
        epoch = []
      } else {
        #expect(distance(after.parameters.values, next) < 1e-14)
      }
    }
  }

  @Test func sarahsEstimateIsBiasedAndTelescopes() throws {
    // Seeds with the same second draw share θ₂ and v₂; the third draw is one of six.
    var estimates: [Int: [Int: [Double]]] = [:]
    var expected: [Int: (mean: [Double], gradient: [Double])] = [:]
    for seed in 0..<800 as Range<UInt64> {
      var states: [SARAH<Double>.State] = []
      try run(SARAH(learningRate: 0.2), on: try problem.sum, from: start, steps: 3, seed: seed) { states += [$0, $1] }
      let (θ1, θ2) = (states[2].parameters.values, states[4].parameters.values)
      let (v2, v3) = (states[3].direction.values, states[5].direction.values)
      let second = draws(1, of: 6, step: 2, seed: seed)[0]
      estimates[second, default: [:]][draws(1, of: 6, step: 3, seed: seed)[0]] = v3
      expected[second] = (problem.gradient(at: θ2) &+ (v2 &- problem.gradient(at: θ1)), problem.gradient(at: θ2))
    }
    #expect(estimates.count == 6)
    for (second, byThird) in estimates {
      #expect(byThird.count == 6)
      let mean = (1.0 / 6) &* byThird.values.reduce([0, 0, 0], &+)
      #expect(distance(mean, expected[second]!.mean) < 1e-13)
      #expect(norm(mean &- expected[second]!.gradient) > 1e-3)
    }
  }

  @Test func sarahPlusEndsAnEpochEarly() throws {
    let method = SARAH<Double>(learningRate: 0.1, innerSteps: 1000, stopRatio: 0.125)
    var first = 0.0
    var t = 0
    var epochs = 0
    var isStart = true
    try run(method, on: try problem.sum, from: start, steps: 300, seed: 1) { before, after in
      t += 1
      let v = after.direction.values
      if isStart {
        #expect(distance(v, problem.gradient(at: before.parameters.values)) < 1e-13)
        first = dot(v, v)
        epochs += 1
      }
      isStart = dot(v, v) <= 0.125 * first
      #expect(after.epoch.isStart == isStart)
      #expect(distance(after.parameters.values, before.parameters.values &- (0.1 &* v)) < 1e-14)
    }
    #expect(epochs > 3 && epochs < 300)
  }

  @Test(arguments: [SPIDER<Double>.StepForm.bounded, .normalized])
  func spiderFollowsItsEquations(form: SPIDER<Double>.StepForm) throws {
    let (l, ε) = (4.0, 0.5)
    for (large, n0) in [(AutomaticCount.automatic, 1.0), (.exactly(4), 2)] {
      let method = SPIDER<Double>(
        smoothness: l, accuracy: ε, batchDivisor: n0, period: 5, largeBatchSize: large, batchSize: 2, stepForm: form)
      var (t, bounded, plain) = (0, 0, 0)
      var v: [Double] = []
      var previous: [Double] = []
      try run(method, on: try problem.sum, from: [3, -4, 5], steps: 60, seed: 4) { before, after in
        t += 1
        let θ = before.parameters.values
        if t % 5 == 1 {
          v = problem.gradient(at: θ, of: large == .automatic ? nil : draws(4, of: 6, step: t, seed: 4))
        } else {
          let terms = draws(2, of: 6, step: t, seed: 4)
          v = problem.gradient(at: θ, of: terms) &- problem.gradient(at: previous, of: terms) &+ v
        }
        previous = θ
        #expect(distance(after.direction.values, v) < 1e-12)
        let (one, two) = (ε / (l * n0 * norm(v)), 1 / (2 * l * n0))
        if one < two { bounded += 1 } else { plain += 1 }
        let η = form == .normalized ? one : min(one, two)
        #expect(distance(after.parameters.values, θ &- (η &* v)) < 1e-13)
        // No step is longer than ε ÷ (L n₀).
        #expect(norm(after.parameters.values &- θ) <= ε / (l * n0) * (1 + 1e-12))
      }
      #expect(bounded > 0 && (plain > 0 || form == .normalized))
    }
  }

  @Test func spidersSizesAreThePapers() throws {
    let sum = try LeastSquares(count: 100, dimension: 2).sum
    let θ = try ParameterVector([0.0, 0])
    let state = try SPIDER<Double>().start(at: θ, count: sum.count, seed: 0)
    #expect(state.batchSize == 10 && state.period == 10 && state.largeBatchSize == nil)
    let divided = try SPIDER<Double>(batchDivisor: 5).start(at: θ, count: 100, seed: 0)
    #expect(divided.batchSize == 2 && divided.period == 50)
    #expect(throws: RuleError.self) { try SPIDER<Double>(batchDivisor: 11).start(at: θ, count: 100, seed: 0) }
    #expect(throws: RuleError.self) { try SPIDER<Double>(batchDivisor: 0.5).start(at: θ, count: 100, seed: 0) }
  }

  @Test func stormFollowsItsEquations() throws {
    // c is so large that a is limited to 1 in the first steps.
    for c in [10.0, 400] {
      var (t, squares, a) = (0, 0.0, 1.0)
      var d: [Double] = []
      var previous: [Double] = []
      var wasCut = false
      let objective = try CountedSum(try problem.sum)
      var x = try ParameterVector(start)
      var optimizer = try Optimizer(STORM<Double>(k: 0.1, w: 0.1, c: c), for: x)
      for step in 1...50 {
        t = step
        let θ = x.values
        let terms = draws(2, of: 6, step: t, seed: 6)
        try optimizer.step(&x, on: objective.batch(terms, step: t - 1))
        let g = problem.gradient(at: θ, of: terms)
        d = t == 1 ? g : g &+ ((1 - a) &* (d &- problem.gradient(at: previous, of: terms)))
        squares += dot(g, g)
        let η = 0.1 / Double.pow(0.1 + squares, 1.0 / 3)
        previous = θ
        a = c * η * η
        wasCut = wasCut || a > 1
        a = min(1, a)
        #expect(try distance(optimizer.slot("storm/direction").values, d) < 1e-12)
        #expect(distance(x.values, θ &- (η &* d)) < 1e-12)
      }
      #expect(wasCut == (c == 400))
    }
  }

  @Test func convergeLinearlyWhereSGDDoesNot() throws {
    let problem = LeastSquares(count: 50, dimension: 4, noise: 1)
    let sum = try problem.sum
    func error(_ method: some SumMethod<Double>, steps: Int) throws -> Double {
      norm(try minimize(sum, from: [0, 0, 0, 0], using: method, steps: steps, seed: 1).parameters &- problem.solution)
    }
    let η: Schedule = 0.02
    for (few, many) in [
      (try error(SVRG(learningRate: η), steps: 1000), try error(SVRG(learningRate: η), steps: 2000)),
      (
        try error(SARAH(learningRate: η, snapshot: .last), steps: 1000),
        try error(SARAH(learningRate: η, snapshot: .last), steps: 2000)
      ),
    ] {
      // The same number of further steps lowers the error by as large a factor.
      #expect(few < 1e-3 && many < 10 * few * few)
    }
    let sgd = [4000, 4500, 5000].map { (try? error(MiniBatch(SGD(learningRate: η)), steps: $0)) ?? .nan }
    #expect(sgd.allSatisfy { $0 > 0.01 && $0 < 1 })
  }
}
