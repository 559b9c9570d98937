import Descent
import DescentProblems
import RealModule
import TestSupport
import Testing

/// The stability of stochastic gradient descent (Hardt, Recht & Singer 2016): how far two runs with the same random
/// numbers separate on data sets S and S' that differ in one of n examples.
@Suite struct StabilityTests {
  private static let features = 4

  /// Rows of length at most 1, and labels; example number `changed` is replaced by another.
  private func problem(_ n: Int, λ: Double, changed: Int? = nil) throws -> LogisticRegression {
    var values: [Float] = []
    var labels: [Int32] = []
    for i in 0..<n {
      // Each example has its own generator, so that the others stay the same.
      var stream = RandomStream(seed: i == changed ? 99 : 5, name: "examples").substream(UInt64(i))
      var row = (0..<Self.features).map { _ in stream.normal() }
      let length = norm(row)
      row = row.map { $0 / length }
      values += row.map { Float($0) }
      labels.append(i == changed ? 0 : stream.uniform() < 0.5 ? 0 : 1)
    }
    let rows = try SparseRows(
      rowStarts: (0...n).map { $0 * Self.features }, columns: (0..<n).flatMap { _ in 0..<Int32(Self.features) },
      values: values, columnCount: Self.features)
    return try LogisticRegression(LabeledRows(rows: rows, labels: labels), λ: λ, batchSize: 1)
  }

  /// The mean over seeds (and over which example differs) of ‖θ_T − θ'_T‖, and of the largest difference of a loss.
  private func divergence(
    n: Int, λ: Double, rate: Schedule, steps: Int, seeds: Int
  ) throws -> (distance: Double, loss: Double) {
    var (distance, loss) = (0.0, 0.0)
    let s = try problem(n, λ: λ)
    for seed in 0..<seeds {
      let changed = try problem(n, λ: λ, changed: seed % n)
      let rule = SGD<Double>(learningRate: rate)
      let a = try run(rule, on: Oracle(s, seed: UInt64(seed)), steps: steps)
      let b = try run(rule, on: Oracle(changed, seed: UInt64(seed)), steps: steps)
      distance += norm(minus(a, b))
      let differences = (0..<n).map { z in
        abs(s.evaluate(at: a, terms: [z]).value - s.evaluate(at: b, terms: [z]).value)
      }
      loss += differences.max()!
    }
    return (distance / Double(seeds), loss / Double(seeds))
  }

