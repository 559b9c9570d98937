import Descent
import Testing

@testable import DescentLab

@Suite struct GradientNoiseTests {
  /// g₁ = (1, 2) of 2 examples, g₂ = (3, −1) of 3: g₁ · g₂ = 1, ‖g₁ − g₂‖² = 13, 1 / (1/2 + 1/3) = 6/5.
  @Test func isTheEstimateOfTheTwoHalves() {
    let noise = GradientNoise(dot: 1, squaredDistance: 13, counts: (2, 3))
    #expect(noise.signal == 1)
    #expect(abs(noise.trace - 13 * 6 / 5) < 1e-12)
    #expect(abs(noise.scale! - 15.6) < 1e-12)
    #expect(abs(noise.signalToNoise - 5 / 15.6) < 1e-12)
    #expect(GradientNoise(dot: -1, squaredDistance: 13, counts: (2, 3)).scale == nil)
  }

  /// For equal halves it is the paper's estimate:
  /// |G|² = (B |G_B|² − b |G_b|²) / (B − b), S = (|G_b|² − |G_B|²) / (1/b − 1/B).
  @Test func isThePapersForEqualHalves() {
    let (g1, g2) = ([0.5, -2, 3], [1.5, -1, -0.25])
    func square(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }
    let (b, B) = (16.0, 32.0)
    let small = (square(g1) + square(g2)) / 2
    let big = square(zip(g1, g2).map { ($0 + $1) / 2 })
    let noise = GradientNoise(
      dot: zip(g1, g2).reduce(0) { $0 + $1.0 * $1.1 }, squaredDistance: square(zip(g1, g2).map { $0 - $1 }),
      counts: (16, 16))
    #expect(abs(noise.signal - (B * big - b * small) / (B - b)) < 1e-12)
    #expect(abs(noise.trace - (small - big) / (1 / b - 1 / B)) < 1e-12)
  }

  /// Over many pairs of half batches with known mean and covariance, the mean of the estimates is near the true value.
  @Test func isWithoutBias() {
    var stream = RandomStream(seed: 5, name: "noise test")
    let (G, σ) = ([0.5, -1], [2.0, 0.5])
    var (signal, trace) = (0.0, 0.0)
    let count = 20_000
    for _ in 0..<count {
      func mean(of examples: Int) -> [Double] {
        var sum = [0.0, 0.0]
        for _ in 0..<examples { for i in 0..<2 { sum[i] += G[i] + σ[i] * stream.normal() } }
        return sum.map { $0 / Double(examples) }
      }
      let (a, b) = (mean(of: 2), mean(of: 3))
      let noise = GradientNoise(
        dot: a[0] * b[0] + a[1] * b[1],
        squaredDistance: (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]), counts: (2, 3))
      signal += noise.signal
      trace += noise.trace
    }
    #expect(abs(signal / Double(count) - 1.25) < 0.05)
    #expect(abs(trace / Double(count) - 4.25) < 0.1)
  }
}
