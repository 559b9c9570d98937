/// A matrix as the product of one with orthonormal columns and a triangular one, by Householder's reflections, 32
/// columns at a time.
///
///     A = Q R,  QᵀQ = I
///
/// R's diagonal is not negative, which makes Q and R unique if A has full rank. Q is orthonormal up to rounding for
/// every rank of A; with Gram and Schmidt's method it would not be.
///
/// Complexity: 4 m n² − 4 n³ ÷ 3 multiplications for m ≥ n, most of them in matrix products.
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
  ///   - threads: How many threads may work on it. The bits are the same for every number.
  package init(_ matrix: [Double], rows m: Int, columns n: Int, threads: Int = 1) {
    precondition(m >= 0 && n >= 0 && matrix.count == m * n, "\(m)×\(n) elements expected, \(matrix.count) found")
    (rows, columns) = (m, n)
    let k = min(m, n)
    guard k > 0 else {
      (q, r) = ([], [])
      return
    }
    // Columns are stored as rows. In the vectors w, row j is zero before element j.
    var a = DenseLoops.transposed(matrix, rows: m, columns: n)
    var w = [Double](repeating: 0, count: k * m)
    var q = [Double](repeating: 0, count: k * m)
    for j in 0..<k { q[j * m + j] = 1 }
    a.withUnsafeMutableBufferPointer { a in
      w.withUnsafeMutableBufferPointer { w in
        q.withUnsafeMutableBufferPointer { q in
          Self.decompose(a.baseAddress!, w.baseAddress!, q.baseAddress!, rows: m, columns: n, threads: threads)
        }
      }
    }
    var r = [Double](repeating: 0, count: k * n)
    for i in 0..<k {
      let sign: Double = a[i * m + i] < 0 ? -1 : 1
      for j in i..<n { r[i * n + j] = sign * a[j * m + i] }
      if sign < 0 {
        for row in 0..<m { q[i * m + row] = -q[i * m + row] }
      }
    }
    self.r = r
    self.q = DenseLoops.transposed(q, rows: k, columns: m)
  }

  /// Turns `a` into R, `w` into the reflectors and `q`, which starts as the identity, into Q: columns are stored as
  /// rows.
  private static func decompose(
    _ a: UnsafeMutablePointer<Double>, _ w: UnsafeMutablePointer<Double>, _ q: UnsafeMutablePointer<Double>,
    rows m: Int, columns n: Int, threads: Int
  ) {
    let k = min(m, n)
    var blocks: [(first: Int, reflector: BlockReflector)] = []
    for first in stride(from: 0, to: k, by: BlockReflector.size) {
      let end = min(first + BlockReflector.size, k)
      for j in first..<end {
        let (wj, count) = (w + j * m + j, m - j)
        a[j * m + j] = Reflector.make(of: a + j * m + j, count: count, into: wj)
        for column in (j + 1)..<max(end, j + 1) {
          let x = a + column * m + j
          DenseLoops.add(wj, times: -DenseLoops.dot(wj, x, count: count), to: x, count: count)
        }
      }
      let view = MatrixView(
        w + first * m + first, rows: end - first, columns: m - first, rowStride: m, columnStride: 1)
      let reflector = BlockReflector(view)
      reflector.apply(toRows: a + end * m + first, rows: n - end, rowStride: m, isTransposed: true, threads: threads)
      blocks.append((first, reflector))
    }
    // The columns before a block are still those of the identity, which its reflections leave alone.
    for (first, reflector) in blocks.reversed() {
      reflector.apply(
        toRows: q + first * (m + 1), rows: k - first, rowStride: m, isTransposed: false, threads: threads)
    }
  }
}
