/// Matrix products in `Float` of matrices that are kept in `Double`: about twice as fast.
///
/// Each matrix is first multiplied by the power of two that brings its largest element to [1, 2), so that no square overflows, and
/// only what is below 2⁻¹²⁶ of the largest vanishes. The error is about √k half units of `Float` of |A| |B|, for k terms.
enum SingleProduct {
  /// C ← A B, row-major without gaps. A and B, or their transposes, are row-major without gaps.
  static func multiply(
    _ a: MatrixView<Double>, _ b: MatrixView<Double>, into c: UnsafeMutablePointer<Double>, part: ProductPart = .whole,
    threads: Int
  ) {
    let counts = (a: a.rows * a.columns, b: b.rows * b.columns, c: a.rows * b.columns)
    let isSquare = a.elements == b.elements && counts.a == counts.b
    withTemporaryMemory(of: Float.self, count: counts.a + (isSquare ? 0 : counts.b) + counts.c) { memory in
      guard let x = memory.baseAddress else { return }
      let scaleA = narrow(a.elements, into: x, count: counts.a)
      let y = isSquare ? x : x + counts.a
      let scaleB = isSquare ? scaleA : narrow(b.elements, into: y, count: counts.b)
      let z = y + counts.b
      Float.multiply(a.over(x), b.over(y), into: z, part: part, threads: threads)
      let scale = scaleA * scaleB
      for i in 0..<counts.c { c[i] = scale * Double(z[i]) }
    }
  }

  /// Rounds x ÷ s to `Float`, and returns s, a power of two.
  private static func narrow(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Float>, count: Int) -> Double {
    var largest = 0.0
    // NaN and infinity stay what they are.
    for i in 0..<count { largest = x[i].magnitude > largest ? x[i].magnitude : largest }
    let isScaled = largest >= .leastNormalMagnitude && largest.isFinite
    let scale = isScaled ? Double(sign: .plus, exponent: largest.exponent, significand: 1) : 1
    let factor = 1 / scale
    for i in 0..<count { y[i] = Float(factor * x[i]) }
    return scale
  }
}

extension MatrixView<Double> {
  /// The same matrix in other memory.
  fileprivate func over(_ elements: UnsafePointer<Float>) -> MatrixView<Float> {
    MatrixView<Float>(elements, rows: rows, columns: columns, rowStride: rowStride, columnStride: columnStride)
  }
}
