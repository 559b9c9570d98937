/// A matrix as the product of one with orthonormal columns and a triangular one, by Householder's reflections.
///
///     A = Q R,  QᵀQ = I
///
/// R's diagonal is not negative, which makes Q and R unique where A has full rank. Q is orthonormal to rounding whatever
/// A's rank, which Gram and Schmidt's method does not give.
///
/// Complexity: 4 m n² − 4 n³ ÷ 3 multiplications for m ≥ n.
package struct HouseholderQR: Sendable {
  /// m.
  package let rows: Int
  /// n.
  package let columns: Int
  /// Q, row-major m×k with k = min(m, n).
  package let q: [Double]
  /// R, row-major k×n; zero below the diagonal.
  package let r: [Double]

  /// - Parameters:
  ///   - matrix: A, row-major m×n.
  ///   - rows: m ≥ 0.
  ///   - columns: n ≥ 0.
  package init(_ matrix: [Double], rows m: Int, columns n: Int) {
    precondition(m >= 0 && n >= 0 && matrix.count == m * n, "\(m)×\(n) elements expected, \(matrix.count) found")
    (rows, columns) = (m, n)
    let k = min(m, n)
    var a = matrix
    // Column j of `reflectors` is Householder's vector w with H = I − w wᵀ: ‖w‖² = 2, or w = 0 where nothing is reflected.
    var reflectors = [Double](repeating: 0, count: m * k)
    for j in 0..<k {
      guard let w = Self.reflector(of: (j..<m).map { a[$0 * n + j] }) else { continue }
      for i in j..<m { reflectors[i * k + j] = w[i - j] }
      Self.reflect(&a, by: w, fromRow: j, columns: n, from: j)
    }
    var q = [Double](repeating: 0, count: m * k)
    for j in 0..<k { q[j * k + j] = 1 }
    for j in (0..<k).reversed() {
      let w = (j..<m).map { reflectors[$0 * k + j] }
      Self.reflect(&q, by: w, fromRow: j, columns: k, from: j)
    }
    var r = [Double](repeating: 0, count: k * n)
    for i in 0..<k {
      let sign: Double = a[i * n + i] < 0 ? -1 : 1
      for j in i..<n { r[i * n + j] = sign * a[i * n + j] }
      if sign < 0 {
        for row in 0..<m { q[row * k + i] = -q[row * k + i] }
      }
    }
    (self.q, self.r) = (q, r)
  }

  /// w with (I − w wᵀ) x = ∓‖x‖ e₁, or nil if x is zero below its first element.
  private static func reflector(of x: [Double]) -> [Double]? {
    let largest = x.reduce(0) { Double.maximum($0, $1.magnitude) }
    guard x.dropFirst().contains(where: { $0 != 0 }) else { return nil }
    var w = x.map { $0 / largest }
    let norm = w.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Away from zero, so that nothing cancels.
    w[0] += w[0] < 0 ? -norm : norm
    let factor = (2 / w.reduce(0) { $0 + $1 * $1 }).squareRoot()
    for i in w.indices { w[i] *= factor }
    return w
  }

  /// B ← (I − w wᵀ) B for the rows of `b` from `row` and its columns from `column`.
  private static func reflect(
    _ b: inout [Double], by w: [Double], fromRow row: Int, columns n: Int, from column: Int
  ) {
    var products = [Double](repeating: 0, count: n)
    b.withUnsafeMutableBufferPointer { b in
      for (i, wi) in w.enumerated() {
        for j in column..<n { products[j] += wi * b[(row + i) * n + j] }
      }
      for (i, wi) in w.enumerated() {
        for j in column..<n { b[(row + i) * n + j] -= wi * products[j] }
      }
    }
  }
}
