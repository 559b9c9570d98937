/// A damped factor of the curvature, M = F + δ I, with its Cholesky factor, M = Rᵀ R; in Double.
@usableFromInline
struct DampedFactor {
  @usableFromInline let order: Int
  private var r: [Double]

  /// - Parameter matrix: F, row-major.
  /// - Returns: nil if F is not finite. Where δ is too small to rounding, it is raised (``DampedInverse``).
  @usableFromInline
  init?(_ matrix: [Double], order n: Int, adding δ: Double, threads: Int) {
    order = n
    r = [Double](repeating: 0, count: n * n)
    let isFactored = r.withUnsafeMutableBufferPointer { r in
      matrix.withUnsafeBufferPointer {
        DampedInverse.factor($0.baseAddress!, order: n, damping: δ, into: r.baseAddress!, threads: threads)
      }
    }
    guard isFactored else { return nil }
  }

  /// R⁻¹, row-major: R⁻¹ R⁻ᵀ = M⁻¹.
  @usableFromInline
  func inverseRoot(threads: Int) -> [Double] {
    var identity = [Double](repeating: 0, count: order * order)
    for i in 0..<order { identity[i * order + i] = 1 }
    solve(&identity, columns: order, threads: threads, PositiveMatrix.solvePlain)
    return identity
  }

  /// What couples it with another, N, whose moment with it is B: Ψ = B N⁻¹, the P with P Pᵀ = M⁻¹ that makes Pᵀ C P diagonal
  /// for C = B N⁻¹ Bᵀ, and that diagonal, within [0, 1].
  @usableFromInline
  func coupled(with other: Self, _ cross: [Double], threads: Int) -> (ψ: [Double], basis: [Double], diagonal: [Double])
  {
    let (n, m) = (order, other.order)
    // With N = Sᵀ S: S⁻ᵀ Bᵀ, and then N⁻¹ Bᵀ = Ψᵀ.
    var x = Self.transposed(cross, rows: n, columns: m)
    other.solve(&x, columns: n, threads: threads, PositiveMatrix.solveTransposed)
    var ψ = x
    other.solve(&ψ, columns: n, threads: threads, PositiveMatrix.solvePlain)
    // R⁻ᵀ C R⁻¹ = X Xᵀ for X = R⁻ᵀ B S⁻¹. If V are its eigenvectors, P = R⁻¹ V.
    x = Self.transposed(x, rows: m, columns: n)
    solve(&x, columns: m, threads: threads, PositiveMatrix.solveTransposed)
    let product = [Double](unsafeUninitializedCapacity: n * n) { product, count in
      x.withUnsafeBufferPointer { x in
        let x = MatrixView(x.baseAddress!, rows: n, columns: m)
        Double.multiply(x, x.transposed, into: product.baseAddress!, part: .symmetric, threads: threads)
      }
      count = n * n
    }
    let eigen = SymmetricEigen(product, order: n, threads: threads)
    var basis = eigen.vectors
    solve(&basis, columns: n, threads: threads, PositiveMatrix.solvePlain)
    return (Self.transposed(ψ, rows: m, columns: n), basis, eigen.values.map { min(max($0, 0), 1) })
  }

  /// Replaces each column of `b`, row-major, by its solution.
  private func solve(
    _ b: inout [Double], columns: Int, threads: Int,
    _ solver: (UnsafePointer<Double>, Int, UnsafeMutablePointer<Double>, Int, Int) -> Void
  ) {
    r.withUnsafeBufferPointer { r in
      b.withUnsafeMutableBufferPointer { b in solver(r.baseAddress!, order, b.baseAddress!, columns, threads) }
    }
  }

  private static func transposed(_ a: [Double], rows: Int, columns: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: a.count) { b, count in
      DenseLoops.forEachSquare(rows: rows, columns: columns) { i, j in b[j * rows + i] = a[i * columns + j] }
      count = a.count
    }
  }
}
