import RealModule

/// RAdam's rectification: how far the variance of an adaptive step is from its limit, and the factor that rectifies it
/// (Liu et al. 2020, section 3.3).
package struct Rectification {
  /// β₂ in [0, 1).
  package let beta2: Double

  package init(beta2: Double) { self.beta2 = beta2 }

  /// ρ∞ = 2 / (1 − β₂) − 1: the length of the simple average that corresponds to β₂.
  package var limit: Double { 2 / (1 - beta2) - 1 }

  /// ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ): the same length after t steps.
  ///
  /// While β₂ᵗ is near 1, the difference cancels: its terms are ρ∞ / ρₜ times as large as ρₜ. With y = −log β₂ it
  /// equals t + L(y / 2) − t L(t y / 2), where L(z) = coth z − 1 / z is about z / 3.
  package func length(at t: Int) -> Double {
    let y = -Double.log(beta2)
    let x = Double(t) * y
    guard x < 1 else { return limit - 2 * Double(t) / Double.expMinusOne(x) }
    return Double(t) + Self.cothMinusInverse(y / 2) - Double(t) * Self.cothMinusInverse(x / 2)
  }

  /// rₜ = √((ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ)), or nil if ρₜ is not above the threshold: the step is then
  /// not adaptive.
  package func factor(at t: Int, above threshold: RectificationThreshold) -> Double? {
    let ρ = length(at: t)
    guard ρ > threshold.length else { return nil }
    return ((ρ - 4) / (limit - 4) * ((ρ - 2) / (limit - 2)) * (limit / ρ)).squareRoot()
  }

  /// coth z − 1 / z for 0 ≤ z ≤ ½, by its continued fraction z / (3 + z² / (5 + z² / (7 + …))).
  private static func cothMinusInverse(_ z: Double) -> Double {
    z / stride(from: 19.0, through: 3, by: -2).reduce(21) { $1 + z * z / $0 }
  }
}

/// How long RAdam's average must be before a step is adaptive. For β₂ = 0.999, ρₜ = 1, 2.00, 3.00, 4.00, 4.996, 5.99,
/// ….
public enum RectificationThreshold: String, Codable, CaseIterable, Sendable {
  /// ρₜ > 4: the paper; Optimisers.jl. From step 5 on for β₂ = 0.999.
  case four
  /// ρₜ > 5: the authors' code and optax (≥ 5), torch (> 5). From step 6 on for β₂ = 0.999.
  case five

  var length: Double { self == .four ? 4 : 5 }
}
