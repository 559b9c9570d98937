/// The eigenvalues and eigenvectors of a symmetric matrix: by Jacobi's method with cyclic sweeps up to an order of 32,
/// above by ``TridiagonalEigen``.
///
///     A = V diag(λ) Vᵀ,  VᵀV = I
///
/// Each of Jacobi's rotations of rows and columns p and q makes a_pq zero; the sum of the other elements' squares falls
/// with every one, in the end quadratically. Of the dense methods it is the most exact: a positive definite matrix's
/// small eigenvalues come out to full relative precision where its scaling allows it (Demmel & Veselić 1992), which
/// inverse roots need.
///
/// Complexity: about 6 n³ multiplications a sweep, 6 to 10 sweeps.
package struct SymmetricEigen: Sendable {
  private static let largestOrderOfJacobi = 32

  /// n.
  package let order: Int
  /// λ, rising. All NaN if the matrix has an element that is infinite or not a number.
  package let values: [Double]
  /// V, row-major n×n: column j belongs to eigenvalue j.
  package let vectors: [Double]

  /// - Parameters:
  ///   - matrix: A, row-major n×n. The mean of A and Aᵀ is decomposed.
  ///   - order: n ≥ 0.
  package init(_ matrix: [Double], order n: Int) {
    precondition(n >= 0 && matrix.count == n * n, "a matrix of order \(n) has \(n * n) elements, not \(matrix.count)")
    order = n
    let largest = matrix.reduce(0) { Double.maximum($0, $1.magnitude) }
    guard matrix.allSatisfy(\.isFinite) else {
      values = Array(repeating: .nan, count: n)
      vectors = Array(repeating: .nan, count: n * n)
      return
    }
    // By a power of two, which rounds nothing: no square below overflows.
    let scale = largest > 0 ? Double(sign: .plus, exponent: largest.exponent, significand: 1) : 1
    var a = [Double](unsafeUninitializedCapacity: n * n) { a, count in
      for i in 0..<n {
        for j in 0..<n { a[i * n + j] = 0.5 * (matrix[i * n + j] / scale) + 0.5 * (matrix[j * n + i] / scale) }
      }
      count = n * n
    }
    // Vᵀ, so that a rotation works on two contiguous rows.
    var v = [Double](repeating: 0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    a.withUnsafeMutableBufferPointer { a in
      v.withUnsafeMutableBufferPointer { v in
        if n > Self.largestOrderOfJacobi {
          let original = Array(a)
          if TridiagonalEigen.diagonalize(a, v, order: n) { return }
          _ = a.update(fromContentsOf: original)
          v.update(repeating: 0)
          for i in 0..<n { v[i * n + i] = 1 }
        }
        Self.diagonalize(a, v, order: n)
      }
    }
    let order = (0..<n).sorted { a[$0 * n + $0] < a[$1 * n + $1] }
    values = order.map { a[$0 * n + $0] * scale }
    vectors = [Double](unsafeUninitializedCapacity: n * n) { vectors, count in
      for (j, row) in order.enumerated() {
        for i in 0..<n { vectors[i * n + j] = v[row * n + i] }
      }
      count = n * n
    }
  }

  /// V diag(f(λ)) Vᵀ, row-major n×n: the function f of the matrix, for example its inverse root.
  package func matrix(_ f: (Double) throws -> Double) rethrows -> [Double] {
    let n = order
    let mapped = try values.map(f)
    guard n > 0 else { return [] }
    let scaled = vectors.indices.map { vectors[$0] * mapped[$0 % n] }
    return [Double](unsafeUninitializedCapacity: n * n) { result, count in
      scaled.withUnsafeBufferPointer { scaled in
        vectors.withUnsafeBufferPointer { vectors in
          Double.multiply(
            MatrixView(scaled.baseAddress!, rows: n, columns: n),
            MatrixView(vectors.baseAddress!, rows: n, columns: n).transposed, into: result.baseAddress!,
            isSymmetric: true)
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
          // The elements are at most 1: what is below 2⁻¹⁰⁰ of that is nothing beside a zero of the diagonal either.
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
