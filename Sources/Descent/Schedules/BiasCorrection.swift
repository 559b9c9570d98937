import RealModule

extension Schedule {
  /// 1 − β₁ β₂ … βₜ: the sum of the weights of an exponential average that started from zero, for β that may depend on
  /// the step; 1 − βᵗ for a constant one.
  ///
  /// Computed from logarithms, to keep its relative precision if β is near 1 and t is small.
  @usableFromInline
  func oneMinusProduct(through t: Int) -> Double { function.oneMinusProduct(through: t) }
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
