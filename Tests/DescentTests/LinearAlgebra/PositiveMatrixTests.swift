import TestSupport
import Testing

@testable import Descent

/// B Bᵀ ÷ m + λ I for a random n×m matrix B, rounded to the scalar: positive definite for λ > 0.
func positiveMatrix<Scalar: LaneScalar>(
  _ n: Int, rank m: Int, damping λ: Double, seed: UInt64, of _: Scalar.Type = Scalar.self
) -> [Scalar] {
  let b = randomMatrix(n, m, seed: seed)
  return (0..<(n * n)).map { k in
    let (i, j) = (k / n * m, k % n * m)
    var sum = 0.0
    for p in 0..<m { sum += b[i + p] * b[j + p] }
    return Scalar(sum / Double(m) + (k / n == k % n ? λ : 0))
  }
}

/// Replaces A by its inverse; false if it is not positive definite.
private func invert<Scalar: LaneScalar>(_ a: inout [Scalar], order n: Int, threads: Int = 1) -> Bool {
  a.withUnsafeMutableBufferPointer { a in
    guard let a = a.baseAddress else { return n == 0 }
    guard PositiveMatrix.factor(a, order: n, threads: threads) else { return false }
    PositiveMatrix.invertFactored(a, order: n, threads: threads)
    return true
  }
}

/// A⁻¹ by Gauss and Jordan's elimination, in a wider type.
func widerInverse<Wide: BinaryFloatingPoint>(_ a: [Wide], order n: Int) -> [Wide] {
  var (x, inverse) = (a, (0..<(n * n)).map { $0 / n == $0 % n ? Wide(1) : 0 })
  for k in 0..<n {
    let reciprocal = 1 / x[k * n + k]
    for j in 0..<n {
      x[k * n + j] *= reciprocal
      inverse[k * n + j] *= reciprocal
    }
    for i in 0..<n where i != k {
      let factor = x[i * n + k]
      for j in 0..<n {
        x[i * n + j] -= factor * x[k * n + j]
        inverse[i * n + j] -= factor * inverse[k * n + j]
      }
    }
  }
  return inverse
}

@Suite struct PositiveMatrixTests {
  static let orders = [1, 2, 3, 8, 31, 32, 33, 47, 63, 64, 65, 96, 97, 130]

  /// |A − RᵀR| ≤ 2 (n + 2) u √(aᵢᵢ aⱼⱼ), u half a unit in the last place: Higham's theorem 10.3, whatever the condition.
  @Test(arguments: orders, [1.0, 1e-10]) func theFactorIsThatOfANearbyMatrix(n: Int, λ: Double) {
    func check<Scalar: LaneScalar>(_: Scalar.Type, _ λ: Double) {
      let a = positiveMatrix(n, rank: max(1, n / 2), damping: λ, seed: 3, of: Scalar.self)
      var r = a
      #expect(PositiveMatrix<Scalar>.factor(&r, order: n, threads: 1))
      let unit = 0.5 * Double(Scalar.ulpOfOne)
      var worst = 0.0
      for i in 0..<n {
        for j in i..<n {
          var sum = Double(a[i * n + j])
          for k in 0...i { sum -= Double(r[k * n + i]) * Double(r[k * n + j]) }
          worst = max(worst, abs(sum) / (Double(a[i * n + i]) * Double(a[j * n + j])).squareRoot())
        }
      }
      #expect(worst <= 2 * Double(n + 2) * unit, "\(Scalar.self): \(worst / unit) half units")
    }
    check(Float.self, max(λ, 1e-4))
    check(Double.self, λ)
  }

  /// ‖A⁻¹ − exact‖ ≤ 4 n u κ ‖A⁻¹‖ by largest elements, with κ = tr A ÷ λ.
  @Test(arguments: orders, [1.0, 1e-3]) func theInverseIsThatOfAWiderType(n: Int, λ: Double) {
    func check<Scalar: LaneScalar, Wide: BinaryFloatingPoint>(_: Scalar.Type, _: Wide.Type) {
      let a = positiveMatrix(n, rank: max(1, n / 2), damping: λ, seed: 4, of: Scalar.self)
      var inverse = a
      #expect(invert(&inverse, order: n))
      let exact = widerInverse(a.map { Wide($0) }, order: n)
      let scale = exact.reduce(0) { max($0, Double($1.magnitude)) }
      let κ = (0..<n).reduce(0) { $0 + Double(a[$1 * n + $1]) } / λ
      var error = 0.0
      for k in 0..<(n * n) {
        error = max(error, abs(Double(Wide(inverse[k]) - exact[k])))
        #expect(inverse[k] == inverse[k % n * n + k / n])
      }
      let bound = 2 * Double(n) * Double(Scalar.ulpOfOne) * κ * scale
      #expect(error <= bound, "\(Scalar.self): \(error / bound) of the bound")
    }
    check(Float.self, Double.self)
    #if arch(x86_64)
      check(Double.self, Float80.self)
    #endif
  }

