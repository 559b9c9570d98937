/// The eigenvalues of a diagonal matrix plus a matrix of rank one: the roots of
///
///     1 ÷ ρ + Σ zᵢ² ÷ (dᵢ − λ) = 0
///
/// for ρ > 0, rising d and nonzero z. Root j lies between dⱼ and dⱼ₊₁, the last one above all d. Each is found as its
/// distance from the nearer of the two, which alone keeps the differences dᵢ − λ exact.
///
/// The function is interpolated by a rational one with both poles. At the current point it has the same sum of the
/// terms on the left, the same sum of those on the right, and their derivatives (Li 1994, "the middle way").
struct SecularEquation {
  private typealias Lane = SIMD8<Double>

  let count: Int
  let d, squares: UnsafePointer<Double>
  let inverse: Double

  /// - Parameters:
  ///   - d: dᵢ.
  ///   - squares: zᵢ².
  ///   - ρ: ρ.
  init(_ d: UnsafePointer<Double>, squares: UnsafePointer<Double>, ρ: Double, count: Int) {
    (self.d, self.squares, self.count) = (d, squares, count)
    inverse = 1 / ρ
  }

  /// Root `j`; writes dᵢ − λ.
  func root(_ j: Int, differences: UnsafeMutablePointer<Double>) -> Double {
    guard count > 1 else {
      let τ = squares[0] / inverse
      differences[0] = -τ
      return d[0] + τ
    }
    let (origin, τ) = j < count - 1 ? inner(j, differences) : last(differences)
    for i in 0..<count { differences[i] = (d[i] - d[origin]) - τ }
    return d[origin] + τ
  }

  private func inner(_ j: Int, _ poles: UnsafeMutablePointer<Double>) -> (origin: Int, τ: Double) {
    let gap = d[j + 1] - d[j]
    let (z0, z1) = (squares[j], squares[j + 1])
    // The sign at the middle says in which half the root is; the other terms' value there starts the search.
    for i in 0..<count { poles[i] = (d[i] - d[j]) - 0.5 * gap }
    let others = inverse + sums(poles, 0, 0..<j).value + sums(poles, 0, (j + 2)..<max(j + 2, count)).value
    let isLeft = others - z0 / (0.5 * gap) + z1 / (0.5 * gap) >= 0
    let origin = isLeft ? j : j + 1
    for i in 0..<count { poles[i] = d[i] - d[origin] }
    let a = others * gap + (isLeft ? z0 + z1 : -z0 - z1)
    let b = isLeft ? z0 * gap : -z1 * gap
    let root = (a * a - 4 * others * b).magnitude.squareRoot()
    let start: Double
    if isLeft {
      start = a > 0 ? 2 * b / (a + root) : (a - root) / (2 * others)
    } else {
      start = a < 0 ? -2 * b / (a - root) : -(a + root) / (2 * others)
    }
    let bounds = isLeft ? (0, 0.5 * gap) : (-0.5 * gap, 0)
    return (origin, search(poles, split: j, from: start, between: bounds, isLast: false))
  }

  private func last(_ poles: UnsafeMutablePointer<Double>) -> (origin: Int, τ: Double) {
    let k = count - 1
    for i in 0..<count { poles[i] = d[i] - d[k] }
    var total = 0.0
    for i in 0..<count { total += squares[i] }
    let most = total / inverse
    let others = inverse + sums(poles, 0.5 * most, 0..<(k - 1)).value
    let gap = d[k] - d[k - 1]
    let a = squares[k - 1] + squares[k] - others * gap
    let b = squares[k] * gap
    let root = (a * a + 4 * b * others).magnitude.squareRoot()
    let start = a < 0 ? 2 * b / (root - a) : (a + root) / (2 * others)
    return (k, search(poles, split: k - 1, from: start, between: (0, most), isLast: true))
  }

  /// The root between the bounds: the function is negative at the lower one, positive at the upper one. The terms up
  /// to `split` are the left ones.
  private func search(
    _ poles: UnsafePointer<Double>, split: Int, from start: Double, between bounds: (Double, Double),
    isLast: Bool
  ) -> Double {
    var (low, high) = bounds
    var τ = start > low && start < high ? start : 0.5 * (low + high)
    for _ in 0..<120 {
      let left = sums(poles, τ, 0..<(split + 1))
      let right = sums(poles, τ, (split + 1)..<count)
      let f = inverse + left.value + right.value
      let slope = left.slope + right.slope
      // The most that rounding alone can make of a zero.
      let bound = 8 * (left.value.magnitude + right.value.magnitude) + inverse + τ.magnitude * slope
      if f.magnitude <= 0x1p-53 * bound { break }
      if f < 0 { low = τ } else { high = τ }
      let (p, q) = (poles[split] - τ, poles[split + 1] - τ)
      let c = f - p * left.slope - q * right.slope
      let a = (p + q) * f - p * q * slope
      let b = p * q * f
      let root = (a * a - 4 * b * c).magnitude.squareRoot()
      var step: Double
      if isLast {
        step = a >= 0 ? (a + root) / (2 * c) : 2 * b / (a - root)
      } else {
        step = a <= 0 ? (a - root) / (2 * c) : 2 * b / (a + root)
      }
      if !(f * step < 0) { step = -f / slope }
      var next = τ + step
      if !(next > low && next < high) { next = 0.5 * (low + high) }
      if next == τ || next <= low || next >= high { break }
      τ = next
    }
    return τ
  }

  /// Σ zᵢ² ÷ (poleᵢ − τ) and its derivative.
  @inline(__always)
  private func sums(
    _ poles: UnsafePointer<Double>, _ τ: Double, _ range: Range<Int>
  ) -> (value: Double, slope: Double) {
    var (values, slopes) = (Lane.zero, Lane.zero)
    var i = range.lowerBound
    while i + 8 <= range.upperBound {
      let inverses = 1 / (UnsafeRawPointer(poles + i).loadUnaligned(as: Lane.self) - τ)
      let terms = UnsafeRawPointer(squares + i).loadUnaligned(as: Lane.self) * inverses
      values += terms
      slopes += terms * inverses
      i += 8
    }
    var (value, slope) = (values.sum(), slopes.sum())
    while i < range.upperBound {
      let inverse = 1 / (poles[i] - τ)
      let term = squares[i] * inverse
      value += term
      slope += term * inverse
      i += 1
    }
    return (value, slope)
  }
}
