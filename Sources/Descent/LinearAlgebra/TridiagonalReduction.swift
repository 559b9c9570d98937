/// A symmetric matrix as Q T Qᵀ with a tridiagonal T, by Householder's reflections (Dongarra, Sorensen & Hammarling
/// 1989).
///
/// The reflections of 32 rows are found from the matrix as it was before them; then they are applied to all rows below
/// at once, by a matrix product. That is half of the work; the other half are products of the matrix with vectors.
///
/// Complexity: 4 n³ ÷ 3 multiplications and additions, and 2 n³ for Q.
struct TridiagonalReduction {
  private let n: Int
  private let threads: Int
  /// The matrix, on and above the diagonal. Finished rows hold the reflectors: row k's begins beside the diagonal.
  private let a: UnsafeMutablePointer<Double>
  /// T's diagonal and the elements beside it: element i couples i and i + 1.
  private(set) var diagonal, beside: [Double]

  /// - Parameter a: The matrix, row-major n×n; below the diagonal it is not read. It is overwritten, and must live as
  ///   long as this value.
  init(_ a: UnsafeMutablePointer<Double>, order n: Int, threads: Int) {
    (self.n, self.a, self.threads) = (n, a, threads)
    diagonal = Array(repeating: 0, count: n)
    beside = diagonal
    for first in stride(from: 0, to: max(0, n - 2), by: BlockReflector.size) {
      reduce(first..<min(first + BlockReflector.size, n - 2))
    }
    for i in max(0, n - 2)..<n { diagonal[i] = a[i * n + i] }
    if n > 1 { beside[n - 2] = a[(n - 2) * n + n - 1] }
  }

  private mutating func reduce(_ rows: Range<Int>) {
    let (n, size) = (n, rows.count)
    // A ← H A H = A + w pᵀ + p wᵀ with p = ½ (wᵀ A w) w − A w: rows w, then p, then w again.
    withTemporaryMemory(of: Double.self, count: 3 * size * n) { pairs in
      let w = pairs.baseAddress!
      let p = w + size * n
      pairs.initialize(repeating: 0)
      for (j, k) in rows.enumerated() {
        let row = a + k * n
        for l in 0..<j {
          DenseLoops.add(p + l * n + k, times: w[l * n + k], to: row + k, count: n - k)
          DenseLoops.add(w + l * n + k, times: p[l * n + k], to: row + k, count: n - k)
        }
        diagonal[k] = row[k]
        let (first, count) = (k + 1, n - k - 1)
        let (wk, pk) = (w + j * n + first, p + j * n + first)
        beside[k] = Reflector.make(of: row + first, count: count, into: wk)
        (row + first).update(from: wk, count: count)
        guard wk[0] != 0 else { continue }
        multiply(wk, from: first, into: pk)
        for l in 0..<j {
          let (wl, pl) = (w + l * n + first, p + l * n + first)
          let (byW, byP) = (DenseLoops.dot(wl, wk, count: count), DenseLoops.dot(pl, wk, count: count))
          DenseLoops.add(pl, times: byW, to: pk, count: count)
          DenseLoops.add(wl, times: byP, to: pk, count: count)
        }
        let half = 0.5 * DenseLoops.dot(wk, pk, count: count)
        for i in 0..<count { pk[i] = half * wk[i] - pk[i] }
      }
      (p + size * n).update(from: w, count: size * n)
      let (rest, first) = (n - rows.upperBound, rows.upperBound)
      let left = MatrixView(w + first, rows: 2 * size, columns: rest, rowStride: n, columnStride: 1)
      let right = MatrixView(p + first, rows: 2 * size, columns: rest, rowStride: n, columnStride: 1)
      Double.multiply(
        left.transposed, right, into: a + first * n + first, rowStride: n, part: .upper, adds: true, threads: threads)
    }
  }