  @Test func solves() {
    for n in [1, 5, 33, 100] {
      let a = positiveMatrix(n, rank: 2 * n, damping: 0.1, seed: 5, of: Double.self)
      for columns in [1, 9, 70] {
        let x = randomMatrix(n, columns, seed: 6)
        var b = (0..<(n * columns)).map { k in
          (0..<n).reduce(0.0) { $0 + a[k / columns * n + $1] * x[$1 * columns + k % columns] }
        }
        var r = a
        #expect(PositiveMatrix<Double>.factor(&r, order: n, threads: 1))
        PositiveMatrix<Double>.solve(r, order: n, &b, columns: columns, threads: 1)
        #expect(zip(b, x).allSatisfy { abs($0 - $1) < 1e-12 * Double(n) }, "\(n), \(columns)")
      }
    }
  }

  @Test func threadsChangeNoBit() {
    let n = 600
    var a = [Double](repeating: 0, count: n * n)
    let b = randomMatrix(n, n, seed: 7)
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        let b = MatrixView(b.baseAddress!, rows: n, columns: n)
        Double.multiply(b, b.transposed, into: a.baseAddress!, part: .symmetric, threads: 2)
      }
    }
    for i in 0..<n { a[i * n + i] += 1 }
    func inverse(threads: Int) -> [Double] {
      var inverse = a
      #expect(invert(&inverse, order: n, threads: threads))
      return inverse
    }
    let one = inverse(threads: 1)
    #expect(inverse(threads: 2) == one)
    #expect(inverse(threads: 7) == one)
    // A row of A A⁻¹.
    for j in 0..<n {
      let sum = (0..<n).reduce(0.0) { $0 + a[n + $1] * one[$1 * n + j] }
      #expect(abs(sum - (j == 1 ? 1 : 0)) < 1e-9)
    }
  }

  @Test(arguments: [1, 2, 40, 70]) func refusesWhatIsNotPositiveDefinite(n: Int) {
    for bad in [-1.0, 0, .nan, .infinity] {
      for place in [0, n / 2, n - 1] {
        var a = (0..<(n * n)).map { $0 / n == $0 % n ? 1.0 : 0 }
        a[place * n + place] = bad
        #expect(!invert(&a, order: n))
      }
    }
    var none: [Double] = []
    #expect(invert(&none, order: 0))
  }

  /// With damping that rounding swallows, more is added; a matrix with other elements than numbers gives none.
  @Test(arguments: [1, 9, 40]) func dampingIsRaisedUntilItSuffices(n: Int) {
    let x = randomMatrix(n, 1, seed: 8)
    for scale in [1e-200, 1e-20, 1, 1e20, 0x1p400] {
      let f = (0..<(n * n)).map { scale * x[$0 / n] * scale * x[$0 % n] }
      var inverse = f
      DampedInverse.compute(f, order: n, damping: 1e-3, limit: 0x1p500, into: &inverse, threads: 1)
      #expect(inverse.allSatisfy { $0.isFinite })
      // The inverse of a positive definite matrix.
      #expect((0..<n).allSatisfy { inverse[$0 * n + $0] > 0 }, "\(scale)")
    }
    for bad in [Double.nan, .infinity] {
      var inverse = [Double](repeating: 0, count: n * n)
      DampedInverse.compute(
        Array(repeating: bad, count: n * n), order: n, damping: 1, limit: 1, into: &inverse, threads: 1)
      #expect(inverse.allSatisfy { $0.isNaN })
    }
    var inverse = [Double](repeating: 0, count: n * n)
    DampedInverse.compute(inverse, order: n, damping: 1e-300, limit: 1e100, into: &inverse, threads: 1)
    #expect((0..<n).allSatisfy { inverse[$0 * n + $0] == 1e100 })
  }
}
