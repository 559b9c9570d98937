import Testing

@testable import Descent

func randomMatrix(_ m: Int, _ n: Int, seed: UInt64) -> [Double] {
  var stream = RandomStream(seed: seed, name: "matrix")
  return (0..<(m * n)).map { _ in stream.normal() }
}

func randomSymmetric(_ n: Int, seed: UInt64) -> [Double] {
  let a = randomMatrix(n, n, seed: seed)
  return (0..<(n * n)).map { a[$0] + a[($0 % n) * n + $0 / n] }
}

@Suite struct HouseholderQRTests {
  /// The largest elements of QᵀQ − I and Q R − A.
  private func residuals(_ a: [Double], _ qr: HouseholderQR) -> (Double, Double) {
    let (m, n, k) = (qr.rows, qr.columns, min(qr.rows, qr.columns))
    var (orthogonality, reconstruction) = (0.0, 0.0)
    for i in 0..<k {
      for j in 0..<k {
        let product = (0..<m).reduce(0.0) { $0 + qr.q[$1 * k + i] * qr.q[$1 * k + j] }
        orthogonality = max(orthogonality, abs(product - (i == j ? 1 : 0)))
      }
    }
    for i in 0..<m {
      for j in 0..<n {
        let product = (0..<k).reduce(0.0) { $0 + qr.q[i * k + $1] * qr.r[$1 * n + j] }
        reconstruction = max(reconstruction, abs(product - a[i * n + j]))
      }
    }
    return (orthogonality, reconstruction)
  }

  @Test(arguments: [(1, 1), (5, 5), (40, 7), (7, 40), (100, 1), (33, 32), (64, 64), (65, 130), (200, 97)])
  func decomposes(_ m: Int, _ n: Int) {
    let a = randomMatrix(m, n, seed: UInt64(m * 100 + n))
    let qr = HouseholderQR(a, rows: m, columns: n)
    let (orthogonality, reconstruction) = residuals(a, qr)
    #expect(orthogonality < 1e-13 && reconstruction < 1e-13)
    for i in 0..<min(m, n) {
      #expect(qr.r[i * n + i] >= 0)
      for j in 0..<i { #expect(qr.r[i * n + j] == 0) }
    }
  }

  @Test func theNumberOfThreadsChangesNoBit() {
    let a = randomMatrix(300, 280, seed: 1)
    let one = HouseholderQR(a, rows: 300, columns: 280)
    for threads in [2, 5] {
      let several = HouseholderQR(a, rows: 300, columns: 280, threads: threads)
      #expect(several.q == one.q && several.r == one.r)
    }
  }

  @Test func isOrthonormalWhateverTheRank() {
    // The second column is twice the first, the fourth zero.
    var a = randomMatrix(20, 6, seed: 5)
    for i in 0..<20 { (a[i * 6 + 1], a[i * 6 + 3]) = (2 * a[i * 6], 0) }
    for matrix in [a, [Double](repeating: 0, count: 120), a.map { $0 * 1e-300 }, a.map { $0 * 1e300 }] {
      let (orthogonality, _) = residuals(matrix, HouseholderQR(matrix, rows: 20, columns: 6))
      #expect(orthogonality < 1e-13)
    }
    let (_, reconstruction) = residuals(a, HouseholderQR(a, rows: 20, columns: 6))
    #expect(reconstruction < 1e-13)
  }

  @Test func aKnownDecomposition() {
    // 3-4-5: Q = [[0.6, −0.8], [0.8, 0.6]], R = [[5, 11], [0, 2]].
    let qr = HouseholderQR([3, 5, 4, 10], rows: 2, columns: 2)
    for (found, known) in zip(qr.q + qr.r, [0.6, -0.8, 0.8, 0.6, 5, 11, 0, 2]) { #expect(abs(found - known) < 1e-14) }
    #expect(HouseholderQR([], rows: 0, columns: 3).q.isEmpty && HouseholderQR([], rows: 3, columns: 0).r.isEmpty)
    let identity = HouseholderQR([1, 0, 0, 1], rows: 2, columns: 2)
    #expect(identity.q == [1, 0, 0, 1] && identity.r == [1, 0, 0, 1])
  }
}
