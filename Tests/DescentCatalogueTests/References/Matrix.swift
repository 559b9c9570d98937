import RealModule

/// Dense matrices in the precision of `T`. Where possible, the algorithms differ from the package's.
struct Matrix<T: ReferenceScalar>: Sendable {
  var rows: [[T]]

  init(_ rows: [[T]]) { self.rows = rows }
  init(_ values: [T], columns: Int) {
    rows = stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<($0 + columns)]) }
  }
  static func identity(_ n: Int) -> Self { Matrix((0..<n).map { i in (0..<n).map { $0 == i ? 1 : 0 } }) }

  var count: Int { rows.count }
  var columns: Int { rows[0].count }
  var values: [T] { rows.flatMap { $0 } }
  var transposed: Self { Matrix((0..<columns).map { j in rows.map { $0[j] } }) }

  static func * (a: Self, b: Self) -> Self {
    let bT = b.transposed.rows
    return Matrix(
      a.rows.map { row in
        bT.map { column in
          var sum: T = 0
          for k in row.indices { sum += row[k] * column[k] }
          return sum
        }
      })
  }
  static func + (a: Self, b: Self) -> Self { Matrix(zip(a.rows, b.rows).map { zip($0, $1).map { $0 + $1 } }) }
  static func * (s: T, a: Self) -> Self { Matrix(a.rows.map { $0.map { s * $0 } }) }

  /// Eigenvalues and eigenvectors (columns) of a symmetric matrix. Each rotation makes the largest off-diagonal element
  /// zero, as Jacobi did.
  var eigen: (values: [T], vectors: Self) {
    var a = rows
    let n = count
    var v = Self.identity(n).rows
    let scale = a.reduce(0) { $1.reduce($0) { max($0, abs($1)) } }
    for _ in 0..<(40 * n * n) {
      var (p, q, largest) = (0, 0, T(0))
      for i in 0..<n {
        for j in 0..<i where abs(a[i][j]) > largest { (p, q, largest) = (j, i, abs(a[i][j])) }
      }
      if largest <= scale * T.ulpOfOne * T.ulpOfOne { break }
      let φ = T.atan2(y: 2 * a[p][q], x: a[q][q] - a[p][p]) / 2
      let (c, s) = (T.cos(φ), T.sin(φ))
      for k in 0..<n {
        (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
      }
      for k in 0..<n {
        (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
        (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q])
      }
      (a[p][q], a[q][p]) = (0, 0)
    }
    return ((0..<n).map { a[$0][$0] }, Matrix(v))
  }

  /// V f(λ) Vᵀ.
  func mapEigenvalues(_ f: (_ λ: T, _ all: [T]) -> T) -> Self {
    let (values, vectors) = eigen
    let diagonal = Matrix(values.indices.map { i in values.indices.map { $0 == i ? f(values[i], values) : 0 } })
    return vectors * diagonal * vectors.transposed
  }

  /// The orthogonal factor of a square matrix for which the triangular factor has a positive diagonal, by Gram and
  /// Schmidt's method, applied twice.
  var orthogonalized: Self {
    var q: [[T]] = []
    for column in transposed.rows {
      var x = column
      for _ in 0..<2 {
        for e in q {
          let product = zip(x, e).reduce(0) { $0 + $1.0 * $1.1 }
          x = zip(x, e).map { $0 - product * $1 }
        }
        let norm = T.sqrt(x.reduce(0) { $0 + $1 * $1 })
        x = x.map { $0 / norm }
      }
      q.append(x)
    }
    return Matrix(q).transposed
  }
}
