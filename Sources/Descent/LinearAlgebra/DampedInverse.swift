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
    guard factor(f, order: n, damping: λ, into: inverse, threads: threads) else {
      inverse.update(repeating: .nan, count: n * n)
      return
    }
    PositiveMatrix.invertFactored(inverse, order: n, threads: threads)
    for i in 0..<(n * n) {
      let element = inverse[i]
      inverse[i] = element > limit ? limit : element < -limit ? -limit : element
    }
  }

  /// R with Rᵀ R = F + λ I, as ``PositiveMatrix/factor(_:order:threads:)`` leaves it.
  ///
  /// - Returns: False if F has an element that is not a number, or infinite.
  static func factor(
    _ f: UnsafePointer<Double>, order n: Int, damping λ: Double, into r: UnsafeMutablePointer<Double>, threads: Int
  ) -> Bool {
    var damping = λ
    let largest = (0..<n).reduce(0.0) { Double.maximum($0, f[$1 * n + $1]) }
    while true {
      r.update(from: f, count: n * n)
      for i in 0..<n { r[i * n + i] += damping }
      if PositiveMatrix.factor(r, order: n, threads: threads) { return true }
      guard damping.isFinite, (0..<(n * n)).allSatisfy({ f[$0].isFinite }) else { return false }
      damping = raised(damping, order: n, largest: largest)
    }
  }

  /// What is tried after a damping that was too small.
  @inline(__always)
  static func raised(_ damping: Double, order n: Int, largest: Double) -> Double {
    Double.maximum(8 * damping, Double.maximum(Double(n) * 0x1p-50 * largest, .leastNormalMagnitude))
  }
}
