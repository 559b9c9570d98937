/// The inverse of a symmetric positive semidefinite matrix with damping, (F + λ I)⁻¹.
///
/// If F + λ I is not positive definite to rounding, λ is less than the rounding errors in F's small eigenvalues. It is
/// then raised to n 2⁻⁵⁰ times F's largest diagonal element, and by a factor of 8 as often as that is not enough.
@usableFromInline
enum DampedInverse {
  /// - Parameters:
  ///   - f: F, row-major n×n.
  ///   - limit: Bound of the inverse's elements, so that no product with them overflows.
  ///   - inverse: Replaced by the inverse; NaN if F has an element that is not a number.
  @usableFromInline
  static func compute(
    _ f: UnsafePointer<Double>, order n: Int, damping λ: Double, limit: Double,
    into inverse: UnsafeMutablePointer<Double>, threads: Int
  ) {
    var damping = λ
    let largest = (0..<n).reduce(0.0) { Double.maximum($0, f[$1 * n + $1]) }
    while true {
      inverse.update(from: f, count: n * n)
      for i in 0..<n { inverse[i * n + i] += damping }
      if Double.invertPositive(inverse, order: n, threads: threads) { break }
      guard damping.isFinite, (0..<(n * n)).allSatisfy({ f[$0].isFinite }) else {
        inverse.update(repeating: .nan, count: n * n)
        return
      }
      damping = raised(damping, order: n, largest: largest)
    }
    for i in 0..<(n * n) {
      let element = inverse[i]
      inverse[i] = element > limit ? limit : element < -limit ? -limit : element
    }
  }

  /// What is tried after a damping that was too small.
  @inline(__always)
  static func raised(_ damping: Double, order n: Int, largest: Double) -> Double {
    Double.maximum(8 * damping, Double.maximum(Double(n) * 0x1p-50 * largest, .leastNormalMagnitude))
  }
}