  /// The product of the matrix from row and column `first` on with x.
  ///
  /// In strips of rows, each with a sum of its own: an element above the diagonal stands for the one below too.
  private func multiply(_ x: UnsafePointer<Double>, from first: Int, into y: UnsafeMutablePointer<Double>) {
    let count = n - first
    let height = 64
    let strips = (count + height - 1) / height
    guard strips > 1 else {
      y.update(repeating: 0, count: count)
      return addStrip(0..<count, of: first, x, to: y)
    }
    withTemporaryMemory(of: Double.self, count: strips * count) { sums in
      let sums = sums.baseAddress!
      // Waking a thread takes as long as some 30,000 elements.
      forEachTask(strips, threads: count < 256 ? 1 : threads) { strip in
        let (top, sum) = (strip * height, sums + strip * count)
        (sum + top).update(repeating: 0, count: count - top)
        addStrip(top..<min(top + height, count), of: first, x, to: sum)
      }
      y.update(from: sums, count: count)
      for strip in 1..<strips {
        let top = strip * height
        DenseLoops.add(sums + strip * count + top, times: 1, to: y + top, count: count - top)
      }
    }
  }

  /// Adds the products of some rows on and above the diagonal, four at a time.
  @inline(__always)
  private func addStrip(
    _ rows: Range<Int>, of first: Int, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>
  ) {
    let count = n - first
    for i in stride(from: rows.lowerBound, to: rows.upperBound, by: 4) {
      let height = min(4, rows.upperBound - i)
      // The square on the diagonal, row by row.
      for r in i..<(i + height) {
        let row = a + (first + r) * n + first
        y[r] += row[r] * x[r]
        for j in (r + 1)..<max(r + 1, i + height) {
          y[r] += row[j] * x[j]
          y[j] += row[j] * x[r]
        }
      }
      let start = i + height
      if height == 4 {
        let row = a + (first + i) * n + first + start
        let sums = multiplyRows(row, x + i, x + start, y + start, count: count - start)
        for r in 0..<4 { y[i + r] += sums[r] }
      } else {
        for r in i..<start {
          let row = a + (first + r) * n + first + start
          y[r] += DenseLoops.dot(row, x + start, count: count - start)
          DenseLoops.add(row, times: x[r], to: y + start, count: count - start)
        }
      }
    }
  }

  /// Four rows' products with `x`, while each element is added to `y` with its row's factor.
  @inline(__always)
  private func multiplyRows(
    _ row: UnsafePointer<Double>, _ factors: UnsafePointer<Double>, _ x: UnsafePointer<Double>,
    _ y: UnsafeMutablePointer<Double>, count: Int
  ) -> SIMD4<Double> {
    typealias Lane = SIMD8<Double>
    func lane(_ x: UnsafePointer<Double>) -> Lane { UnsafeRawPointer(x).loadUnaligned(as: Lane.self) }
    let (row1, row2, row3) = (row + n, row + 2 * n, row + 3 * n)
    let (f0, f1, f2, f3) = (factors[0], factors[1], factors[2], factors[3])
    var (s0, s1, s2, s3) = (Lane.zero, Lane.zero, Lane.zero, Lane.zero)
    var j = 0
    while j + 8 <= count {
      let (r0, r1, r2, r3, xs) = (lane(row + j), lane(row1 + j), lane(row2 + j), lane(row3 + j), lane(x + j))
      s0 += r0 * xs
      s1 += r1 * xs
      s2 += r2 * xs
      s3 += r3 * xs
      let sum = ((lane(y + j) + f0 * r0) + f1 * r1) + (f2 * r2 + f3 * r3)
      UnsafeMutableRawPointer(y + j).storeBytes(of: sum, as: Lane.self)
      j += 8
    }
    var sums = SIMD4(s0.sum(), s1.sum(), s2.sum(), s3.sum())
    while j < count {
      let column = SIMD4(row[j], row1[j], row2[j], row3[j])
      sums += column * x[j]
      y[j] = ((y[j] + f0 * column[0]) + f1 * column[1]) + (f2 * column[2] + f3 * column[3])
      j += 1
    }
    return sums
  }

  /// Replaces each of the n rows x by Q x.
  func apply(toRows x: UnsafeMutablePointer<Double>) {
    let n = n
    for first in stride(from: 0, to: max(0, n - 2), by: BlockReflector.size).reversed() {
      let size = min(BlockReflector.size, n - 2 - first)
      let columns = n - first - 1
      withTemporaryMemory(of: Double.self, count: size * columns) { w in
        w.initialize(repeating: 0)
        let w = w.baseAddress!
        for k in 0..<size { (w + k * columns + k).update(from: a + (first + k) * (n + 1) + 1, count: columns - k) }
        BlockReflector(MatrixView(w, rows: size, columns: columns))
          .apply(toRows: x + first + 1, rows: n, rowStride: n, isTransposed: false, threads: threads)
      }
    }
  }
}