  /// Theorem 3.8: terms that are convex, L-Lipschitz and β-smooth, αₜ ≤ 2/β. E ‖θ_T − θ'_T‖ ≤ (2 L / n) Σ αₜ, and so
  /// E |f(θ_T; z) − f(θ'_T; z)| ≤ (2 L² / n) Σ αₜ. Here L = 1 and β = ¼.
  @Test func convexTermsAreStable() throws {
    for rate in [Schedule.constant(0.5), .constant(8), .inverseSquareRoot(2)] {
      let steps = 60
      let sum = (1...steps).reduce(0) { $0 + rate(at: $1) }
      #expect((1...steps).allSatisfy { rate(at: $0) <= 8 })
      var distances: [Double] = []
      for n in [10, 40] {
        let measured = try divergence(n: n, λ: 0, rate: rate, steps: steps, seeds: 80)
        let bound = 2 / Double(n) * sum
        #expect(measured.distance <= bound && measured.loss <= bound)
        distances.append(measured.distance)
        if rate == .constant(0.5) { #expect(measured.distance > 0.1 * bound) }
      }
      // Roughly in inverse proportion to n.
      #expect(distances[1] < 0.5 * distances[0])
    }
  }

  /// Theorem 3.9: γ-strongly convex terms, constant α ≤ 1/β. E ‖θ_T − θ'_T‖ ≤ 2 L / (γ n), however long the run. The points
  /// stay within ‖θ‖ ≤ 1/γ without projection, and there L = 2.
  @Test func stronglyConvexTermsAreStableForEver() throws {
    let γ = 0.2
    for (steps, n) in [(30, 10), (400, 10), (400, 30)] {
      let measured = try divergence(n: n, λ: γ, rate: 2, steps: steps, seeds: 40)
      #expect(measured.distance <= 2 * 2 / (γ * Double(n)))
    }
    // Without the penalty the distance keeps growing.
    let (short, long) = (
      try divergence(n: 10, λ: 0, rate: 2, steps: 30, seeds: 30).distance,
      try divergence(n: 10, λ: 0, rate: 2, steps: 400, seeds: 30).distance
    )
    let strong = try divergence(n: 10, λ: γ, rate: 2, steps: 400, seeds: 30).distance
    #expect(long > 1.5 * short && strong < long)
  }

  /// The bound of theorem 3.8 is attained by linear losses ± z · θ, if the differing example has the other sign.
  @Test func theBoundIsAttained() throws {
    let (n, steps, seeds, α) = (10, 40, 400, 0.3)
    var sum = 0.0
    for seed in 0..<seeds {
      let rule = SGD<Double>(learningRate: .constant(α))
      let ends = try [1.0, -1].map { sign in
        try run(
          rule, on: Oracle(LinearTerms(slopes: [sign] + Array(repeating: 1, count: n - 1)), seed: UInt64(seed)),
          steps: steps)[0]
      }
      sum += abs(ends[0] - ends[1])
    }
    let (mean, bound) = (sum / Double(seeds), 2 / Double(n) * α * Double(steps))
    // The number of times the example is drawn is binomial.
    let error = 2 * α * (Double(steps) * 0.1 * 0.9 / Double(seeds)).squareRoot()
    #expect(abs(mean - bound) < 5 * error)
  }

  /// Lemma 3.7: a step on one term brings two points no farther apart if the term is convex and α ≤ 2/β; closer, by
  /// 1 − α β γ / (β + γ), if it is γ-strongly convex and α ≤ 2 / (β + γ); and by at most 1 + α β apart in any case.
  @Test func stepsDoNotExpand() throws {
    func ratio(_ problem: any Problem, α: Double, _ index: Int, seed: Int) throws -> Double {
      let (x, y) = (randomPoint(of: problem, index), randomPoint(of: problem, index + 1000))
      let rule = SGD<Double>(learningRate: .constant(α))
      let oracle = Oracle(problem, seed: UInt64(seed))
      return try norm(minus(run(rule, on: oracle, from: x, steps: 1), run(rule, on: oracle, from: y, steps: 1)))
        / norm(minus(x, y))
    }
    var largest = 0.0
    for i in 0..<100 {
      let convex = try problem(10, λ: 0)
      for α in [0.1, 3, 8] { largest = max(largest, try ratio(convex, α: α, i, seed: i)) }
      let γ = 0.1
      let β = 0.25 + γ
      let strong = try problem(10, λ: γ)
      for α in [0.1, 2 / (β + γ)] {
        let found = try ratio(strong, α: α, i, seed: i)
        #expect(found <= 1 - α * β * γ / (β + γ) + 1e-12)
      }
      let curved = SquareAndSine()
      #expect(try ratio(curved, α: 0.1, i, seed: i) <= 1 + 0.1 * 8 + 1e-12)
    }
    #expect(largest <= 1 + 1e-12 && largest > 0.99)
    // With a step beyond 2/β it does expand.
    #expect(try ratio(Quadratic(eigenvalues: [1], seed: nil), α: 2.1, 0, seed: 0) > 1.09)
  }
}

/// 1/n Σ cᵢ x.
private struct LinearTerms: SumProblem {
  let slopes: [Double]

  var dimension: Int { 1 }
  var termCount: Int { slopes.count }
  var batchSize: Int { 1 }
  var termSmoothness: Double? { 0 }
  var start: [Double] { [0] }
  var region: [ClosedRange<Double>] { [-1...1] }
  var minimizers: [[Double]] { [] }
  var minimum: Double? { nil }

  func value(at x: Span<Double>, terms: some Collection<Int>, gradient: inout MutableSpan<Double>) -> Double {
    gradient[0] = terms.reduce(0) { $0 + slopes[$1] } / Double(terms.count)
    return gradient[0] * x[0]
  }
}
