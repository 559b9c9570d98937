import Descent
import DescentProblems
import RealModule
import Testing

/// Exactly when RMSProp converges on C x (t mod P = 1), −x (else).
///
/// In the periodic state let v₀ be the mean square right after the slope C, and vₖ the mean square k steps later:
///
///     v₀ = ((1 − β₂) C² + β₂ (1 − β₂ᴾ⁻¹)) / (1 − β₂ᴾ),   vₖ = β₂ᵏ v₀ + 1 − β₂ᵏ
///
/// A period moves x by α S with S = −C / √v₀ + Σ 1 / √vₖ over k = 1, …, P − 1: to −1 if S < 0, to +1 if S > 0. S falls as
/// β₂ rises, so there is one threshold; with C = P, the threshold rises toward 1.
@Suite struct RMSPropThresholdTests {
  /// S.
  private func drift(_ c: Double, _ period: Int, _ β2: Double) -> Double {
    func power(_ k: Int) -> Double { Double.pow(β2, Double(k)) }
    let v0 = ((1 - β2) * c * c + β2 * (1 - power(period - 1))) / (1 - power(period))
    return (1..<period).reduce(-c / v0.squareRoot()) { $0 + 1 / (power($1) * v0 + 1 - power($1)).squareRoot() }
  }

  /// Where S = 0.
  private func threshold(_ c: Double, _ period: Int) -> Double {
    var (low, high) = (1e-6, 1 - 1e-9)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if drift(c, period, middle) > 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// In the periodic state, a period moves x by α S, to rounding. This test has no bounds, because they would stop x.
  @Test(arguments: [(3, 3.0), (5, 5), (10, 10), (10, 12), (7, 30)]) func aPeriodMovesByS(_ period: Int, _ c: Double)
    throws
  {
    let reddi = Oracle(ReddiOnline(period: period, c: c, d: 1))
    for β2 in [0.1, 0.5, 0.9] {
      var x = try ParameterVector([0.0])
      var optimizer = try Optimizer(RMSProp<Double>(learningRate: 1, rho: β2, epsilon: 0), for: x)
      let settled = period * (1 + Int(40 / (1 - β2)) / period)
      var before = 0.0
      for t in 1...(settled + period) {
        if t == settled + 1 {
          before = x.values[0]
        }
        try optimizer.step(&x, gradient: try ParameterVector(reddi.observe(at: t, x.values).gradient))
      }
      let moved = x.values[0] - before
      // Relative to a period's steps and to the size of x.
      #expect(abs(moved - drift(c, period, β2)) < 1e-12 * (Double(period) + abs(before)), "β₂ = \(β2)")
    }
  }

  @Test func thereIsOneThresholdAndItIsThis() {
    let table: [(Int, Double)] = [
      (3, 0.4723), (4, 0.7006), (5, 0.8107), (6, 0.8705), (8, 0.9290), (10, 0.9554), (15, 0.9808), (20, 0.9894),
      (50, 0.99836), (101, 0.99960),
    ]
    for (c, expected) in table {
      #expect(abs(threshold(Double(c), c) - expected) < (c < 50 ? 5e-5 : 5e-6), "C = \(c): \(threshold(Double(c), c))")
      let drifts = (1..<1000).map { drift(Double(c), c, Double($0) / 1000) }
      let changes = zip(drifts, drifts.dropFirst()).filter { ($0 > 0) != ($1 > 0) }.count
      #expect(changes == (expected < 0.999 ? 1 : 0))
    }
    // The β₂ of Reddi, Kale and Kumar's theorem lies on the wrong side.
    for c in [2.1, 3, 5, 100] { #expect(drift(c, 3, 1 / (1 + c * c)) > 0) }
  }

  /// RMSProp itself on either side of the threshold, and Adam with β₁ = 0, whose correction is soon 1.
  @Test(arguments: [3, 5, 10]) func onEitherSideOfIt(_ period: Int) throws {
    let problem = ReddiOnline(period: period, c: Double(period), d: 1)
    let critical = threshold(Double(period), period)
    for (β2, sign) in [(1 - (1 - critical) * 0.9, -1.0), (1 - (1 - critical) * 1.1, 1)] {
      let rmsProp = RMSProp<Double>(learningRate: 0.02, rho: β2, epsilon: 0)
      let adam = Adam<Double>(learningRate: 0.02, beta1: 0, beta2: β2, epsilon: 0)
      let ends = [
        try run(rmsProp, on: Oracle(problem), steps: 20_000)[0], try run(adam, on: Oracle(problem), steps: 20_000)[0],
      ]
      // Within a period x moves up and down by some steps.
      for x in ends { #expect(x * sign > 0.8, "P = \(period), β₂ = \(β2): \(x)") }
    }
  }
}
