/// A symmetric positive definite matrix in memory: its Cholesky factor and its inverse, in place.
///
///     A = Rᵀ R                         R upper triangular
///     A = | A₁₁ A₁₂ |   R₁₁ = chol A₁₁,  R₁₂ = R₁₁⁻ᵀ A₁₂,  R₂₂ = chol (A₂₂ − R₁₂ᵀ R₁₂)
///         |  ·  A₂₂ |   K = R₁₁⁻¹ R₁₂,  A⁻¹ = | (R₁₁ᵀ R₁₁)⁻¹ + K Z Kᵀ   −K Z |  with Z = (R₂₂ᵀ R₂₂)⁻¹
///                                             |           ·               Z  |
///
/// The halves are halved again, so that nearly all is done by the blocked product. The inverse is a sum of positive
/// terms on its diagonal, so that nothing cancels. Blocks of up to 32 rows are solved by substitution, never by inverses
/// of triangles: the factor is that of a matrix within rounding of A.
///
/// Complexity: n³ ÷ 6 multiplications for the factor, n³ ÷ 3 more for the inverse. The bits depend on the matrix alone,
/// not on the number of threads.
///
/// A matrix that is not positive definite to rounding is refused. Whoever has a curvature with damping λ adds more of it
/// and tries again: see ``DampedInverse``.
struct PositiveMatrix<Scalar: LaneScalar> {
  private let threads: Int
  /// Between rows.
  private let stride: Int

  /// Rows of a block that is computed without products.
  private static var blockRows: Int { 32 }
  /// Columns that a task substitutes in.
  private static var taskColumns: Int { 256 }

  /// Replaces A by R, whose elements lie on and above the diagonal. What lies below must not be read afterwards.
  ///
  /// - Parameters:
  ///   - a: A, row-major n×n; below the diagonal it is not read.
  ///   - order: n ≥ 0.
  ///   - threads: How many threads may work on it.
  /// - Returns: False if A is not positive definite to rounding, or has an element that is not a number; its memory then
  ///   holds no meaning.
  static func factor(_ a: UnsafeMutablePointer<Scalar>, order n: Int, threads: Int) -> Bool {
    Self(threads: threads, stride: n).factor(a, n)
  }

  /// Replaces R, as ``factor(_:order:threads:)`` leaves it, by (Rᵀ R)⁻¹, all of it.
  static func invertFactored(_ r: UnsafeMutablePointer<Scalar>, order n: Int, threads: Int) {
    Self(threads: threads, stride: n).invert(r, n)
  }

  /// Replaces each column b of B by A⁻¹ b, for A = Rᵀ R.
  ///
  /// - Parameters:
  ///   - r: R, as ``factor(_:order:threads:)`` leaves it.
  ///   - order: n.
  ///   - b: B, row-major n×`columns`.
  static func solve(
    _ r: UnsafePointer<Scalar>, order n: Int, _ b: UnsafeMutablePointer<Scalar>, columns: Int, threads: Int
  ) {
    solveTransposed(r, order: n, b, columns: columns, threads: threads)
    solvePlain(r, order: n, b, columns: columns, threads: threads)
  }

  /// The same with R⁻ᵀ b.
  static func solveTransposed(
    _ r: UnsafePointer<Scalar>, order n: Int, _ b: UnsafeMutablePointer<Scalar>, columns: Int, threads: Int
  ) { Self(threads: threads, stride: n).solve(r, n, b, columns, columns, forward: true) }

  /// The same with R⁻¹ b.
  static func solvePlain(
    _ r: UnsafePointer<Scalar>, order n: Int, _ b: UnsafeMutablePointer<Scalar>, columns: Int, threads: Int
  ) { Self(threads: threads, stride: n).solve(r, n, b, columns, columns, forward: false) }

  /// Of n rows, those of the first half: whole blocks.
  private func half(_ n: Int) -> Int { (n / 2 + Self.blockRows - 1) / Self.blockRows * Self.blockRows }

