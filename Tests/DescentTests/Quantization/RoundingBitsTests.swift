import CLanes
import Testing

@testable import Descent

/// The random bits of the rounding are uniform, and nearby ones are uncorrelated.
@Suite struct RoundingBitsTests {
  typealias Rule = Quantized<Adam<Float>, Block8>

  /// Numbers in [0, 1) for step t: for each slot, the elements of `blocks` blocks in order.
  static func numbers(t: Int, slot: Int, blocks: Int, seed: UInt64 = 0) -> [Double] {
    let c = Adam<Float>().quantized(.block8, seed: seed).coefficients(at: t)
    var r = Array(repeating: CodeLane.zero, count: 4)
    return (0..<blocks).flatMap { block in
      let seeds = lanes_random_seeds(c.key, Rule.word(of: block, key: c.blockKey))
      lanes_random_bits(seeds, UInt32(slot), 20, &r)
      return r.flatMap { lane in lane.indices.map { (Double(lane[$0]) + 0.5) / 0x1p20 } }
    }
  }

  /// √n times the correlation of x and y: N(0, 1) if they are independent.
  static func score(_ x: some Collection<Double>, _ y: some Collection<Double>) -> Double {
    let sum = zip(x, y).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) }
    return sum * 12 / Double(x.count).squareRoot()
  }

  @Test func areUniform() {
    for slot in 0..<4 {
      let x = Self.numbers(t: 5, slot: slot, blocks: 1000)
      let n = Double(x.count)
      #expect(abs(x.reduce(0, +) / n - 0.5) < 4 / (12 * n).squareRoot())
      var counts = Array(repeating: 0.0, count: 256)
      for u in x { counts[Int(u * 256)] += 1 }
      let expected = n / 256
      let χ2 = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
      // 255 degrees of freedom: 255 ± 22.6.
      #expect(abs(χ2 - 255) < 5 * 22.6, "slot \(slot): \(χ2)")
    }
  }

  @Test func areNotCorrelated() {
    let x = Self.numbers(t: 5, slot: 0, blocks: 1000)
    // Neighbouring elements, lanes, blocks.
    for distance in [1, 2, 3, 8, 15, 16, 17, 32, 48, 64, 128, 640] {
      #expect(abs(Self.score(x.dropLast(distance), x.dropFirst(distance))) < 4.5, "distance \(distance)")
    }
    for slot in 1..<5 {
      #expect(abs(Self.score(x, Self.numbers(t: 5, slot: slot, blocks: 1000))) < 4.5, "slot \(slot)")
    }
    for t in [1, 4, 6, 7, 1005] {
      #expect(abs(Self.score(x, Self.numbers(t: t, slot: 0, blocks: 1000))) < 4.5, "step \(t)")
    }
    #expect(abs(Self.score(x, Self.numbers(t: 5, slot: 0, blocks: 1000, seed: 1))) < 4.5)
  }

  /// Two neighbours are both rounded up as often as independent numbers, if each is with probability p.
  @Test(arguments: [0.5, 0.1, 0.01])
  func roundingsUpAreIndependent(p: Double) {
    let slots = (0..<2).map { slot in
      Self.numbers(t: 9, slot: slot, blocks: 1500).map { $0 > 1 - p }
    }
    let n = Double(slots[0].count)
    func expectIndependent(_ a: some Collection<Bool>, _ b: some Collection<Bool>, _ what: String) {
      let both = zip(a, b).reduce(0.0) { $0 + ($1.0 && $1.1 ? 1 : 0) }
      let expected = n * p * p
      #expect(abs(both - expected) < 5 * (expected * (1 - p * p)).squareRoot() + 5, "\(what): \(both), \(expected)")
    }
    for distance in [1, 2, 15, 16, 32, 48, 64] {
      expectIndependent(slots[0].dropLast(distance), slots[0].dropFirst(distance), "distance \(distance)")
    }
    expectIndependent(slots[0], slots[1], "slots")
  }

  /// The same element in successive steps, on which a moving average's mean depends.
  @Test func areUniformOverSteps() {
    let steps = 1000
    var sums = Array(repeating: 0.0, count: 64)
    for t in 1...steps {
      for (i, u) in Self.numbers(t: t, slot: 1, blocks: 1).enumerated() { sums[i] += u }
    }
    for sum in sums {
      #expect(abs(sum / Double(steps) - 0.5) < 4.5 / (12 * Double(steps)).squareRoot())
    }
  }
}
