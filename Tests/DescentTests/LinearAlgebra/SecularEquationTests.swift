import Testing

@testable import Descent

@Suite struct SecularEquationTests {
  /// All roots, each with the differences dᵢ − λ.
  private func roots(_ d: [Double], _ squares: [Double], _ ρ: Double) -> [(λ: Double, differences: [Double])] {
    d.indices.map { j in
      var differences = [Double](repeating: 0, count: d.count)
      let λ = SecularEquation(d, squares: squares, ρ: ρ, count: d.count).root(j, differences: &differences)
      return (λ, differences)
    }
  }

  @Test func rootsOfAKnownEquation() {
    // diag(0, 1) + ½ [1 1; 1 1]: λ² − 2 λ + ½ = 0.
    let found = roots([0, 1], [0.5, 0.5], 1)
    #expect(abs(found[0].λ - (1 - 0.5.squareRoot())) < 1e-16)
    #expect(abs(found[1].λ - (1 + 0.5.squareRoot())) < 1e-15)
    // One term: d + ρ z².
    #expect(roots([3], [0.25], 2)[0].λ == 3.5)
  }

  @Test func rootsLieBetweenThePoles() {
    var stream = RandomStream(seed: 1, name: "secular")
    for n in [2, 3, 5, 8, 9, 17, 40] {
      for ρ in [1e-12, 1e-3, 1, 1e6] {
        var d: [Double] = []
        for _ in 0..<n { d.append((d.last ?? 0) + (stream.uniform() < 0.3 ? 1e-9 : stream.uniform()) + 1e-10) }
        let squares = (0..<n).map { _ in stream.uniform() < 0.3 ? 1e-18 : stream.uniform() + 1e-3 }
        let found = roots(d, squares, ρ)
        var sum = 0.0
        for (j, root) in found.enumerated() {
          #expect(root.differences[j] < 0 && (j == n - 1 || root.differences[j + 1] > 0))
          sum += root.λ - d[j]
          // The function is zero to rounding: 1 ÷ ρ and the terms cancel.
          let terms = zip(squares, root.differences).map { $0 / $1 }
          let size = 1 / ρ + terms.reduce(0) { $0 + abs($1) }
          #expect(abs(1 / ρ + terms.reduce(0, +)) < 1e-14 * size)
        }
        // The trace.
        let added = ρ * squares.reduce(0, +)
        #expect(abs(sum - added) < 1e-13 * max(added, d[n - 1]))
      }
    }
  }
}