  private func factor(_ a: UnsafeMutablePointer<Scalar>, _ n: Int) -> Bool {
    guard n > Self.blockRows else { return factorBlock(a, n) }
    let k = half(n)
    let (b, rest) = (a + k, a + k * stride + k)
    guard factor(a, k) else { return false }
    solve(a, k, b, stride, n - k, forward: true)
    withNegative(b, k, n - k) { negative in
      Scalar.multiply(
        negative.transposed, view(b, k, n - k), into: rest, rowStride: stride, part: .upper, adds: true,
        threads: threads)
    }
    return factor(rest, n - k)
  }

  private func factorBlock(_ a: UnsafeMutablePointer<Scalar>, _ n: Int) -> Bool {
    for k in 0..<n {
      let row = a + k * stride
      let pivot = row[k]
      guard pivot > 0, pivot.isFinite else { return false }
      let root = pivot.squareRoot()
      row[k] = root
      for j in (k + 1)..<max(n, k + 1) { row[j] /= root }
      for i in (k + 1)..<max(n, k + 1) {
        let (other, factor) = (a + i * stride, row[i])
        for j in i..<n { other[j] -= factor * row[j] }
      }
    }
    return true
  }

  private func invert(_ r: UnsafeMutablePointer<Scalar>, _ n: Int) {
    guard n > Self.blockRows else { return invertBlock(r, n) }
    let k = half(n)
    let m = n - k
    let (b, rest) = (r + k, r + k * stride + k)
    solve(r, k, b, stride, m, forward: false)
    invert(rest, m)
    invert(r, k)
    withTemporaryMemory(of: Scalar.self, count: k * m) { product in
      let product = product.baseAddress!
      Scalar.multiply(
        view(b, k, m), view(rest, m, m), into: product, rowStride: m, part: .whole, adds: false, threads: threads)
      Scalar.multiply(
        MatrixView(product, rows: k, columns: m), view(b, k, m).transposed, into: r, rowStride: stride,
        part: .symmetric, adds: true, threads: threads)
      for i in 0..<k {
        for j in 0..<m { b[i * stride + j] = -product[i * m + j] }
      }
    }
    Scalar.transpose(b, rowStride: stride, rows: k, columns: m, into: r + k * stride, rowStride: stride)
  }

  private func invertBlock(_ r: UnsafeMutablePointer<Scalar>, _ n: Int) {
    guard n > 0 else { return }
    withTemporaryMemory(of: Scalar.self, count: n * n) { inverse in
      for i in 0..<(n * n) { inverse[i] = i / n == i % n ? 1 : 0 }
      solve(r, n, inverse.baseAddress!, n, n, forward: true)
      solve(r, n, inverse.baseAddress!, n, n, forward: false)
      for i in 0..<n {
        for j in i..<n { (r[i * stride + j], r[j * stride + i]) = (inverse[i * n + j], inverse[i * n + j]) }
      }
    }
  }

  /// B ← R⁻ᵀ B if `forward`, else R⁻¹ B.
  private func solve(
    _ r: UnsafePointer<Scalar>, _ n: Int, _ b: UnsafeMutablePointer<Scalar>, _ rowStride: Int, _ columns: Int,
    forward: Bool
  ) {
    guard n > Self.blockRows else { return substitute(r, n, b, rowStride, columns, forward: forward) }
    let k = half(n)
    let (second, rest) = (b + k * rowStride, r + k * stride + k)
    withNegative(r + k, k, n - k) { negative in
      func multiply(_ a: MatrixView<Scalar>, _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>) {
        let x = MatrixView(x, rows: a.columns, columns: columns, rowStride: rowStride, columnStride: 1)
        Scalar.multiply(a, x, into: y, rowStride: rowStride, part: .whole, adds: true, threads: threads)
      }
      if forward {
        solve(r, k, b, rowStride, columns, forward: true)
        multiply(negative.transposed, b, into: second)
        solve(rest, n - k, second, rowStride, columns, forward: true)
      } else {
        solve(rest, n - k, second, rowStride, columns, forward: false)
        multiply(negative, second, into: b)
        solve(r, k, b, rowStride, columns, forward: false)
      }
    }
  }

