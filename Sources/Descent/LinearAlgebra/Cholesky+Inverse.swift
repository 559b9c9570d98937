extension Cholesky {
  /// A⁻¹, row-major; nil if A is not positive definite to rounding.
  @usableFromInline package static func inverse(of matrix: [Double], order n: Int, threads: Int) -> [Double]? {
    guard let factor = Cholesky(matrix, order: n) else { return nil }
    var inverse = [Double](repeating: 0, count: n * n)
    for j in 0..<n {
      var unit = [Double](repeating: 0, count: n)
      unit[j] = 1
      let column = factor.solve(unit)
      for i in 0..<n { inverse[j * n + i] = column[i] }
    }
    return inverse
  }
}
