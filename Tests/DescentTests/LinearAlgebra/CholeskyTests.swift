import Testing

@testable import Descent

@Suite struct CholeskyTests {
  @Test(arguments: [1, 2, 7, 30]) func solves(n: Int) throws {
    let b = randomMatrix(n, n, seed: 1)
    // B Bᵀ + I.
    let a = (0..<(n * n)).map { k in
      (0..<n).reduce(k / n == k % n ? 1.0 : 0) { $0 + b[k / n * n + $1] * b[k % n * n + $1] }
    }
    let x = randomMatrix(n, 1, seed: 2)
    let y = (0..<n).map { i in (0..<n).reduce(0.0) { $0 + a[i * n + $1] * x[$1] } }
    let factor = try #require(Cholesky(a, order: n))
    let solution = factor.solve(y)
    #expect(abs(factor.inverseSquare(y) / y.dot(x) - 1) < 1e-11)
    #expect(zip(solution, x).allSatisfy { abs($0 - $1) < 1e-11 })
  }

  @Test func refusesWhatIsNotPositiveDefinite() {
    #expect(Cholesky([1, 0, 0, 0], order: 2) == nil)
    #expect(Cholesky([1, 2, 2, 1], order: 2) == nil)
    #expect(Cholesky([.nan], order: 1) == nil)
    #expect(Cholesky([.infinity], order: 1) == nil)
    #expect(Cholesky([], order: 0)?.solve([]) == [])
  }
}
