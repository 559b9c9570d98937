import Descent

extension SparseRows {
  /// aᵢ · x.
  func product(row: Int, with x: [Double]) -> Double {
    var sum = 0.0
    for k in rowStarts[row]..<rowStarts[row + 1] { sum += Double(values[k]) * x[Int(columns[k])] }
    return sum
  }

  /// The largest ‖aᵢ‖².
  var largestSquaredNorm: Double {
    (0..<rowCount).map { row in
      values[rowStarts[row]..<rowStarts[row + 1]].reduce(0) { $0 + Double($1) * Double($1) }
    }.max() ?? 0
  }

  /// An upper bound of the largest eigenvalue of Aᵀ A / n; close to it if all values have one sign.
  ///
  /// For M ≥ |Aᵀ A| and any v > 0 the eigenvalue is at most maxⱼ (M v)ⱼ / vⱼ (Collatz and Wielandt). With M = |A|ᵀ|A|
  /// and v from the power method, the bound falls toward M's own largest eigenvalue. The trace is another bound.
  func largestEigenvalueBound(iterations: Int = 30) -> Double {
    let count = Double(rowCount)
    var v = Array(repeating: 1.0, count: columnCount)
    var bound = values.reduce(0) { $0 + Double($1) * Double($1) } / count
    for _ in 0..<iterations {
      var product = Array(repeating: 0.0, count: columnCount)
      for row in 0..<rowCount {
        let elements = rowStarts[row]..<rowStarts[row + 1]
        var sum = 0.0
        for k in elements { sum += abs(Double(values[k])) * v[Int(columns[k])] }
        for k in elements { product[Int(columns[k])] += abs(Double(values[k])) * sum / count }
      }
      bound = min(bound, zip(product, v).reduce(0) { max($0, $1.0 / $1.1) })
      guard let largest = product.max(), largest > 0 else { break }
      // Kept positive, so that each v gives a bound.
      v = product.map { max($0 / largest, 1e-200) }
    }
    return bound
  }
}
