/// Eigenvalues and eigenvectors of a symmetric matrix by way of a tridiagonal one: Householder's reflections, then QL
/// iterations with implicit shifts (Bowdler, Martin, Reinsch & Wilkinson 1968).
///
/// Several times less work than Jacobi's method, and in long vectors; eigenvalues are exact relative to the largest
/// one.
///
/// Complexity: about 10 n³ multiplications and additions.
struct TridiagonalEigen {
  private let n: Int
  private let a: UnsafeMutablePointer<Double>
  /// Vᵀ, so that a rotation works on two contiguous rows.
  private let v: UnsafeMutablePointer<Double>
  private var diagonal: [Double]
  /// Element i couples i and i + 1.
  private var beside: [Double]

  /// Makes `a` diagonal and `v` the eigenvectors, one a row. False, with both of no use, if an eigenvalue does not
  /// converge.
  static func diagonalize(
    _ a: UnsafeMutableBufferPointer<Double>, _ v: UnsafeMutableBufferPointer<Double>, order n: Int
  ) -> Bool {
    var solver = Self(n: n, a: a.baseAddress!, v: v.baseAddress!)
    solver.reduce()
    guard solver.iterate() else { return false }
    a.update(repeating: 0)
    for i in 0..<n { a[i * n + i] = solver.diagonal[i] }
    return true
  }

  private init(n: Int, a: UnsafeMutablePointer<Double>, v: UnsafeMutablePointer<Double>) {
    self.n = n
    self.a = a
    self.v = v
    diagonal = Array(repeating: 0, count: n)
    beside = diagonal
  }

  /// A = Q T Qᵀ with Qᵀ in `v`. Reflection k makes column k zero below the element beside the diagonal.
  private mutating func reduce() {
    let n = n
    var reflectors = [Double](repeating: 0, count: n * n)
    var product = [Double](repeating: 0, count: n)
    reflectors.withUnsafeMutableBufferPointer { reflectors in
      product.withUnsafeMutableBufferPointer { p in
        for k in 0..<max(0, n - 2) {
          let w = reflectors.baseAddress! + k * n
          beside[k] = reflector(of: k, into: w)
          guard w[k + 1] != 0 else { continue }
          // A ← H A H = A − w qᵀ − q wᵀ with H = I − w wᵀ, p = A w, q = p − ½ (wᵀ p) w.
          for j in (k + 1)..<n { p[j] = 0 }
          for i in (k + 1)..<n {
            let (wi, row) = (w[i], a + i * n)
            for j in (k + 1)..<n { p[j] += wi * row[j] }
          }
          var half = 0.0
          for j in (k + 1)..<n { half += w[j] * p[j] }
          half *= 0.5
          for j in (k + 1)..<n { p[j] -= half * w[j] }
          for i in (k + 1)..<n {
            let (wi, pi, row) = (w[i], p[i], a + i * n)
            for j in (k + 1)..<n { row[j] -= wi * p[j] + pi * w[j] }
          }
        }
        for i in 0..<n { diagonal[i] = a[i * n + i] }
        if n > 1 { beside[n - 2] = a[(n - 1) * n + n - 2] }
        // Q = H₀ H₁ …, from the last reflection to the first, in `a`.
        a.update(repeating: 0, count: n * n)
        for i in 0..<n { a[i * n + i] = 1 }
        for k in (0..<max(0, n - 2)).reversed() {
          let w = reflectors.baseAddress! + k * n
          for j in (k + 1)..<n { p[j] = 0 }
          for i in (k + 1)..<n {
            let (wi, row) = (w[i], a + i * n)
            for j in (k + 1)..<n { p[j] += wi * row[j] }
          }
          for i in (k + 1)..<n {
            let (wi, row) = (w[i], a + i * n)
            for j in (k + 1)..<n { row[j] -= wi * p[j] }
          }
        }
        for i in 0..<n {
          for j in 0..<n { v[i * n + j] = a[j * n + i] }
        }
      }
    }
  }

  /// Writes w with (I − w wᵀ) x = r e₁ for x = column k below the diagonal; w = 0 if x is zero but for its first
  /// element. Returns r.
  private func reflector(of k: Int, into w: UnsafeMutablePointer<Double>) -> Double {
    let first = a[(k + 1) * n + k]
    var largest = 0.0
    for i in (k + 2)..<n { largest = max(largest, a[i * n + k].magnitude) }
    guard largest > 0 else { return first }
    largest = max(largest, first.magnitude)
    var sum = 0.0
    for i in (k + 1)..<n {
      w[i] = a[i * n + k] / largest
      sum += w[i] * w[i]
    }
    // Away from zero, so that nothing cancels; ‖w‖² = 2 after scaling.
    let norm = first < 0 ? -sum.squareRoot() : sum.squareRoot()
    let factor = 1 / (norm * (norm + w[k + 1])).squareRoot()
    w[k + 1] += norm
    for i in (k + 1)..<n { w[i] *= factor }
    return -norm * largest
  }

  /// QL iterations, each on a part of the matrix that no zero divides, until nothing beside the diagonal matters.
  private mutating func iterate() -> Bool {
    for first in 0..<n {
      var iterations = 0
      while true {
        var last = first
        while last < n - 1, matters(last) { last += 1 }
        if last == first { break }
        iterations += 1
        guard iterations <= 60 else { return false }
        sweep(first, last)
      }
    }
    return true
  }

  private func matters(_ i: Int) -> Bool {
    beside[i].magnitude > max(0x1p-53 * (diagonal[i].magnitude + diagonal[i + 1].magnitude), 0x1p-500)
  }

  /// One QL step with Wilkinson's shift, whose bulge is chased from the last row to the first.
  private mutating func sweep(_ first: Int, _ last: Int) {
    let ratio = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first])
    let root = (ratio * ratio + 1).squareRoot()
    var g = diagonal[last] - diagonal[first] + beside[first] / (ratio + (ratio < 0 ? -root : root))
    var (s, c, shift) = (1.0, 1.0, 0.0)
    for i in (first..<last).reversed() {
      let f = s * beside[i]
      let b = c * beside[i]
      let r = (f * f + g * g).squareRoot()
      beside[i + 1] = r
      guard r > 0 else {
        // The matrix has split here.
        diagonal[i + 1] -= shift
        beside[last] = 0
        return
      }
      s = f / r
      c = g / r
      g = diagonal[i + 1] - shift
      let turned = (diagonal[i] - g) * s + 2 * c * b
      shift = s * turned
      diagonal[i + 1] = g + shift
      g = c * turned - b
      let (x, y) = (v + i * n, v + (i + 1) * n)
      for k in 0..<n {
        let (xk, yk) = (x[k], y[k])
        y[k] = s * xk + c * yk
        x[k] = c * xk - s * yk
      }
    }
    diagonal[first] -= shift
    beside[first] = g
    beside[last] = 0
  }
}
