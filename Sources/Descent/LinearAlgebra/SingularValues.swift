/// The singular values of a matrix and its right singular vectors, by Jacobi's one-sided method (Hestenes 1958).
///
///     A = U diag(σ) Vᵀ;  A vₖ has length σₖ
///
/// Columns are rotated in pairs until all are orthogonal. Nothing is squared: small singular values are as exact as the
/// matrix allows.
///
/// Complexity: about 6 m n² multiplications a sweep, 6 to 10 sweeps; for small matrices.
package struct SingularValues: Sendable {
  /// σ, falling: min(m, n) values.
  package let values: [Double]
  /// v₁, v₂, …: of n elements each.
  package let right: [[Double]]

  /// - Parameter columns: The n columns of A, of m elements each.
  package init(columns: [[Double]]) {
    let (m, n) = (columns.first?.count ?? 0, columns.count)
    var a = columns
    var v = (0..<n).map { i in (0..<n).map { i == $0 ? 1.0 : 0 } }
    let mostSweeps = 60
    for _ in 0..<mostSweeps {
      var isOrthogonal = true
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) {
          let (α, β, γ) = (a[p].dot(a[p]), a[q].dot(a[q]), a[p].dot(a[q]))
          guard γ.magnitude > 0x1p-52 * α.squareRoot() * β.squareRoot(), γ.isFinite else { continue }
          isOrthogonal = false
          let ζ = (β - α) / (2 * γ)
          let t = (ζ < 0 ? -1 : 1) / (ζ.magnitude + (1 + ζ * ζ).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          Self.rotate(&a, p, q, cosine: c, sine: c * t)
          Self.rotate(&v, p, q, cosine: c, sine: c * t)
        }
      }
      if isOrthogonal { break }
    }
    let lengths = a.map(\.norm)
    let order = lengths.indices.sorted { lengths[$0] > lengths[$1] }.prefix(min(m, n))
    values = order.map { lengths[$0] }
    right = order.map { v[$0] }
  }

  private static func rotate(_ columns: inout [[Double]], _ p: Int, _ q: Int, cosine c: Double, sine s: Double) {
    for i in columns[p].indices {
      let (x, y) = (columns[p][i], columns[q][i])
      columns[p][i] = c * x - s * y
      columns[q][i] = s * x + c * y
    }
  }
}
