import Descent
import RealModule
import Testing

/// RAdam's rectification, section 3 of its paper.
@Suite struct RectificationTests {
  /// ρₜ, which tends to ρ∞ = 1999, and rₜ, which tends to 1.
  @Test func factorAndLength() {
    let rectification = Rectification(beta2: 0.999)
    for (t, length) in [1.0, 1.9995, 2.9987, 3.9975, 4.9960, 5.9942].enumerated() {
      #expect(abs(rectification.length(at: t + 1) - length) < 5e-5)
    }
    #expect(rectification.factor(at: 4, above: .four) == nil && rectification.factor(at: 5, above: .four) != nil)
    #expect(rectification.factor(at: 5, above: .five) == nil && rectification.factor(at: 6, above: .five) != nil)
    var last = 0.0
    for t in 5...40_000 {
      let r = rectification.factor(at: t, above: .four) ?? .nan
      #expect(last <= r && r <= 1, "step \(t)")
      last = r
    }
    #expect(last > 1 - 1e-12)
    // With such small β₂ the average never becomes long enough.
    for β2 in [0, 0.3, 0.59] {
      for t in [1, 2, 10, 1000] { #expect(Rectification(beta2: β2).factor(at: t, above: .four) == nil) }
    }
  }

  /// The two ways to compute ρₜ agree with the definition, both where they meet and far from the start.
  @Test func lengthIsTheDefinition() {
    for β2 in [0.5, 0.9, 0.99, 0.999, 0.9999] {
      let rectification = Rectification(beta2: β2)
      for t in Array(1...2000) {
        let power = Double.pow(β2, Double(t))
        let direct = rectification.limit - 2 * Double(t) * power / (1 - power)
        // The definition loses the digits by which ρ∞ is larger than 1.
        let tolerance = 1e-15 * rectification.limit / (1 - power)
        #expect(abs(rectification.length(at: t) - direct) <= tolerance, "β₂ = \(β2), step \(t)")
      }
    }
  }
}
