/// The eigenvalues and eigenvectors of a symmetric matrix: by Jacobi's method with cyclic sweeps up to an order of 32,
/// above by way of a tridiagonal matrix, ``TridiagonalReduction`` and ``TridiagonalEigen``.
///
///     A = V diag(λ) Vᵀ,  VᵀV = I
///
/// Each of Jacobi's rotations of rows and columns p and q makes a_pq zero, and lowers the sum of squares off the
/// diagonal, in the end quadratically. It is the most exact of the dense methods: if its scaling allows it, a positive
/// definite matrix's small eigenvalues have full relative precision (Demmel & Veselić 1992), which inverse roots need.
/// By way of a tridiagonal matrix they are exact relative to the largest one.
///
/// Complexity: about 6 n³ multiplications a sweep, 6 to 10 sweeps; by way of a tridiagonal matrix 3 n³ to 5 n³, most of
/// them in matrix products.
@usableFromInline package struct SymmetricEigen: Sendable {
  private static let largestOrderOfJacobi = 32

  /// n.
  package let order: Int
  /// λ, rising. All NaN if the matrix has an element that is infinite or not a number.
  @usableFromInline package let values: [Double]
  /// V, row-major n×n: column j belongs to eigenvalue j.
  @usableFromInline package let vectors: [Double]
  private let threads: Int

  /// - Parameters:
  ///   - matrix: A, row-major n×n. The mean of A and Aᵀ is decomposed.
  ///   - order: n ≥ 0.
  ///   - threads: How many threads may work on it. The bits are the same for every number.
  @usableFromInline package init(_ matrix: [Double], order n: Int, threads: Int = 1) {
    precondition(n >= 0 && matrix.count == n * n, "a matrix of order \(n) has \(n * n) elements, not \(matrix.count)")
    order = n
    self.threads = threads
    let largest = matrix.reduce(0) { Double.maximum($0, $1.magnitude) }
    guard matrix.allSatisfy(\.isFinite) else {
      values = Array(repeating: .nan, count: n)
      vectors = Array(repeating: .nan, count: n * n)
      return
    }
    // By a power of two, which rounds nothing: no square below overflows.
    let scale = largest > 0 ? Double(sign: .plus, exponent: largest.exponent, significand: 1) : 1
    var a = Self.symmetricPart(of: matrix, order: n, scale: scale)
    // Vᵀ, so that a rotation works on two contiguous rows.
    var v = [Double](repeating: 0, count: n * n)
    var diagonal = [Double](repeating: 0, count: n)
    if n <= Self.largestOrderOfJacobi || !Self.decompose(&a, order: n, into: &v, &diagonal, threads: threads) {
      a = Self.symmetricPart(of: matrix, order: n, scale: scale)
      for k in 0..<(n * n) { v[k] = k / n == k % n ? 1 : 0 }
      a.withUnsafeMutableBufferPointer { a in v.withUnsafeMutableBufferPointer { Self.diagonalize(a, $0, order: n) } }
      diagonal = (0..<n).map { a[$0 * n + $0] }
    }
    let sorted = (0..<n).sorted { diagonal[$0] < diagonal[$1] }
    values = sorted.map { diagonal[$0] * scale }
    vectors = [Double](unsafeUninitializedCapacity: n * n) { vectors, count in
      v.withUnsafeBufferPointer { v in
        DenseLoops.forEachSquare(rows: n, columns: n) { i, j in vectors[i * n + j] = v[sorted[j] * n + i] }
      }
      count = n * n
    }
  }

  private static func symmetricPart(of matrix: [Double], order n: Int, scale: Double) -> [Double] {
    let inverse = 1 / scale
    guard inverse.isNormal else {
      return (0..<(n * n)).map { 0.5 * (matrix[$0] / scale) + 0.5 * (matrix[$0 % n * n + $0 / n] / scale) }
    }
    return [Double](unsafeUninitializedCapacity: n * n) { a, count in
      matrix.withUnsafeBufferPointer { matrix in
        DenseLoops.forEachSquare(rows: n, columns: n) { i, j in
          a[i * n + j] = 0.5 * (matrix[i * n + j] * inverse) + 0.5 * (matrix[j * n + i] * inverse)
        }
      }
      count = n * n
    }
  }

  /// By way of a tridiagonal matrix: the eigenvalues, and the eigenvectors as rows of `v`. False if one does not
  /// converge.
  private static func decompose(
    _ a: inout [Double], order n: Int, into v: inout [Double], _ diagonal: inout [Double], threads: Int
  ) -> Bool {
    a.withUnsafeMutableBufferPointer { a in
      v.withUnsafeMutableBufferPointer { v in
        let reduction = TridiagonalReduction(a.baseAddress!, order: n, threads: threads)
        diagonal = reduction.diagonal
        var beside = reduction.beside
        guard TridiagonalEigen.decompose(&diagonal, &beside, into: v.baseAddress!, threads: threads) else {
          return false
        }
        reduction.apply(toRows: v.baseAddress!)
        return true
      }
    }
  }

  /// V diag(f(λ)) Vᵀ, row-major n×n: the function f of the matrix, for example its inverse root.
  package func matrix(_ f: (Double) throws -> Double) rethrows -> [Double] {
    let n = order
    let mapped = try values.map(f)
    guard n > 0 else { return [] }
    var scaled = vectors
    for i in 0..<n {
      for j in 0..<n { scaled[i * n + j] *= mapped[j] }
    }
    return [Double](unsafeUninitializedCapacity: n * n) { result, count in
      scaled.withUnsafeBufferPointer { scaled in
        vectors.withUnsafeBufferPointer { vectors in
          Double.multiply(
            MatrixView(scaled.baseAddress!, rows: n, columns: n),
            MatrixView(vectors.baseAddress!, rows: n, columns: n).transposed, into: result.baseAddress!,
            part: .symmetric, threads: threads)
        }
      }
      count = n * n
    }
  }

  /// Sweeps until no element off the diagonal matters.
  private static func diagonalize(
    _ a: UnsafeMutableBufferPointer<Double>, _ v: UnsafeMutableBufferPointer<Double>, order n: Int
  ) {
    let mostSweeps = 60
    for _ in 0..<mostSweeps {
      var isDiagonal = true
      for p in 0..<max(0, n - 1) {
        for q in (p + 1)..<n {
          let (app, aqq, apq) = (a[p * n + p], a[q * n + q], a[p * n + q])
          // The elements are at most 1: one below 2⁻¹⁰⁰ is negligible even beside a zero on the diagonal.
          guard apq.magnitude > max(0x1p-54 * (app * aqq).magnitude.squareRoot(), 0x1p-100) else { continue }
          isDiagonal = false
          // tan of the smaller of the two angles that make a_pq zero (Rutishauser 1966).
          let θ = 0.5 * (aqq - app) / apq
          let t = (θ < 0 ? -1 : 1) / (θ.magnitude + (1 + θ * θ).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          let s = t * c
          let τ = s / (1 + c)
          for k in 0..<n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            a[p * n + k] = x - s * (y + τ * x)
            a[q * n + k] = y + s * (x - τ * y)
            let (vx, vy) = (v[p * n + k], v[q * n + k])
            v[p * n + k] = vx - s * (vy + τ * vx)
            v[q * n + k] = vy + s * (vx - τ * vy)
          }
          // The columns are the rows' mirror images; the four elements in which they meet are known.
          for k in 0..<n {
            a[k * n + p] = a[p * n + k]
            a[k * n + q] = a[q * n + k]
          }
          a[p * n + p] = app - t * apq
          a[q * n + q] = aqq + t * apq
          a[p * n + q] = 0
          a[q * n + p] = 0
        }
      }
      if isDiagonal { return }
    }
  }
}
