import RealModule
import Testing

@testable import DescentNetworks

@Suite struct VectorMathTests {
  /// The largest error of `f` over `range` in units of the last place of the exact result.
  static func error(
    over range: ClosedRange<Double>, _ f: (Lane) -> Lane, _ exact: (Double) -> Double
  ) -> Double {
    let count = 20_000
    var worst = 0.0
    for start in stride(from: 0, to: count, by: 16) {
      var x = Lane()
      for j in 0..<16 {
        x[j] = Float(range.lowerBound + (range.upperBound - range.lowerBound) * Double(start + j) / Double(count + 15))
      }
      let y = f(x)
      for j in 0..<16 {
        let expected = exact(Double(x[j]))
        let ulp = Double(max(Float(expected).ulp, Float.leastNormalMagnitude))
        worst = max(worst, abs(Double(y[j]) - expected) / ulp)
      }
    }
    return worst
  }

  @Test func exponentialToOneUlp() {
    #expect(Self.error(over: -86.9...87.9, VectorMath.exp, Double.exp) < 1.5)
    #expect(Self.error(over: -1...1, VectorMath.exp, Double.exp) < 1.5)
  }

  @Test func exponentialMinusOneToTwoUlps() {
    #expect(Self.error(over: -1e-3...1e-3, VectorMath.expMinusOne, Double.expMinusOne) < 2)
    #expect(Self.error(over: -20...20, VectorMath.expMinusOne, Double.expMinusOne) < 2)
  }

  @Test func logarithmToTwoUlps() {
    #expect(Self.error(over: 0...1, VectorMath.logOnePlus) { Double.log(onePlus: $0) } < 2)
    #expect(Self.error(over: 0...1e-3, VectorMath.logOnePlus) { Double.log(onePlus: $0) } < 2)
  }

  @Test func activations() {
    #expect(Self.error(over: -20...20, VectorMath.sigmoid) { 1 / (1 + Double.exp(-$0)) } < 3)
    #expect(Self.error(over: -12...12, VectorMath.tanh, Double.tanh) < 4)
    #expect(Self.error(over: -1e-2...1e-2, VectorMath.tanh, Double.tanh) < 4)
    #expect(
      Self.error(over: -80...80, VectorMath.softplus) { max($0, 0) + Double.log(onePlus: Double.exp(-abs($0))) } < 4)
  }

  @Test func extremesAndNotANumber() {
    let x = Lane(-.infinity, .infinity, .nan, -1e30, 1e30, 0, -0.0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    let (e, s, t, p) = (VectorMath.exp(x), VectorMath.sigmoid(x), VectorMath.tanh(x), VectorMath.softplus(x))
    #expect(e[0] < 1e-37 && e[1] > 1e38 && e[2].isNaN && e[3] < 1e-37 && e[4] > 1e38 && e[5] == 1)
    #expect(s[0] < 1e-37 && s[1] == 1 && s[2].isNaN && s[5] == 0.5)
    #expect(t[0] == -1 && t[1] == 1 && t[2].isNaN && t[5] == 0)
    #expect(p[0] < 1e-37 && p[1] == .infinity && p[2].isNaN && p[4] == 1e30)
  }

  @Test func sumsAreInDoublePrecision() {
    // 1 + 2⁻²⁴ is 1 in single precision.
    let values = [Float](repeating: 0x1p-24, count: 1000) + [1]
    values.withUnsafeBufferPointer { values in
      let sum = Lanes.sum(0..<1001) { Lanes.load(values.baseAddress!, $0, limit: 1001) }
      #expect(sum == 1 + 1000 * 0x1p-24)
    }
  }
}
