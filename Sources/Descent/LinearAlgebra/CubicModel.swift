import RealModule

/// The cubic model of a function around a point, with a regularizer that bounds the step (Nesterov & Polyak 2006):
///
///     m(d) = gᵀd + ½ dᵀH d + (ρ ÷ 6) ‖d‖³
///
/// Its global minimizer is the d with
///
///     (H + σ I) d = −g,  σ = ρ ‖d‖ ÷ 2,  H + σ I ⪰ 0,
///
/// and is found exactly in H's eigenbasis: with s = σ + λ₁ ≥ max(0, λ₁) and gaps δᵢ = λᵢ − λ₁, the length of
/// dᵢ = −gᵢ ÷ (δᵢ + s) falls with s and that of the right side, 2 (s − λ₁) ÷ ρ, rises; they are bisected until s is exact
/// to its last place. In the hard case, where g has no part along the lowest eigenvector and λ₁ < 0, the lengths may not
/// meet for any s > 0; then s = 0, and the rest of the length lies along that eigenvector.
struct CubicModel {
  /// λ and V of H.
  let eigen: SymmetricEigen
  let gradient: [Double]
  /// ρ > 0.
  let regularization: Double

  /// The minimizer; nil if H or g is not finite.
  func minimizer() -> [Double]? {
    let n = gradient.count
    guard n > 0 else { return [] }
    let lowest = eigen.values[0]
    guard lowest.isFinite, gradient.allSatisfy(\.isFinite) else { return nil }
    // In the eigenbasis.
    var g = [Double](repeating: 0, count: n)
    for i in 0..<n { for j in 0..<n { g[j] += eigen.vectors[i * n + j] * gradient[i] } }
    let gaps = eigen.values.map { $0 - lowest }

    func step(_ s: Double) -> [Double] { (0..<n).map { g[$0] == 0 ? 0 : -g[$0] / (gaps[$0] + s) } }
    func length(_ s: Double) -> Double { 2 * (s - lowest) / regularization }

    let least = max(lowest, .leastNonzeroMagnitude)
    // Doubles that are not negative are ordered as their bits are: 64 halvings end at neighbors.
    var (low, high) = (least.bitPattern, Double.greatestFiniteMagnitude.bitPattern)
    while high > low + 1 {
      let middle = low + (high - low) / 2
      let s = Double(bitPattern: middle)
      if Self.norm(step(s)) > length(s) { low = middle } else { high = middle }
    }
    var d = step(Double(bitPattern: high))
    if high == least.bitPattern + 1, lowest < 0 {
      // The hard case: what the length lacks.
      let (length, norm) = (-2 * lowest / regularization, Self.norm(d))
      if norm < length {
        let ratio = norm / length
        d[0] += (g[0] > 0 ? -1 : 1) * length * ((1 - ratio) * (1 + ratio)).squareRoot()
      }
    }
    return (0..<n).map { i in
      var sum = 0.0
      for j in 0..<n { sum += eigen.vectors[i * n + j] * d[j] }
      return sum
    }
  }

  /// ‖x‖, even if its square overflows.
  private static func norm(_ x: [Double]) -> Double {
    let largest = x.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest.isFinite else { return largest }
    return largest * x.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }
}
