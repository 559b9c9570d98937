import RealModule

extension Schedule {
  /// 1 − β₁ β₂ … βₜ: the sum of the weights of an exponential average that started from zero, for β that may depend on
  /// the step; 1 − βᵗ for a constant one.
  ///
  /// Computed from logarithms, to keep its relative precision if β is near 1 and t is small: 1 − `pow`(0.999, 1) would
  /// lose ten bits.
  @usableFromInline
  func oneMinusProduct(through t: Int) -> Double {
    switch self {
    case .constant(let β): return β == 0 ? 1 : -Double.expMinusOne(Double(t) * Double.log(β))
    case .exponential(let β, let λ):
      guard β != 0 else { return 1 }
      let sum = Double(t) * Double.log(β) + Double(t) * Double(t - 1) / 2 * Double.log(λ)
      return -Double.expMinusOne(sum)
    default: return Descent.oneMinusProduct(through: t) { oneMinus(at: $0) }
    }
  }
}

/// 1 − β₁ β₂ … βₜ for any βᵢ, given as 1 − βᵢ.
func oneMinusProduct(through t: Int, _ oneMinusβ: (_ i: Int) -> Double) -> Double {
  var sum = 0.0
  for i in 1...max(t, 1) {
    let weight = oneMinusβ(i)
    guard weight != 1 else { return 1 }
    sum += Double.log(onePlus: -weight)
    // The product no longer changes 1 − product.
    if sum < -40 { return 1 }
  }
  return -Double.expMinusOne(sum)
}
