import Descent
import TestSupport
import Testing

/// Lane arithmetic of rules: finite numbers never become infinite, and NaN is never lost.
@Suite struct LaneArithmeticTests {
  @Test func float() { expectAll(Float.self) }
  @Test func double() { expectAll(Double.self) }

  private func expectAll<Scalar: LaneScalar>(_: Scalar.Type) {
    typealias Lane = Scalar.Lane
    let largest = Scalar.greatestFiniteMagnitude
    func lane(_ x: Scalar) -> Lane { Lane(repeating: x) }
    func expect(_ lane: Lane, _ x: Scalar, _ what: String) {
      for i in lane.indices { #expect(lane[i] == x || lane[i].isNaN && x.isNaN, "\(Scalar.self): \(what)") }
    }

    for x in [-3, -2, -0.5, 0, 0.5, 2, 3, .infinity, -.infinity, .nan] as [Scalar] {
      let limited = x.isNaN ? x : Swift.max(-2, Swift.min(x, 2))
      expect(lane(x).limited(to: 2), limited, "\(x) limited")
      expect(Scalar.atMost(lane(x), 2), x.isNaN ? x : Swift.min(x, 2), "\(x), at most 2")
      expect(Scalar.atLeast(lane(x), 2), x.isNaN ? x : Swift.max(x, 2), "\(x), at least 2")
      expect(lane(x).infinityAsNaN, x.isFinite ? x : .nan, "\(x) without infinity")
      expect(lane(x).finite, x.isInfinite ? (x > 0 ? largest : -largest) : x, "\(x) made finite")
    }
    #expect(lane(-0.0).infinityAsNaN[0].sign == .minus && lane(-0.0).finite[0].sign == .minus)

    // Means of the largest numbers; their rounded parts may add up to more.
    for i in 0...100 {
      let weight = Scalar(i) / 100
      for sign in [1, -1] as [Scalar] {
        var mean = lane(sign * largest)
        for _ in 0..<5 { mean.decay(toward: lane(sign * largest), by: weight) }
        #expect((mean[0] / largest - sign).magnitude < 1e-5)
      }
    }
    var square = lane(4)
    square.decay(towardSquareOf: lane(3), by: 0.25)
    expect(square, 5.25, "¾ 4 + ¼ 9")
    // The square itself is too large.
    let x = 2 * largest.squareRoot()
    square = lane(0)
    square.decay(towardSquareOf: lane(x), by: 0.0625)
    #expect((square[0] / (largest / 4) - 1).magnitude < 1e-5)
    square.decay(towardSquareOf: lane(largest), by: 0.0625)
    expect(square, largest, "an average of too large squares")
    square.decay(towardSquareOf: lane(.nan), by: 0.0625)
    expect(square, .nan, "NaN squared")
    var sum = lane(largest)
    sum.add(squareOf: lane(x))
    expect(sum, largest, "a sum of too large squares")
    sum.add(squareOf: lane(.nan))
    expect(sum, .nan, "NaN squared")

    for weight in [1, 0.1, 0.001, 0, 10] {
      let g = Scalar.largestGradient(squaresWeighedBy: weight)
      let weighed = (Scalar(weight) * g) * g
      #expect(weighed.isFinite && (weight == 0 || weighed > largest * Scalar(0.999)), "\(weight)")
    }
  }
}
