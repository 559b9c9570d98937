import Descent
import DescentProblems
import TestSupport
import Testing

/// Gradient descent with α = 1/L on functions with the inequality of Polyak and Łojasiewicz:
/// fₖ − f* ≤ (1 − μ/L)ᵏ (f₀ − f*) (Karimi, Nutini & Schmidt 2016, theorem 1).
@Suite struct LinearRateTests {
  static let problems: [any Problem] = try! [
    ("squareandsine", [:]), ("sinevalley", [:]),
    ("leastsquares", [:]), ("leastsquares", ["condition": "100", "rows": "15", "dimension": "12", "rank": "12"]),
    ("leastsquares", ["rows": "4", "dimension": "9", "rank": "3", "residual": "0"]),
    ("quadratic", ["dimension": "10"]), ("quadratic", ["spectrum": "two", "dimension": "4", "condition": "7"]),
    ("logisticregression", ["rows": "60", "dimension": "5", "lambda": "0.01"]),
  ].map { try ProblemCatalogue.problem(named: $0, options: $1) }

  @Test(arguments: problems.indices) func gradientDescentConvergesLinearly(_ index: Int) throws {
    let problem = Self.problems[index]
    let (l, μ) = (try #require(problem.smoothness), try #require(problem.plConstant))
    let minimum = try #require(problem.minimum)
    var starts = [problem.start]
    // The valley's L holds for its start.
    if !(problem is SineValley) { starts += (0..<5).map { randomPoint(of: problem, $0) } }
    for start in starts {
      var values: [Double] = []
      _ = try run(SGD(learningRate: .constant(1 / l)), on: Oracle(problem), from: start, steps: 301) { _, x in
        values.append(problem.evaluate(at: x).value - minimum)
      }
      var bound = values[0]
      for k in 1...300 {
        bound *= 1 - μ / l
        // The rounding error of evaluating f.
        let rounding = 4e-15 * (abs(minimum) + values[0])
        #expect(values[k] <= bound + rounding, "\(type(of: problem)) from \(start), step \(k)")
        if values[k] > bound + rounding { break }
      }
      // This fails for a step above 2/L, if the curvature is L.
      if problem is Quadratic {
        let end = try run(SGD(learningRate: .constant(2.02 / l)), on: Oracle(problem), from: start, steps: 2000)
        #expect(problem.evaluate(at: end).value > 1e6)
      }
    }
  }

  /// From a start along the flattest direction, f falls by exactly (1 − μ/L)² a step.
  @Test func theRateIsThatOfTheFlattestDirection() throws {
    let problem = Quadratic(eigenvalues: [1, 0.5, 0.1], seed: nil)
    let end = try run(SGD(learningRate: 1), on: Oracle(problem), from: [0, 0, 1], steps: 50)
    #expect(end[0] == 0 && end[1] == 0)
    var expected = 1.0
    for _ in 0..<50 { expected *= 0.9 }
    #expect(abs(end[2] / expected - 1) < 1e-13)
  }

  /// The heavy ball with Polyak's coefficients, α = (2 / (√L + √μ))² and β = ((√κ − 1) / (√κ + 1))², has a rate of
  /// (√κ − 1) / (√κ + 1) a step on quadratics. Gradient descent has (κ − 1) / (κ + 1) at best (Polyak 1964).
  @Test func momentumAcceleratesQuadratics() throws {
    for condition in [10.0, 100, 1000] {
      let problem = Quadratic(eigenvalues: (0..<8).map { 1 - Double($0) / 7 * (1 - 1 / condition) }, seed: 3)
      let root = condition.squareRoot()
      let rate = (root - 1) / (root + 1)
      let α = 4 / ((1 + 1 / root) * (1 + 1 / root))
      let rule = Momentum<Double>(learningRate: .constant(α), momentum: .constant(rate * rate))
      let steps = Int(20 * root)
      func distance(_ count: Int) throws -> Double { norm(try run(rule, on: Oracle(problem), steps: count)) }
      // Measured over enough steps that the polynomial factor in front matters little.
      var measured = try distance(2 * steps) / distance(steps)
      for _ in 0..<steps { measured /= rate }
      #expect(measured < 3 && measured > 0.1, "κ = \(condition): \(measured)")
      let plain = SGD<Double>(learningRate: .constant(2 / (1 + 1 / condition)))
      let slow = norm(try run(plain, on: Oracle(problem), steps: 2 * steps))
      #expect(try distance(2 * steps) < slow)
    }
  }
}
