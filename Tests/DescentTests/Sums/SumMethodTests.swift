import Foundation
import Testing

@testable import Descent

/// All methods on finite sums, in precision `Scalar`, with options that suit least squares.
func sumMethods<Scalar: LaneScalar>(_: Scalar.Type = Scalar.self) -> [any SumMethod<Scalar>] {
  [
    SVRG<Scalar>(learningRate: 0.02), SVRG<Scalar>(learningRate: 0.02, batchSize: 3, snapshot: .random),
    SARAH<Scalar>(learningRate: 0.02), SARAH<Scalar>(learningRate: 0.02, stopRatio: 0.125),
    SPIDER<Scalar>(smoothness: 3), SPIDER<Scalar>(smoothness: 3, largeBatchSize: 10, stepForm: .normalized),
    GaussianSmoothing<Scalar>(smoothing: 0.01),
    GaussianSmoothing<Scalar>(smoothing: 0.01, difference: .symmetric, directions: .sphere, batchSize: 5),
    SPSA<Scalar>(), SPSA<Scalar>(batchSize: 5), SFO<Scalar>(subfunctions: 6), GradientDescent<Scalar>(),
    GradientDescent<Scalar>(learningRate: 1, lineSearch: .armijo), LBFGS<Scalar>(),
    MiniBatch(Adam<Scalar>(), batchSize: 4),
  ]
}

@Suite struct SumMethodTests {
  let problem = LeastSquares(count: 20, dimension: 4)
  let start = [3.0, -2, 1, 0]

  /// θ after each step.
  private func path(_ method: any SumMethod<Double>, seed: UInt64, steps: Int = 60) throws -> [[Double]] {
    var path: [[Double]] = []
    _ = try minimize(try problem.sum, from: start, using: method, steps: steps, seed: seed) { step in
      path.append(step.parameters.values)
      return .proceed
    }
    return path
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    for method in sumMethods(Double.self) {
      let first = try path(method, seed: 1)
      #expect(try first == path(method, seed: 1), "\(method)")
      let isDeterministic = method is GradientDescent<Double> || method is LBFGS<Double>
      #expect(try (first == path(method, seed: 2)) == isDeterministic, "\(method)")
    }
  }

  @Test func allDescend() throws {
    for method in sumMethods(Double.self) {
      let sum = try problem.sum
      let minimum = try minimize(sum, from: start, using: method, steps: 500, seed: 3)
      #expect(try minimum.value < 0.9 * sum.value(at: ParameterVector(start)), "\(method)")
    }
    for method in sumMethods(Float.self) {
      let sum = try problem.floatSum
      let start = start.map { Float($0) }
      let minimum = try minimize(sum, from: start, using: method, steps: 500, seed: 3)
      #expect(try minimum.value < 0.9 * sum.value(at: ParameterVector(start)), "\(method)")
    }
  }

  @Test func aStateIsASnapshot() throws {
    func check<Method: SumMethod<Double>>(_ method: Method) throws {
      let objective = try CountedSum(try problem.sum)
      var state = try method.start(at: ParameterVector(start), count: 20, seed: 1)
      for _ in 0..<7 { try method.step(&state, on: objective) }
      var copy = state
      for _ in 0..<20 { try method.step(&state, on: objective) }
      for _ in 0..<20 { try method.step(&copy, on: objective) }
      #expect(copy.parameters == state.parameters && copy.stepCount == state.stepCount, "\(method)")
    }
    for method in sumMethods(Double.self) { try check(method) }
  }

