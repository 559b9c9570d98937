import Descent
import DescentProblems
import Testing

/// The samples of a problem that steps see.
@Suite struct SampledTests {
  /// The samples' mean is f and its gradient: to five standard errors for random samples, exactly over a period.
  @Test(arguments: variants.indices.filter { problems[$0].isSampled })
  func samplesMeanTheObjective(_ index: Int) throws {
    let problem = problems[index]
    let period = (problem as? ReddiOnline)?.period ?? (problem as? SparseOnline)?.period
    let steps = period ?? 10_000
    let oracle = Oracle(problem, seed: 3)
    let x = randomPoint(of: problem, 1)
    let f = problem.evaluate(at: x)
    var (sum, squares) = (Array(repeating: 0.0, count: x.count + 1), Array(repeating: 0.0, count: x.count + 1))
    // Starts in the middle of a period: any whole period must do.
    for t in 7..<(7 + steps) {
      let sample = oracle.observe(at: t, x)
      for (j, value) in (sample.gradient + [sample.value]).enumerated() {
        sum[j] += value
        squares[j] += value * value
      }
    }
    for (j, exact) in (f.gradient + [f.value]).enumerated() {
      let mean = sum[j] / Double(steps)
      let deviation = max(0, squares[j] / Double(steps) - mean * mean).squareRoot()
      let error = period == nil ? 5 * deviation / Double(steps).squareRoot() : 0
      #expect(abs(mean - exact) <= error + 1e-12 * max(1, abs(exact)), "\(variants[index]), \(j): \(mean), \(exact)")
    }
  }

  @Test func aProblemThatIsNotSampledShowsItself() {
    for (variant, problem) in zip(variants, problems) where !problem.isSampled {
      let x = randomPoint(of: problem, 2)
      let (seen, whole) = (Oracle(problem).observe(at: 5, x), problem.evaluate(at: x))
      #expect(seen.value == whole.value && seen.gradient == whole.gradient, "\(variant)")
    }
  }

  @Test func samplesAreAFunctionOfSeedAndStep() {
    for problem in problems where problem.isSampled {
      let x = randomPoint(of: problem, 2)
      let forward = (1...50).map { Oracle(problem, noise: 0.1, seed: 9).observe(at: $0, x).gradient }
      let backward = (1...50).reversed().map { Oracle(problem, noise: 0.1, seed: 9).observe(at: $0, x).gradient }
      #expect(forward == backward.reversed())
      #expect(forward != (1...50).map { Oracle(problem, noise: 0.1, seed: 10).observe(at: $0, x).gradient })
    }
  }

  /// N(0, σ²) on each element, independent between steps and elements, and no noise on the value.
  @Test func noiseIsAdded() {
    let problem = Rosenbrock()
    let oracle = Oracle(problem, noise: 2, seed: 1)
    let exact = problem.evaluate(at: [0.3, 0.4])
    #expect(oracle.observe(at: 1, [0.3, 0.4]).value == exact.value)
    let noises = (1...10_000).map { minus(oracle.observe(at: $0, [0.3, 0.4]).gradient, exact.gradient) }
    let n = Double(noises.count)
    for j in 0..<2 {
      let mean = noises.reduce(0) { $0 + $1[j] } / n
      let variance = noises.reduce(0) { $0 + $1[j] * $1[j] } / n
      #expect(abs(mean) < 5 * 2 / n.squareRoot())
      #expect(abs(variance / 4 - 1) < 5 * (2 / n).squareRoot())
    }
    let between = noises.reduce(0) { $0 + $1[0] * $1[1] } / n
    let following = zip(noises, noises.dropFirst()).reduce(0) { $0 + $1.0[0] * $1.1[0] } / n
    #expect(abs(between) < 5 * 4 / n.squareRoot() && abs(following) < 5 * 4 / n.squareRoot())
  }

  /// The online problems, step by step, as in their papers.
  @Test func onlineProblemsAreThePapers() throws {
    let reddi = Oracle(ReddiOnline(period: 3, c: 5, d: 1))
    #expect((1...7).map { reddi.observe(at: $0, [0.5]).gradient[0] } == [5, -1, -1, 5, -1, -1, 5])
    #expect((1...3).map { reddi.observe(at: $0, [0.5]).value } == [2.5, -0.5, -0.5])
    let sparse = Oracle(try ProblemCatalogue.problem(named: "sparseonline", options: ["period": "6"]))
    #expect((1...8).map { sparse.observe(at: $0, [1]).gradient[0] } == [3, 0, 0, -1, 0, 0, 3, 0])
    // If all slopes cancel, both ends stand for the minimizers, and no wrong end is called right.
    #expect(ReddiOnline(period: 3, c: 2, d: 1).minimizers.count == 2)
    #expect(ReddiOnline(period: 3, c: 1, d: 1).minimizers == [[1]])
  }
}
