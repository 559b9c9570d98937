import RealModule
import Testing

@testable import Descent

@Suite struct SymmetricEigenTests {
  /// A Bᵀ of n×n matrices, each element a sum along two rows.
  private func product(_ a: [Double], _ b: [Double], _ n: Int) -> [Double] {
    (0..<(n * n)).map { k in
      let (i, j) = (k / n * n, k % n * n)
      var sum = 0.0
      for l in 0..<n { sum += a[i + l] * b[j + l] }
      return sum
    }
  }

  private func transposed(_ a: [Double], _ n: Int) -> [Double] { (0..<(n * n)).map { a[$0 % n * n + $0 / n] } }

  /// V diag(λ) Vᵀ with V from a random matrix's QR decomposition.
  private func matrix(spectrum λ: [Double], seed: UInt64) -> [Double] {
    let n = λ.count
    let v = HouseholderQR(randomMatrix(n, n, seed: seed), rows: n, columns: n).q
    return product(v.indices.map { v[$0] * λ[$0 % n] }, v, n)
  }

  /// ‖VᵀV − I‖ and ‖A V − V Λ‖, the largest element of each.
  private func residuals(_ a: [Double], _ eigen: SymmetricEigen) -> (orthogonality: Double, reconstruction: Double) {
    let n = eigen.order
    let v = transposed(eigen.vectors, n)
    var (orthogonality, reconstruction) = (0.0, 0.0)
    for (k, x) in product(v, v, n).enumerated() {
      orthogonality = max(orthogonality, abs(x - (k / n == k % n ? 1 : 0)))
    }
    for (k, x) in product(a, v, n).enumerated() {
      reconstruction = max(reconstruction, abs(x - eigen.vectors[k] * eigen.values[k % n]))
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

  /// Sizes near those at which the method changes: Jacobi's method up to 32, parts that are halved, blocks of 32.
  static let orders = Array(1...40) + [63, 64, 65, 66, 96, 97, 127, 128, 129, 161, 200, 255, 257, 300]

  @Test(arguments: orders) func anyOrder(n: Int) {
    var stream = RandomStream(seed: UInt64(n), name: "spectrum")
    let spectra: [String: [Double]] = [
      "random": (0..<n).map { _ in stream.normal() },
      "graded": (0..<n).map { Double.pow(10, -12 * Double($0) / Double(n)) },
      "clusters": (0..<n).map { Double($0 % 3) + 1e-14 * Double($0) },
      "equal": Array(repeating: 2, count: n),
      "rank 2": (0..<n).map { $0 < 2 ? 3 - Double($0) : 0 },
      "one outside": (0..<n).map { $0 == 0 ? 1e10 : 1 },
      "zero": Array(repeating: 0, count: n),
    ]
    for (name, λ) in spectra {
      let a = matrix(spectrum: λ, seed: UInt64(n))
      let eigen = SymmetricEigen(a, order: n)
      let scale = max(1e-300, λ.map(abs).max()!)
      let worst = zip(eigen.values, λ.sorted()).map { abs($0 - $1) / scale }.max()!
      let (orthogonality, reconstruction) = residuals(a, eigen)
      #expect(worst < 1e-13 && orthogonality < 1e-13 && reconstruction < 1e-13 * scale, "\(name)")
      #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy(<=), "\(name)")
    }
  }

  @Test(arguments: [7, 33, 100, 257, 300]) func theNumberOfThreadsChangesNoBit(n: Int) {
    for a in [randomSymmetric(n, seed: 1), matrix(spectrum: (0..<n).map { Double($0 % 5) }, seed: 2)] {
      let one = SymmetricEigen(a, order: n)
      for threads in [2, 5] {
        let several = SymmetricEigen(a, order: n, threads: threads)
        #expect(several.values == one.values && several.vectors == one.vectors)
        #expect(several.matrix { 1 / ($0 + 9) } == one.matrix { 1 / ($0 + 9) })
      }
    }
  }

  /// Wilkinson's matrix: its largest eigenvalues come in pairs that agree to all digits, but have two eigenvectors.
  @Test func eigenvectorsOfPairsAreOrthogonal() {
    let n = 121
    let a = (0..<(n * n)).map { k -> Double in
      let (i, j) = (k / n, k % n)
      return i == j ? abs(Double(i - n / 2)) : abs(i - j) == 1 ? 1 : 0
    }
    let eigen = SymmetricEigen(a, order: n)
    let (orthogonality, reconstruction) = residuals(a, eigen)
    #expect(orthogonality < 1e-13 && reconstruction < 1e-12)
    // The largest eigenvalue of W₂₁⁺ (Wilkinson 1965); larger matrices add ½ (n − 21) to it.
    #expect(abs(eigen.values[n - 1] - (10.746194182903393 + 50)) < 1e-12)
    #expect(abs(eigen.values[n - 2] - (10.746194182903322 + 50)) < 1e-12)
  }

  @Test func eigenvaluesOfALongKnownMatrix() {
    // The second difference: 2 − 2 cos(k π / (n + 1)), eigenvectors sin(i k π / (n + 1)).
    let n = 230
    let a = (0..<(n * n)).map { k -> Double in k / n == k % n ? 2 : abs(k / n - k % n) == 1 ? -1 : 0 }
    let eigen = SymmetricEigen(a, order: n)
    for k in 1...n {
      #expect(abs(eigen.values[k - 1] - (2 - 2 * Double.cos(Double(k) * .pi / Double(n + 1)))) < 1e-14)
      let sign: Double = eigen.vectors[k - 1] < 0 ? -1 : 1
      for i in 1...n {
        let known = (2 / Double(n + 1)).squareRoot() * Double.sin(Double((i * k) % (2 * n + 2)) * .pi / Double(n + 1))
        #expect(abs(sign * eigen.vectors[(i - 1) * n + k - 1] - known) < 1e-11)
      }
    }
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
    for n in [9, 70] {
      let a = randomSymmetric(n, seed: 3)
      let plain = SymmetricEigen(a, order: n)
      for scale in [0x1p-600, 0x1p900] {
        let scaled = SymmetricEigen(a.map { $0 * scale }, order: n)
        #expect(scaled.values == plain.values.map { $0 * scale })
        #expect(scaled.vectors == plain.vectors)
      }
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
    let least = SymmetricEigen(Array(repeating: .leastNonzeroMagnitude, count: 1600), order: 40)
    #expect(least.values[39] == 40 * .leastNonzeroMagnitude)
    let largest = SymmetricEigen((0..<1600).map { $0 % 41 == 0 ? .greatestFiniteMagnitude : 0 }, order: 40)
    #expect(largest.values.allSatisfy { $0 == .greatestFiniteMagnitude })
  }
}
