import RealModule
import Testing

@testable import Descent

@Suite struct SymmetricEigenTests {
  /// V diag(λ) Vᵀ with V from a random matrix's QR decomposition.
  private func matrix(spectrum λ: [Double], seed: UInt64) -> [Double] {
    let n = λ.count
    let v = HouseholderQR(randomMatrix(n, n, seed: seed), rows: n, columns: n).q
    var a = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n { a[i * n + j] += v[i * n + k] * λ[k] * v[j * n + k] }
      }
    }
    return a
  }

  /// ‖VᵀV − I‖ and ‖A V − V Λ‖, the largest element of each.
  private func residuals(_ a: [Double], _ eigen: SymmetricEigen) -> (orthogonality: Double, reconstruction: Double) {
    let n = eigen.order
    let v = eigen.vectors
    var (orthogonality, reconstruction) = (0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n {
        var (product, av) = (0.0, 0.0)
        for k in 0..<n {
          product += v[k * n + i] * v[k * n + j]
          av += a[i * n + k] * v[k * n + j]
        }
        orthogonality = max(orthogonality, abs(product - (i == j ? 1 : 0)))
        reconstruction = max(reconstruction, abs(av - v[i * n + j] * eigen.values[j]))
      }
    }
    return (orthogonality, reconstruction)
  }

  static let spectra: [[Double]] = [
    [3], [-1, 2], [0, 0, 0], [5, 5, 5, 5], [-2, -2, 0, 0, 7, 7, 7], [1e-12, 1e-6, 1, 1e3], [-1, 1, -1, 1, 0],
    (0..<40).map { Double($0 % 7) - 3 }, (0..<33).map { Double($0) * Double($0) },
  ]

  @Test(arguments: spectra) func findsAKnownSpectrum(_ λ: [Double]) {
    let a = matrix(spectrum: λ, seed: UInt64(λ.count))
    let eigen = SymmetricEigen(a, order: λ.count)
    let scale = max(1, λ.map(abs).max()!)
    for (found, known) in zip(eigen.values, λ.sorted()) { #expect(abs(found - known) < 1e-13 * scale) }
    let (orthogonality, reconstruction) = residuals(a, eigen)
    #expect(orthogonality < 1e-13)
    #expect(reconstruction < 1e-13 * scale)
  }

  @Test func eigenvaluesOfAKnownMatrix() {
    // The second difference: 2 − 2 cos(k π / (n + 1)).
    let n = 12
    var a = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      a[i * n + i] = 2
      if i > 0 { (a[i * n + i - 1], a[(i - 1) * n + i]) = (-1, -1) }
    }
    let eigen = SymmetricEigen(a, order: n)
    for k in 1...n {
      #expect(abs(eigen.values[k - 1] - (2 - 2 * Double.cos(Double(k) * .pi / Double(n + 1)))) < 1e-14)
    }
  }

  @Test func smallEigenvaluesOfAScaledMatrixAreExact() {
    // D B D with a well-conditioned B: Jacobi's method finds 1e-16 beside 1 to full relative precision.
    let d = [1.0, 1e-4, 1e-8]
    let b = [1, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 1]
    let a = (0..<9).map { i -> Double in d[i / 3] * b[i] * d[i % 3] }
    let eigen = SymmetricEigen(a, order: 3)
    // det A = det B · (d₀ d₁ d₂)², and λ₀ ≈ d₀²: the product of all three is exact only if the smallest is.
    let minors: [Double] = [b[4] * b[8] - b[5] * b[7], b[3] * b[8] - b[5] * b[6], b[3] * b[7] - b[4] * b[6]]
    let determinant = 1e-24 * (b[0] * minors[0] - b[1] * minors[1] + b[2] * minors[2])
    let product = eigen.values.reduce(1, *)
    #expect(abs(product / determinant - 1) < 1e-13)
  }

  @Test func scaleDoesNotMatter() {
    let a = randomSymmetric(9, seed: 3)
    let plain = SymmetricEigen(a, order: 9)
    for scale in [0x1p-600, 0x1p900] {
      let scaled = SymmetricEigen(a.map { $0 * scale }, order: 9)
      #expect(scaled.values == plain.values.map { $0 * scale })
      #expect(scaled.vectors == plain.vectors)
    }
  }

  @Test func functionsOfAMatrix() {
    let n = 15
    let a = matrix(spectrum: (1...n).map(Double.init), seed: 2)
    let root = SymmetricEigen(a, order: n).matrix { $0.squareRoot() }
    let inverse = SymmetricEigen(a, order: n).matrix { 1 / $0 }
    for i in 0..<n {
      for j in 0..<n {
        var (square, identity) = (0.0, 0.0)
        for k in 0..<n {
          square += root[i * n + k] * root[k * n + j]
          identity += a[i * n + k] * inverse[k * n + j]
        }
        #expect(abs(square - a[i * n + j]) < 1e-12)
        #expect(abs(identity - (i == j ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func nothingTraps() {
    #expect(SymmetricEigen([], order: 0).values.isEmpty)
    #expect(SymmetricEigen([.nan, 0, 0, 1], order: 2).values.allSatisfy { $0.isNaN })
    #expect(SymmetricEigen([.infinity], order: 1).values.allSatisfy { $0.isNaN })
    #expect(SymmetricEigen([.leastNonzeroMagnitude], order: 1).values == [.leastNonzeroMagnitude])
  }
}
