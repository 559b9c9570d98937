import Descent
import DescentProblems
import Testing

/// Methods that win on problems that their papers chose.
@Suite struct ComparisonTests {
  /// Dubey et al.: with α = 0.1, β₁ = 0.95 and 300 steps from −1, Adam runs past the global minimizers of F₁ and F₂;
  /// diffGrad slows down where the gradient changes little, and stays there.
  @Test func diffGradStaysWhereAdamRunsPast() throws {
    for (function, adamsEnd) in [("1", 0.2), ("2", 0.0)] {
      let problem = try ProblemCatalogue.problem(named: "diffgradfunction", options: ["function": function])
      let adam = try run(Adam<Double>(learningRate: 0.1, beta1: 0.95), on: Oracle(problem), steps: 300)
      let diffGrad = try run(DiffGrad<Double>(learningRate: 0.1, beta1: 0.95), on: Oracle(problem), steps: 300)
      #expect(abs(adam[0] - adamsEnd) < 1e-2)
      #expect(problem.distanceToMinimizer(from: diffGrad)! < 1e-3)
    }
  }

  /// Bernstein et al., figure A.1: with strong noise on one of 100 elements signSGD (α = 0.01) soon leaves SGD (α = 0.001)
  /// behind.
  @Test func signSGDDoesNotMindSparseNoise() throws {
    let problem = try ProblemCatalogue.problem(named: "sparsenoise")
    func value(_ x: [Double]) -> Double { problem.evaluate(at: x).value }
    let start = value(problem.start)
    let sign = value(try run(SignSGD<Double>(learningRate: 0.01), on: Oracle(problem), steps: 400))
    let plain = value(try run(SGD<Double>(learningRate: 0.001), on: Oracle(problem), steps: 400))
    #expect(sign < 0.02 * start && plain > 0.3 * start, "\(start): \(sign), \(plain)")
  }

  /// Johnson & Zhang: with variance reduction a constant step converges linearly to the minimizer of a strongly convex
  /// sum; SGD with a constant step stays in a ball around it. Liu & Nocedal: L-BFGS needs far fewer gradients of all
  /// terms than gradient descent.
  @Test func methodsOnSums() throws {
    let problem = try ProblemCatalogue.problem(
      named: "logisticregression", options: ["rows": "60", "dimension": "4", "lambda": "0.05"])
    let sum = try #require(problem as? any SumProblem)
    let l = try #require(sum.termSmoothness)
    let objective = try ProblemSum(problem)
    let svrg = try minimize(
      objective, from: problem.start, using: SVRG<Double>(learningRate: .constant(0.3 / l)), steps: 2400)
    #expect(problem.distanceToMinimizer(from: svrg.parameters)! < 1e-4)
    let sampled = try ProblemCatalogue.problem(
      named: "logisticregression", options: ["rows": "60", "dimension": "4", "lambda": "0.05", "batch": "1"])
    let sgd = try run(SGD<Double>(learningRate: .constant(0.3 / l)), on: Oracle(sampled), steps: 2400)
    #expect(problem.distanceToMinimizer(from: sgd)! > 1e-2)

    let flat = try ProblemCatalogue.problem(
      named: "logisticregression", options: ["lambda": "0.001", "dimension": "8"])
    let terms = try ProblemSum(flat)
    let quasiNewton = try minimize(terms, from: flat.start, using: LBFGS<Double>(), steps: 100)
    #expect(flat.distanceToMinimizer(from: quasiNewton.parameters)! < 1e-6)
    let gradientDescent = try minimize(
      terms, from: flat.start, using: GradientDescent<Double>(learningRate: .constant(1 / flat.smoothness!)),
      steps: quasiNewton.evaluations.gradients / terms.count)
    #expect(flat.distanceToMinimizer(from: gradientDescent.parameters)! > 0.1)
  }
}
