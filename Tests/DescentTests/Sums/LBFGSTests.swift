import RealModule
import TestSupport
import Testing

@testable import Descent

@Suite struct LBFGSTests {
  /// A dense product.
  private func times(_ m: [[Double]], _ x: [Double]) -> [Double] { m.map { dot($0, x) } }

  @Test func twoLoopsAreTheDenseProduct() throws {
    let d = 6
    var stream = RandomStream(seed: 3, name: "pairs")
    let spd = LeastSquares(count: 12, dimension: d, seed: 4).hessian
    for count in [0, 1, 4, 10] {
      var history = LBFGSHistory<Double>(capacity: 4)
      var pairs: [(s: [Double], y: [Double])] = []
      for _ in 0..<count {
        let s = (0..<d).map { _ in stream.normal() }
        let y = (0..<d).map { i in (0..<d).reduce(0) { $0 + spd[i * d + $1] * s[$1] } }
        history.add(s: try ParameterVector(s), y: try ParameterVector(y))
        pairs.append((s, y))
      }
      pairs = pairs.suffix(4)
      #expect(history.pairs.count == pairs.count)
      // H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ, from γ I.
      let γ = pairs.last.map { dot($0.s, $0.y) / dot($0.y, $0.y) } ?? 1
      var h = (0..<d).map { i in (0..<d).map { i == $0 ? γ : 0 } }
      for (s, y) in pairs {
        let ρ = 1 / dot(s, y)
        let v = (0..<d).map { i in (0..<d).map { (i == $0 ? 1 : 0) - ρ * s[i] * y[$0] } }
        let vh = v.map { row in (0..<d).map { j in (0..<d).reduce(0) { $0 + row[$1] * h[$1][j] } } }
        h = (0..<d).map { i in (0..<d).map { j in dot(vh[i], v[j]) + ρ * s[i] * s[j] } }
      }
      let g = (0..<d).map { _ in stream.normal() }
      #expect(try distance(history.product(ParameterVector(g)).values, times(h, g)) < 1e-10 * norm(times(h, g)))
    }
  }

  @Test func pairsWithoutCurvatureAreLeftOut() throws {
    var history = LBFGSHistory<Double>(capacity: 4)
    history.add(s: try ParameterVector([1.0, 0]), y: try ParameterVector([-1.0, 0]))
    history.add(s: try ParameterVector([1.0, 0]), y: try ParameterVector([0.0, 1]))
    history.add(s: try ParameterVector([0.0, 0]), y: try ParameterVector([0.0, 0]))
    #expect(history.pairs.isEmpty)
  }

  @Test(arguments: [3, 8, 20])
  func endsOnAQuadraticAfterAsManyStepsAsDimensions(d: Int) throws {
    let problem = LeastSquares(count: 3 * d, dimension: d)
    // With exact line searches BFGS is the conjugate gradient method, which ends after d steps, up to rounding.
    let method = LBFGS<Double>(history: d, curvature: 1e-3)
    let minimum = try minimize(try problem.sum, from: Array(repeating: 5, count: d), using: method, steps: d + 1)
    #expect(minimum.steps <= d + 1)
    #expect(norm(minimum.parameters &- problem.solution) < 1e-6, "\(norm(minimum.parameters &- problem.solution))")
  }

  @Test func everyStepMeetsBothWolfeConditions() throws {
    for (sum, start) in [
      (try rosenbrockSum(), [-1.2, 1]), (try logisticSum(count: 40, dimension: 5), [0, 0, 0, 0, 0]),
    ] {
      var steps = 0
      try run(LBFGS(), on: sum, from: start, steps: 100) { before, after in
        guard !after.isFinished else { return }
        steps += 1
        let (f0, f1) = (try sum.value(at: before.parameters), try sum.value(at: after.parameters))
        let (g0, g1) = (try sum.gradient(at: before.parameters).values, try sum.gradient(at: after.parameters).values)
        let p = after.parameters.values &- before.parameters.values
        let bound: Double = f0 + 1e-4 * dot(g0, p) + 4 * 2.3e-16 * abs(f0)
        #expect(f1 <= bound)
        let slope: Double = 0.9 * abs(dot(g0, p)) * (1 + 1e-9)
        if after.isWolfe { #expect(abs(dot(g1, p)) <= slope) }
        #expect(after.isWolfe || norm(g0) < 1e-6)
        #expect(after.value == f1 && after.gradient.values == g1)
      }
      #expect(steps > 5)
    }
  }

  @Test func solvesRosenbrocksValley() throws {
    let minimum = try minimize(try rosenbrockSum(), from: [-1.2, 1], using: LBFGS(), steps: 200)
    #expect(minimum.isFinished && minimum.steps < 50 && distance(minimum.parameters, [1, 1]) < 1e-7)
    // One evaluation a step, or more if the line search needs them.
    #expect(minimum.evaluations.values == 0 && minimum.evaluations.gradients < 2 * minimum.steps + 60)
  }

  @Test func solvesLogisticRegressionToRounding() throws {
    let sum = try logisticSum(count: 100, dimension: 10)
    let minimum = try minimize(sum, from: Array(repeating: 0, count: 10), using: LBFGS(), steps: 200)
    let gradient = try sum.gradient(at: try ParameterVector(minimum.parameters))
    #expect(minimum.isFinished && gradient.norm() < 1e-8, "\(gradient.norm())")
    let tolerant = try minimize(sum, from: Array(repeating: 0, count: 10), using: LBFGS(tolerance: 1e-4), steps: 200)
    #expect(tolerant.isFinished && tolerant.steps < minimum.steps)
  }

  @Test func worksInSinglePrecision() throws {
    let problem = LeastSquares(count: 30, dimension: 5)
    let minimum = try minimize(try problem.floatSum, from: [0, 0, 0, 0, 0], using: LBFGS(), steps: 100)
    #expect(minimum.isFinished && distance(minimum.parameters.map(Double.init), problem.solution) < 1e-4)
  }

  @Test func trialsMayBeInfinite() throws {
    // −log x + x: the first trials may leave the domain.
    let sum = try function(1) { x, gradient in
      gradient[0] += 1 - 1 / x[0]
      return x[0] > 0 ? x[0] - Double.log(x[0]) : .nan
    }
    let minimum = try minimize(sum, from: [30], using: LBFGS(), steps: 100)
    #expect(abs(minimum.parameters[0] - 1) < 1e-7)
  }
}
