import RealModule
import TestSupport
import Testing

@testable import Descent

@Suite struct DeterministicTests {
  @Test func gradientDescentHasThePolyakLojasiewiczRate() throws {
    // f(x) = x² + 3 sin²x is not convex, but ½ f'² ≥ f / 32, and f'' ≤ 8.
    let sum = try function(1) { x, gradient in
      gradient[0] += 2 * x[0] + 3 * Double.sin(2 * x[0])
      return x[0] * x[0] + 3 * Double.sin(x[0]) * Double.sin(x[0])
    }
    var first: Double?
    _ = try minimize(sum, from: [3], using: GradientDescent(learningRate: 0.125), steps: 200) { step in
      let value = try step.value()
      first = first ?? value
      #expect(value <= Double.pow(1 - 1.0 / 32 / 8, step.step) * first!)
      return .proceed
    }
  }

  @Test func armijosStepIsTheFirstThatDecreasesEnough() throws {
    let sum = try rosenbrockSum()
    let method = GradientDescent<Double>(learningRate: 1, lineSearch: .armijo)
    var (steps, trials) = (0, 0)
    try run(method, on: sum, from: [-1.2, 1], steps: 200) { before, after in
      let θ = before.parameters
      let (f, g) = (try sum.value(at: θ), try sum.gradient(at: θ))
      var α = 1.0
      while true {
        trials += 1
        let next = try ParameterVector(θ.values &- (α &* g.values))
        if try sum.value(at: next) <= f - 1e-4 * α * g.sumOfSquares() {
          #expect(distance(after.parameters.values, next.values) < 1e-15)
          break
        }
        α /= 2
      }
      #expect(after.stepSize == α)
      steps += 1
    }
    #expect(steps == 200 && trials > 400)
    let counted = try minimize(sum, from: [-1.2, 1], using: method, steps: 200)
    #expect(counted.evaluations == TermEvaluations(gradients: 200, values: trials))
  }

  @Test func gradientDescentEndsAtAMinimum() throws {
    let problem = LeastSquares(count: 10, dimension: 2)
    let armijo = try minimize(
      try problem.sum, from: [3, 3], using: GradientDescent(learningRate: 1, lineSearch: .armijo), steps: 10_000)
    #expect(armijo.isFinished && distance(armijo.parameters, problem.solution) < 1e-6)
    let tolerant = try minimize(
      try problem.sum, from: [3, 3], using: GradientDescent(learningRate: 0.1, tolerance: 1e-5), steps: 10_000)
    #expect(tolerant.isFinished && norm(problem.gradient(at: tolerant.parameters)) <= 1e-5)
    let there = try minimize(try function(1) { x, _ in 1 }, from: [2], using: GradientDescent(), steps: 5)
    #expect(there.isFinished && there.steps == 0 && there.parameters == [2])
  }

  // Functions of Moré and Thuente's article on line searches (1994), and others.
  static let lines: [@Sendable (Double) -> (value: Double, slope: Double)] = [
    { α in (-α / (α * α + 2), (α * α - 2) / ((α * α + 2) * (α * α + 2))) },
    { α in
      let x = α + 0.004
      return (Double.pow(x, 5) - 2 * Double.pow(x, 4), 5 * Double.pow(x, 4) - 8 * Double.pow(x, 3))
    },
    { α in (0.5 * (α - 7) * (α - 7), α - 7) },
    { α in (Double.exp(α) - 3 * α, Double.exp(α) - 3) },
    { α in (1e-3 * α * α - Double.sin(α), 2e-3 * α - Double.cos(α)) },
    // Infinite from 2 on.
    { α in α < 2 ? (-Double.log(2 - α) - 5 * α, 1 / (2 - α) - 5) : (.infinity, .nan) },
  ]

  @Test(arguments: [1e-3, 0.1, 1, 10, 1e3], [0.9, 0.1, 1e-3])
  func lineSearchesMeetBothWolfeConditions(first: Double, c2: Double) throws {
    for (i, φ) in Self.lines.enumerated() {
      let search = StrongWolfe(sufficientDecrease: 1e-4, curvature: c2, mostEvaluations: 60, rounding: 1e-15)
      let (f0, d0) = φ(0)
      #expect(d0 < 0)
      var evaluations = 0
      let found = try #require(
        search.search(value: f0, slope: d0, first: first) {
          evaluations += 1
          return φ($0)
        })
      let (f, d) = φ(found.point.α)
      #expect(found.isWolfe, "function \(i) from \(first)")
      #expect(found.point.value == f && found.point.slope == d)
      #expect(f <= f0 + 1e-4 * found.point.α * d0 && abs(d) <= c2 * abs(d0), "function \(i) from \(first)")
      #expect(evaluations <= 30, "function \(i) from \(first): \(evaluations)")
    }
  }

  @Test func aLineWithoutAMinimumIsGivenUp() {
    let search = StrongWolfe(sufficientDecrease: 1e-4, curvature: 0.9, mostEvaluations: 20, rounding: 0)
    // f falls for ever: the result is the lowest point seen.
    let falling = search.search(value: 0, slope: -1, first: 1) { (-$0, -1) }
    #expect(falling?.isWolfe == false && falling!.point.value < -1)
    // The slope is wrong: no point is lower.
    #expect(search.search(value: 0, slope: -1, first: 1) { ($0, 1) } == nil)
    #expect(search.search(value: 0, slope: -1, first: 1) { _ in (.nan, .nan) } == nil)
  }
}