  /// The same for one block, four lanes of columns at once.
  private func substitute(
    _ r: UnsafePointer<Scalar>, _ n: Int, _ b: UnsafeMutablePointer<Scalar>, _ rowStride: Int, _ columns: Int,
    forward: Bool
  ) {
    guard n > 0 else { return }
    let tasks = (columns + Self.taskColumns - 1) / Self.taskColumns
    // The coefficients of equation i lie in row i, and in the diagonal's place the reciprocal.
    withTemporaryMemory(of: Scalar.self, count: n * n) { coefficients in
      let coefficients = coefficients.baseAddress!
      for i in 0..<n {
        for j in i..<n {
          let element = i == j ? 1 / r[i * stride + j] : r[i * stride + j]
          coefficients[forward ? j * n + i : i * n + j] = element
        }
      }
      forEachTask(tasks, threads: threads) { task in
        let end = min((task + 1) * Self.taskColumns, columns)
        let width = Scalar.laneWidth
        var j = task * Self.taskColumns
        while j + 4 * width <= end {
          substitute(coefficients, n, b + j, rowStride, forward)
          j += 4 * width
        }
        while j < end {
          substitute(coefficients, n, b + j, rowStride, count: end - j, forward)
          j += width
        }
      }
    }
  }

  @inline(__always)
  private func substitute(
    _ coefficients: UnsafePointer<Scalar>, _ n: Int, _ b: UnsafeMutablePointer<Scalar>, _ rowStride: Int,
    _ forward: Bool
  ) {
    let width = Scalar.laneWidth
    @inline(__always) func load(_ i: Int, _ lane: Int) -> Scalar.Lane {
      UnsafeRawPointer(b + i * rowStride + lane * width).loadUnaligned(as: Scalar.Lane.self)
    }
    for step in 0..<n {
      let i = forward ? step : n - 1 - step
      let row = coefficients + i * n
      var (x, y, z, w) = (load(i, 0), load(i, 1), load(i, 2), load(i, 3))
      for k in forward ? 0..<i : (i + 1)..<n {
        x -= row[k] * load(k, 0)
        y -= row[k] * load(k, 1)
        z -= row[k] * load(k, 2)
        w -= row[k] * load(k, 3)
      }
      let place = b + i * rowStride
      Scalar.store(row[i] * x, to: place, count: width)
      Scalar.store(row[i] * y, to: place + width, count: width)
      Scalar.store(row[i] * z, to: place + 2 * width, count: width)
      Scalar.store(row[i] * w, to: place + 3 * width, count: width)
    }
  }

  @inline(__always)
  private func substitute(
    _ coefficients: UnsafePointer<Scalar>, _ n: Int, _ b: UnsafeMutablePointer<Scalar>, _ rowStride: Int, count: Int,
    _ forward: Bool
  ) {
    for step in 0..<n {
      let i = forward ? step : n - 1 - step
      let row = coefficients + i * n
      var x = Scalar.load(b + i * rowStride, count: count)
      for k in forward ? 0..<i : (i + 1)..<n { x -= row[k] * Scalar.load(b + k * rowStride, count: count) }
      Scalar.store(row[i] * x, to: b + i * rowStride, count: count)
    }
  }

  private func view(_ x: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int) -> MatrixView<Scalar> {
    MatrixView(x, rows: rows, columns: columns, rowStride: stride, columnStride: 1)
  }

  /// Calls `body` with −X: products add, and never subtract.
  private func withNegative(
    _ x: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int, _ body: (MatrixView<Scalar>) -> Void
  ) {
    withTemporaryMemory(of: Scalar.self, count: rows * columns) { negative in
      let negative = negative.baseAddress!
      for i in 0..<rows {
        let (from, to) = (x + i * stride, negative + i * columns)
        for j in 0..<columns { to[j] = -from[j] }
      }
      body(MatrixView(negative, rows: rows, columns: columns))
    }
  }
}
