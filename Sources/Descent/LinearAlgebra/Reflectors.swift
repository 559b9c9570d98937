/// Householder's reflection H = I − w wᵀ with ‖w‖² = 2, or w = 0 if nothing is to be reflected.
enum Reflector {
  /// Writes w with H x = r e₁, and returns r. If x is zero below its first element, w is 0.
  static func make(
    of x: UnsafePointer<Double>, count: Int, into w: UnsafeMutablePointer<Double>
  ) -> Double {
    w.update(repeating: 0, count: count)
    var largest = 0.0
    for i in 1..<max(count, 1) { largest = Double.maximum(largest, x[i].magnitude) }
    guard largest > 0 else { return count > 0 ? x[0] : 0 }
    largest = max(largest, x[0].magnitude)
    // A power of two, which rounds nothing, so that no square overflows.
    let scale = Double(sign: .plus, exponent: -largest.exponent, significand: 1)
    for i in 0..<count { w[i] = x[i] * scale }
    // Away from zero, so that nothing cancels.
    let length = DenseLoops.dot(w, w, count: count).squareRoot()
    let norm = w[0] < 0 ? -length : length
    let factor = 1 / (norm * (norm + w[0])).squareRoot()
    w[0] += norm
    for i in 0..<count { w[i] *= factor }
    return -norm / scale
  }
}

/// A product of reflections H₀ H₁ … as one, so that it is applied by matrix products (Schreiber & Van Loan 1989).
///
///     H₀ H₁ … = I − Wᵀ T W
///
/// with the vectors w as the rows of W and an upper triangular T.
struct BlockReflector {
  /// The number of reflections that are best taken together.
  static let size = 32

  private let w: MatrixView<Double>
  private let t: [Double]

  /// - Parameter w: W, whose rows are contiguous.
  init(_ w: MatrixView<Double>) {
    self.w = w
    let k = w.rows
    var products = [Double](repeating: 0, count: k * k)
    Double.multiply(w, w.transposed, into: &products, part: .symmetric, threads: 1)
    // Column j of T: 1 below −T W wⱼ.
    var t = [Double](repeating: 0, count: k * k)
    for j in 0..<k {
      for i in 0..<j {
        var sum = 0.0
        for l in i..<j { sum += t[i * k + l] * products[l * k + j] }
        t[i * k + j] = -sum
      }
      t[j * k + j] = 1
    }
    self.t = t
  }

  /// Replaces each row x by H₀ H₁ … x or, if `isTransposed`, by … H₁ H₀ x.
  func apply(toRows x: UnsafeMutablePointer<Double>, rows m: Int, rowStride: Int, isTransposed: Bool, threads: Int) {
    let k = w.rows
    guard m > 0 && k > 0 else { return }
    // X ← X − (X Wᵀ) Tᵀ W, or with T for Tᵀ.
    withTemporaryMemory(of: Double.self, count: 2 * m * k) { memory in
      let (products, turned) = (memory.baseAddress!, memory.baseAddress! + m * k)
      let rows = MatrixView(x, rows: m, columns: w.columns, rowStride: rowStride, columnStride: 1)
      Double.multiply(rows, w.transposed, into: products, threads: threads)
      t.map { -$0 }.withUnsafeBufferPointer { t in
        let t = MatrixView(t.baseAddress!, rows: k, columns: k)
        Double.multiply(
          MatrixView(products, rows: m, columns: k), isTransposed ? t : t.transposed, into: turned, threads: threads)
      }
      Double.multiply(
        MatrixView(turned, rows: m, columns: k), w, into: x, rowStride: rowStride, part: .whole, adds: true,
        threads: threads)
    }
  }
}
