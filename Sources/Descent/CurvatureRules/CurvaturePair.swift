/// A change s of a point and the change y of the gradient there, of which a quasi-Newton method makes H, with H y = s.
@usableFromInline
struct CurvaturePair {
  @usableFromInline var s, y: [Double]

  @usableFromInline
  init(s: [Double], y: [Double]) { (self.s, self.y) = (s, y) }

  @inlinable
  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// Whether all numbers and their products are finite.
  @usableFromInline var isFinite: Bool {
    [Self.dot(s, s), Self.dot(y, y), Self.dot(s, y)].allSatisfy { $0.isFinite }
  }

  /// Whether sᵀy > ε ‖s‖² ‖g‖: Li and Fukushima's cautious update.
  @usableFromInline
  func isCurved(at g: [Double], threshold ε: Double) -> Bool {
    let sy = Self.dot(s, y)
    return sy > 0 && sy > ε * Self.dot(s, s) * Self.dot(g, g).squareRoot()
  }

  /// Double damping: afterwards sᵀy ≥ μ₁ yᵀHy of the y before, and sᵀy ≥ μ₂ ‖s‖².
  ///
  ///     if sᵀy < μ₁ yᵀHy:  s ← θ s + (1 − θ) H y,  θ = (1 − μ₁) yᵀHy / (yᵀHy − sᵀy)   (Powell's damping on H)
  ///     if sᵀy < μ₂ sᵀs:   y ← θ y + (1 − θ) s,    θ = (1 − μ₂) sᵀs / (sᵀs − sᵀy)
  ///
  /// The second average reaches any μ₂ < 1; from 1 on y ← y + (μ₂ − sᵀy / sᵀs) s has its place.
  @usableFromInline
  mutating func damp(hy: [Double], μ1: Double, μ2: Double) {
    let yHy = Self.dot(y, hy)
    var sy = Self.dot(s, y)
    if sy < μ1 * yHy {
      let θ = (1 - μ1) * yHy / (yHy - sy)
      s = zip(s, hy).map { θ * $0 + (1 - θ) * $1 }
      sy = Self.dot(s, y)
    }
    let ss = Self.dot(s, s)
    if sy < μ2 * ss {
      if μ2 < 1 {
        let θ = (1 - μ2) * ss / (ss - sy)
        y = zip(y, s).map { θ * $0 + (1 - θ) * $1 }
      } else {
        let δ = μ2 - sy / ss
        y = zip(y, s).map { $0 + δ * $1 }
      }
    }
  }
}
