import RealModule
import TestSupport
import Testing

@testable import Descent

@Suite struct ZeroOrderTests {
  /// f(x) = ½ xᵀHx + bᵀx with diagonal H.
  static let h = [1.0, 3, 0.5, 2, 4]
  static let b = [0.2, -1, 3, 0, -2]
  let start = [1.0, -1, 2, 0.3, -0.7]

  private func quadratic(curvature: Double = 1) throws -> ClosureSum<Double> {
    try function(5) { x, gradient in
      var value = 0.0
      for i in 0..<5 {
        value += 0.5 * curvature * Self.h[i] * x[i] * x[i] + Self.b[i] * x[i]
        gradient[i] += curvature * Self.h[i] * x[i] + Self.b[i]
      }
      return value
    }
  }

  private func gradient(at x: [Double]) -> [Double] { zip(zip(Self.h, Self.b), x).map { $0.0 * $1 + $0.1 } }

  /// The directions of step t, by hand.
  private func directions(_ count: Int, step t: Int, seed: UInt64, onSphere: Bool) -> [[Double]] {
    var stream = RandomStream(seed: seed, name: "directions").substream(UInt64(t))
    return (0..<count).map { _ in
      let u = (0..<5).map { _ in stream.normal() }
      return onSphere ? (1 / norm(u)) &* u : u
    }
  }

  @Test(
    arguments: [GaussianSmoothing<Double>.Difference.forward, .symmetric],
    [GaussianSmoothing<Double>.Directions.gaussian, .sphere])
  func estimatesOfAQuadratic(
    difference: GaussianSmoothing<Double>.Difference, directions: GaussianSmoothing<Double>.Directions
  ) throws {
    let μ = 0.01
    let method = GaussianSmoothing<Double>(
      learningRate: 0.003, smoothing: μ, difference: difference, directions: directions, directionCount: 3)
    var t = 0
    try run(method, on: try quadratic(), from: start, steps: 10, seed: 8) { before, after in
      t += 1
      let x = before.parameters.values
      var expected = [0.0, 0, 0, 0, 0]
      for u in self.directions(3, step: t, seed: 8, onSphere: directions == .sphere) {
        // Differences of a quadratic give its slope; one-sided ones add half its curvature.
        var slope = dot(gradient(at: x), u)
        if difference == .forward { slope += 0.5 * μ * zip(Self.h, u).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } }
        expected = expected &+ ((slope / 3 * (directions == .sphere ? 5 : 1)) &* u)
      }
      #expect(distance(after.estimate.values, expected) < 1e-10)
      #expect(distance(after.parameters.values, x &- (0.003 &* after.estimate.values)) < 1e-15)
    }
  }

  @Test(arguments: [GaussianSmoothing<Double>.Directions.gaussian, .sphere])
  func expectationIsTheGradient(directions: GaussianSmoothing<Double>.Directions) throws {
    // On a quadratic, whatever μ is, symmetric or not: E u (uᵀHu) is 0.
    let count = 20_000
    let exact = gradient(at: start)
    for difference in GaussianSmoothing<Double>.Difference.allCases {
      let method = GaussianSmoothing<Double>(
        smoothing: 0.1, difference: difference, directions: directions, directionCount: count)
      try run(method, on: try quadratic(), from: start, steps: 1, seed: 1) { _, after in
        // A coordinate of u uᵀg has variance about ‖g‖².
        let error = 5 * 1.5 * norm(exact) / Double(count).squareRoot()
        #expect(distance(after.estimate.values, exact) < error)
      }
    }
  }

  @Test("SPSA's directions are ±1 with mean 0: exact on a linear function")
  func spsaIsExactOnALinearFunction() throws {
    let method = SPSA<Double>(gain: 0.05, perturbation: 0.1, stability: 7)
    var t = 0
    var mean = [0.0, 0, 0, 0, 0]
    let steps = 4000
    try run(method, on: try quadratic(curvature: 0), from: start, steps: steps, seed: 9) { before, after in
      t += 1
      var stream = RandomStream(seed: 9, name: "directions").substream(UInt64(t))
      let Δ = (0..<5).map { _ in stream.next() >> 63 == 0 ? 1.0 : -1 }
      let expected = Δ.map { dot(Self.b, Δ) / $0 }
      #expect(distance(after.estimate.values, expected) < 1e-9)
      let a = 0.05 / Double.pow(7 + Double(t), 0.602)
      #expect(distance(after.parameters.values, before.parameters.values &- (a &* after.estimate.values)) < 1e-13)
      mean = mean &+ ((1 / Double(steps)) &* after.estimate.values)
    }
    // Each coordinate's variance is the sum of the others' squares.
    #expect(distance(mean, Self.b) < 5 * norm(Self.b) / Double(steps).squareRoot())
  }

  @Test func spsasDifferencesShrink() throws {
    // On a cube the symmetric difference is wrong by c_k² times a third of the third derivative.
    let cube = try function(1) { x, gradient in
      gradient[0] += 3 * x[0] * x[0]
      return x[0] * x[0] * x[0]
    }
    var t = 0
    try run(SPSA(gain: 1e-6, perturbation: 0.1), on: cube, from: [2], steps: 100) { before, after in
      t += 1
      let x = before.parameters.values[0]
      let c = 0.1 / Double.pow(Double(t), 0.101)
      #expect(abs(after.estimate.values[0] - (3 * x * x + c * c)) < 1e-10)
    }
  }

  @Test func findTheMinimumWithoutAGradient() throws {
    let minimizer = zip(Self.h, Self.b).map { -$1 / $0 }
    let smoothing = try minimize(
      try quadratic(), from: start, using: GaussianSmoothing(learningRate: 0.02, smoothing: 1e-6), steps: 5000)
    #expect(distance(smoothing.parameters, minimizer) < 1e-4)
    #expect(smoothing.evaluations == TermEvaluations(values: 10_000))
    let spsa = try minimize(
      try quadratic(), from: start, using: SPSA(gain: 0.3, perturbation: 1e-4, stability: 100), steps: 5000)
    #expect(distance(spsa.parameters, minimizer) < 0.01)
    #expect(spsa.evaluations == TermEvaluations(values: 10_000))
  }

  @Test func bothValuesUseTheSameTerms() throws {
    // The terms differ only by constants. On the same terms these cancel; on different terms they would hide the slope.
    let sum = try ClosureSum<Double>(count: 50, dimension: 1) { i, x, gradient in
      gradient[0] += 1
      return x[0] + 1e6 * Double(i)
    }
    try run(SPSA(perturbation: 0.5, batchSize: 3), on: sum, from: [0], steps: 30) { _, after in
      #expect(abs(after.estimate.values[0] - 1) < 1e-6)
    }
    for difference in GaussianSmoothing<Double>.Difference.allCases {
      let method = GaussianSmoothing<Double>(smoothing: 0.5, difference: difference, batchSize: 3)
      var t = 0
      try run(method, on: sum, from: [0], steps: 30) { _, after in
        t += 1
        var stream = RandomStream(seed: 0, name: "directions").substream(UInt64(t))
        let u = stream.normal()
        #expect(abs(after.estimate.values[0] - u * u) < 1e-6)
      }
    }
  }
}
