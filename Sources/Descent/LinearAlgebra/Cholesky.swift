/// A symmetric positive definite matrix as L Lᵀ with a lower triangular L, for solving equations with it.
///
/// Complexity: n³ ÷ 6 multiplications, n² for each solution.
package struct Cholesky: Sendable {
  /// n.
  package let order: Int
  /// L, row-major n×n; zero above the diagonal.
  package let factor: [Double]

  /// - Parameters:
  ///   - matrix: A, row-major n×n; above the diagonal it is not read.
  ///   - order: n ≥ 0.
  /// - Returns: nil if A is not positive definite to rounding, or has an element that is not a number.
  package init?(_ matrix: [Double], order n: Int) {
    precondition(n >= 0 && matrix.count == n * n, "a matrix of order \(n) has \(n * n) elements, not \(matrix.count)")
    var l = [Double](repeating: 0, count: n * n)
    let isPositive = l.withUnsafeMutableBufferPointer { l in
      for i in 0..<n {
        for j in 0...i {
          let product = UnsafeBufferPointer(rebasing: l[(i * n)..<(i * n + j)]).dot(
            UnsafeBufferPointer(rebasing: l[(j * n)..<(j * n + j)]))
          let rest = matrix[i * n + j] - product
          if i == j {
            guard rest > 0, rest.isFinite else { return false }
            l[i * n + i] = rest.squareRoot()
          } else {
            l[i * n + j] = rest / l[j * n + j]
          }
        }
      }
      return true
    }
    guard isPositive else { return nil }
    order = n
    factor = l
  }

  /// A⁻¹ b.
  package func solve(_ b: [Double]) -> [Double] {
    var x = halfSolve(b)
    let n = order
    factor.withUnsafeBufferPointer { l in
      // Row by row, for the sake of the cache: once xᵢ is known, its part of the equations above is subtracted.
      x.withUnsafeMutableBufferPointer { x in
        for i in (0..<n).reversed() {
          let value = x[i] / l[i * n + i]
          x[i] = value
          UnsafeMutableBufferPointer(rebasing: x[..<i]).add(l.baseAddress! + i * n, times: -value)
        }
      }
    }
    return x
  }

  /// bᵀA⁻¹ b.
  package func inverseSquare(_ b: [Double]) -> Double {
    let x = halfSolve(b)
    return x.dot(x)
  }

  /// L⁻¹ b.
  private func halfSolve(_ b: [Double]) -> [Double] {
    precondition(b.count == order, "a vector of \(order) elements expected, \(b.count) found")
    let n = order
    var x = b
    factor.withUnsafeBufferPointer { l in
      x.withUnsafeMutableBufferPointer { x in
        for i in 0..<n {
          let row = UnsafeBufferPointer(rebasing: l[(i * n)..<(i * n + i)])
          x[i] = (x[i] - row.dot(UnsafeBufferPointer(x))) / l[i * n + i]
        }
      }
    }
    return x
  }
}