  @Test func costsAreWhatIsStated() throws {
    func cost(_ method: any SumMethod<Double>, steps: Int) throws -> TermEvaluations {
      try minimize(try problem.sum, from: start, using: method, steps: steps).evaluations
    }
    // For n = 20: a snapshot every 40 steps, and two gradients a step.
    #expect(try cost(SVRG(learningRate: 0.02), steps: 41) == TermEvaluations(gradients: 2 * 20 + 41 * 2))
    #expect(
      try cost(SVRG(learningRate: 0.02, innerSteps: 5, batchSize: 3), steps: 11)
        == TermEvaluations(gradients: 3 * 20 + 11 * 6))
    // The first step of an epoch uses the whole gradient.
    #expect(try cost(SARAH(learningRate: 0.02), steps: 41) == TermEvaluations(gradients: 2 * 20 + 39 * 2))
    // √20 is 4.47: every fourth step takes the whole gradient, other steps 2 · 4 terms.
    #expect(try cost(SPIDER(smoothness: 3), steps: 9) == TermEvaluations(gradients: 3 * 20 + 6 * 8))
    #expect(
      try cost(SPIDER(smoothness: 3, period: 3, largeBatchSize: 10, batchSize: 2), steps: 7)
        == TermEvaluations(gradients: 3 * 10 + 4 * 4))
    let θ = try ParameterVector(start)
    #expect(
      try minimize(try problem.sum, from: θ, stepping: Optimizer(STORM(), for: θ), batchSize: 2, steps: 10).evaluations
        == TermEvaluations(gradients: 2 + 9 * 4))
    #expect(try cost(GaussianSmoothing(directionCount: 3), steps: 5) == TermEvaluations(values: 5 * 4 * 20))
    #expect(
      try cost(GaussianSmoothing(difference: .symmetric, directionCount: 3, batchSize: 2), steps: 5)
        == TermEvaluations(values: 5 * 6 * 2))
    #expect(try cost(SPSA(), steps: 5) == TermEvaluations(values: 5 * 2 * 20))
    #expect(try cost(GradientDescent(), steps: 5) == TermEvaluations(gradients: 5 * 20))
    #expect(try cost(MiniBatch(SGD(), batchSize: 6), steps: 5) == TermEvaluations(gradients: 20 + 6))
  }

  @Test func optionsAreReadFromTextAndWrittenBack() throws {
    func check<Method: SumMethod>(_ method: Method) throws {
      #expect(!Method.options.isEmpty)
      #expect(Method.name.allSatisfy { ($0.isLowercase || $0.isNumber) && $0.isASCII })
      #expect(Set(Method.options.map { $0.name.lowercased() }).count == Method.options.count)
      var copy = method
      for option in Method.options {
        try copy.setOption(option.name, to: option.text(in: method))
        #expect(option.text(in: copy) == option.text(in: method), "\(Method.name) \(option.name)")
        #expect(!option.summary.isEmpty && !option.domain.isEmpty)
      }
      let data = try JSONEncoder().encode(method)
      let decoded = try JSONDecoder().decode(Method.self, from: data)
      for option in Method.options { #expect(option.text(in: decoded) == option.text(in: method)) }
      #expect(throws: RuleError.self) { try copy.setOption("nosuch", to: "1") }
    }
    for method in sumMethods(Double.self) { try check(method) }

    var svrg = SVRG<Double>()
    try svrg.setOption("lr", to: "0.5")
    try svrg.setOption("innersteps", to: "7")
    try svrg.setOption("snapshot", to: "Random")
    #expect(svrg.learningRate == 0.5 && svrg.innerSteps == 7 && svrg.snapshot == .random)
    try svrg.setOption("innerSteps", to: "auto")
    #expect(svrg.innerSteps == .automatic)
    var batches = MiniBatch(Adam<Double>())
    try batches.setOption("beta1", to: "0.5")
    try batches.setOption("batchSize", to: "8")
    #expect(batches.rule.beta1 == 0.5 && batches.batchSize == 8)
  }

  @Test func badOptionsAreRefused() throws {
    let cases: [(any SumMethod<Double>, option: String)] = [
      (SVRG(learningRate: 0), "learningRate"), (SVRG(learningRate: -1), "learningRate"),
      (SVRG(batchSize: 0), "batchSize"), (SVRG(batchSize: 21), "batchSize"), (SVRG(innerSteps: 0), "innerSteps"),
      (SARAH(learningRate: .constant(.nan)), "learningRate"), (SARAH(batchSize: 21), "batchSize"),
      (SARAH(stopRatio: 1.5), "stopRatio"), (SPIDER(period: 0), "period"), (SPIDER(smoothness: 0), "smoothness"),
      (SPIDER(accuracy: -1), "accuracy"), (SPIDER(largeBatchSize: 21), "largeBatchSize"),
      (SPIDER(batchSize: 21), "batchSize"), (SPIDER(batchDivisor: 5), "batchDivisor"),
      (SPIDER(batchDivisor: .nan), "batchDivisor"),
      (GaussianSmoothing(smoothing: 0), "smoothing"), (GaussianSmoothing(directionCount: 0), "directionCount"),
      (GaussianSmoothing(learningRate: 0), "learningRate"), (GaussianSmoothing(batchSize: 21), "batchSize"),
      (SPSA(gain: 0), "gain"), (SPSA(perturbation: 0), "perturbation"), (SPSA(stability: -1), "stability"),
      (SPSA(batchSize: 0), "batchSize"), (SFO(subfunctions: 21), "subfunctions"),
      (SFO(subfunctions: 0), "subfunctions"), (SFO(history: 0), "history"), (SFO(initialHessian: 0), "initialHessian"),
      (SFO(initialActive: 0), "initialActive"), (GradientDescent(learningRate: 0), "learningRate"),
      (GradientDescent(shrinking: 1), "shrinking"), (GradientDescent(tolerance: -1), "tolerance"),
      (LBFGS(history: 0), "history"), (LBFGS(sufficientDecrease: 0.95), "sufficientDecrease"),
      (LBFGS(curvature: 1), "curvature"), (LBFGS(lineSearchEvaluations: 0), "lineSearchEvaluations"),
      (MiniBatch(SGD(), batchSize: 21), "batchSize"), (MiniBatch(SGD(learningRate: -1)), "learningRate"),
    ]
    for (method, option) in cases {
      do {
        _ = try path(method, seed: 0, steps: 1)
        Issue.record("\(method) is not refused")
      } catch let error as RuleError {
        guard case .invalidOption(let name, let found, _) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(found == option && name == type(of: method).name, "\(error)")
      }
    }
  }

  @Test func nonFiniteValuesAndGradientsAreErrors() throws {
    let values = try ClosureSum<Double>(count: 20, dimension: 1) { i, x, gradient in
      gradient[0] += 1
      return i >= 0 ? .nan : 0
    }
    let gradients = try ClosureSum<Double>(count: 20, dimension: 1) { _, x, gradient in
      gradient[0] = .infinity
      return x[0]
    }
    for method in sumMethods(Double.self) {
      #expect(throws: MinimizeError.nonFiniteValue(step: 0), "\(method)") {
        try minimize(values, from: [1], using: method, steps: 3)
      }
      // Methods without gradients never ask for one.
      guard !(method is SPSA<Double>), !(method is GaussianSmoothing<Double>) else { continue }
      #expect(throws: MinimizeError.nonFiniteGradient(step: 0, parameter: "x"), "\(method)") {
        try minimize(gradients, from: [1], using: method, steps: 3)
      }
    }
  }

  @Test func theParameterAtFaultIsNamed() throws {
    struct TwoBlocks: FiniteSum {
      let layout: ParameterLayout
      let count = 30

      func value(
        at θ: ParameterVector<Double>, of terms: [Int], gradient: inout ParameterVector<Double>
      ) throws -> Double {
        try gradient.assign([1, 1, 1], to: "a")
        try gradient.assign([0, .nan], to: "b")
        return 1
      }
    }
    let sum = TwoBlocks(layout: try ParameterLayout([("a", [3]), ("b", [2])]))
    let start = ParameterVector<Double>(zeros: sum.layout)
    for method in sumMethods(Double.self) where !(method is SPSA<Double>) && !(method is GaussianSmoothing<Double>) {
      #expect(throws: MinimizeError.nonFiniteGradient(step: 0, parameter: "b"), "\(method)") {
        try minimize(sum, from: start, using: method, steps: 3)
      }
    }
  }

  @Test func longEpochsAndPeriods() throws {
    let most = AutomaticCount.exactly(1_000_000_000)
    for method: any SumMethod<Double> in [
      SVRG(learningRate: 0.02, innerSteps: most, snapshot: .random), SARAH(learningRate: 0.02, innerSteps: most),
      SPIDER(smoothness: 3, period: most), SFO(subfunctions: 6, history: 1000, initialActive: 1000),
    ] {
      #expect(try path(method, seed: 0, steps: 5).count == 6)
    }
  }

  @Test func divergenceIsAnError() throws {
    for method: any SumMethod<Double> in [
      SVRG(learningRate: 10), SARAH(learningRate: 10), GradientDescent(learningRate: 10),
      MiniBatch(SGD(learningRate: 10)),
    ] {
      #expect(throws: MinimizeError.self, "\(method)") { try path(method, seed: 0, steps: 5000) }
    }
  }

  @Test func errorsOfTheObjectiveArePassedOn() throws {
    struct Failure: Error {}
    let sum = try ClosureSum<Double>(count: 3, dimension: 1) { _, _, _ in throw Failure() }
    #expect(throws: Failure.self) { try minimize(sum, from: [1], using: SVRG(), steps: 1) }
  }
}
