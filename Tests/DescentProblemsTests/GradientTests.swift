import Descent
import DescentProblems
import TestSupport
import Testing

@Suite struct GradientTests {
  /// Compares gradients with extrapolated central differences along every axis, at points of the region.
  @Test(arguments: variants.indices) func gradientsAreTheDerivatives(_ index: Int) {
    let problem = problems[index]
    // Within a step of the kinks and the jump of diffGrad's functions, differences give no derivative.
    let kinks = problem is DiffGradFunction ? [-0.9, -0.5, -0.4, 0, 0.4, 0.5] : []
    let step = kinks.isEmpty ? 0.02 : 1e-3
    for i in 0..<(problem.dimension > 9 ? 4 : 20) {
      let x = randomPoint(of: problem, i)
      if kinks.contains(where: { abs($0 - x[0]) <= step }) { continue }
      let (value, gradient) = problem.evaluate(at: x)
      let scale = gradient.map(abs).max()! + abs(value) + 1e-3
      for j in x.indices.prefix(9) {
        let exact = derivative(
          of: { h in
            var moved = x
            moved[j] += h
            return problem.evaluate(at: moved).value
          }, step: step)
        let difference = abs(gradient[j] - exact.value)
        #expect(
          difference <= 1e-9 * scale, "\(variants[index]), ∂\(j) at \(x): \(gradient[j]), differences \(exact)")
        // The differences themselves must be accurate enough for this check.
        #expect(exact.error < 1e-8 * scale)
      }
    }
  }

  /// Every element is written, whatever the gradient held before.
  @Test(arguments: variants.indices) func nothingOfTheOldGradientIsLeft(_ index: Int) {
    let problem = problems[index]
    let x = randomPoint(of: problem, 3)
    var g = Array(repeating: Double.nan, count: problem.dimension)
    x.withUnsafeBufferPointer { x in
      g.withUnsafeMutableBufferPointer { g in
        var output = MutableSpan(_unsafeElements: g)
        _ = problem.value(at: Span(_unsafeElements: x), gradient: &output)
      }
    }
    #expect(g == problem.evaluate(at: x).gradient)
    #expect(problem.start.count == problem.dimension && problem.region.count == problem.dimension)
  }

  /// Each term of a sum has the right derivative, and f is the terms' mean.
  @Test(arguments: variants.indices.filter { problems[$0] is any SumProblem })
  func termsMakeTheSum(_ index: Int) throws {
    func check(_ problem: some SumProblem) {
      let x = randomPoint(of: problem, 5)
      let whole = problem.evaluate(at: x)
      var (sum, gradient) = (0.0, Array(repeating: 0.0, count: problem.dimension))
      for i in 0..<problem.termCount {
        let term = problem.evaluate(at: x, terms: [i])
        sum += term.value
        gradient = moved(gradient, along: term.gradient, by: 1)
        guard i < 5 else { continue }
        for j in x.indices.prefix(5) {
          let exact = derivative(
            of: { h in
              var moved = x
              moved[j] += h
              return problem.evaluate(at: moved, terms: [i]).value
            }, step: 0.02)
          #expect(abs(exact.value - term.gradient[j]) < 1e-9 * (1 + abs(term.value) + norm(term.gradient)))
        }
      }
      let n = Double(problem.termCount)
      #expect(abs(sum / n - whole.value) < 1e-12 * (1 + abs(whole.value)))
      #expect(norm(minus(gradient.map { $0 / n }, whole.gradient)) < 1e-12 * (1 + norm(whole.gradient)))
      // A term may occur twice.
      let (one, two) = (problem.evaluate(at: x, terms: [0]), problem.evaluate(at: x, terms: [1]))
      let three = problem.evaluate(at: x, terms: [0, 1, 1])
      #expect(abs(three.value - (one.value + 2 * two.value) / 3) < 1e-12 * (1 + abs(three.value)))
    }
    let problem = try #require(problems[index] as? any SumProblem)
    check(problem)
  }
}
