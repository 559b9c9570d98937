import Testing

@testable import Descent

@Suite struct SingularValuesTests {
  @Test(arguments: [(1, 1), (5, 5), (12, 4), (4, 12), (7, 1), (1, 7)]) func decomposes(m: Int, n: Int) {
    let a = randomMatrix(m, n, seed: UInt64(10 * m + n))
    let svd = SingularValues(columns: (0..<n).map { j in (0..<m).map { a[$0 * n + j] } })
    #expect(svd.values.count == min(m, n) && zip(svd.values, svd.values.dropFirst()).allSatisfy(>=))
    // σ² are the eigenvalues of the smaller Gram matrix, v orthonormal, and ‖A v‖ = σ.
    let k = min(m, n)
    let gram = (0..<(k * k)).map { e in
      m < n
        ? (0..<n).reduce(0.0) { $0 + a[e / k * n + $1] * a[e % k * n + $1] }
        : (0..<m).reduce(0.0) { $0 + a[$1 * n + e / k] * a[$1 * n + e % k] }
    }
    for (σ, λ) in zip(svd.values, SymmetricEigen(gram, order: k).values.reversed()) { #expect(abs(σ * σ - λ) < 1e-12) }
    for (i, v) in svd.right.enumerated() {
      for (j, w) in svd.right.enumerated() { #expect(abs(v.dot(w) - (i == j ? 1 : 0)) < 1e-13) }
      let product = (0..<m).map { row in (0..<n).reduce(0.0) { $0 + a[row * n + $1] * v[$1] } }
      #expect(abs(product.norm - svd.values[i]) < 1e-13)
    }
  }

  @Test func smallSingularValuesAreExact() {
    // Columns of lengths 1 and 1e-12, at an angle of 45 degrees: σ₁ σ₂ is the determinant.
    let svd = SingularValues(columns: [[1, 0], [1e-12, 1e-12]])
    #expect(abs(svd.values[0] * svd.values[1] / 1e-12 - 1) < 1e-14)
    #expect(SingularValues(columns: [[0, 0], [0, 0]]).values == [0, 0])
    #expect(SingularValues(columns: []).values.isEmpty)
  }
}
