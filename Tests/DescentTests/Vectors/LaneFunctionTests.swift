import Descent
import RealModule
import TestSupport
import Testing

/// Compares eˣ, log, powers, ∛ and the sigmoid of lanes with those of a wider type, over dense sweeps of their domains.
@Suite struct LaneFunctionTests {
  @Test func float() {
    expectAccurate(Float.self, bounds: Bounds(exponential: 0.51, logarithm: 0.51, power: 0.51, sigmoid: 0.51))
  }
  #if arch(x86_64) || arch(i386)
    @Test func double() {
      expectAccurate(Double.self, bounds: Bounds(exponential: 0.75, logarithm: 0.9, power: 0.8, sigmoid: 2.5))
    }
  #endif

  struct Bounds {
    var exponential, logarithm, power, sigmoid: Double
    var cubeRoot = 0.51
  }

  private func expectAccurate<Scalar: CheckedScalar>(_: Scalar.Type, bounds: Bounds) {
    typealias T = Scalar.Wider
    let overflow = Scalar(Double.log(Double(Scalar.greatestFiniteMagnitude)))
    let underflow = Scalar(Double.log(Double(Scalar.leastNonzeroMagnitude)))
    let everyMagnitude = geometricSweep(Scalar.self)
    let nearOne = linearSweep(from: Scalar(0.5), to: 2)
    let denormals = linearSweep(from: Scalar(0), to: 2 * .leastNormalMagnitude)

    let exponents =
      linearSweep(from: underflow - 2, to: overflow + 2) + linearSweep(from: -1, to: 1) + everyMagnitude
      + everyMagnitude.map { -$0 }
    expect("exponential", exponents, within: bounds.exponential, Scalar.exponential) { T.exp($0) }
    expect("sigmoid", exponents, within: bounds.sigmoid, Scalar.sigmoid) { x in
      x < 0 ? T.exp(x) / (1 + T.exp(x)) : 1 / (1 + T.exp(-x))
    }

    let positive = everyMagnitude + nearOne + denormals
    expect("logarithm", positive, within: bounds.logarithm, Scalar.logarithm) { T.log($0) }
    expect("cubeRoot", positive + positive.map { -$0 }, within: bounds.cubeRoot, Scalar.cubeRoot) { T.root($0, 3) }
    for p in [0.125, 0.25, 1 / 3, 0.5, 0.6, 0.75, 0.999, 1, 1.5, 2, 3, 4, -0.125, -0.5, -0.75, -2, -4] as [Double] {
      expect("power \(p)", positive, within: bounds.power, { Scalar.power($0, p) }) { x in
        x == 0 ? (p > 0 ? 0 : .infinity) : T.pow(x, T(p))
      }
    }
  }

  @Test func specialValues() {
    expectSpecialValues(Float.self)
    expectSpecialValues(Double.self)
  }

  private func expectSpecialValues<Scalar: CheckedScalar>(_: Scalar.Type) {
    func lane(_ x: Scalar) -> Scalar.Lane { Scalar.Lane(repeating: x) }
    #expect(Scalar.exponential(lane(0)) == lane(1))
    #expect(Scalar.exponential(lane(.infinity)) == lane(.infinity))
    #expect(Scalar.exponential(lane(-.infinity)) == lane(0))
    #expect(Scalar.logarithm(lane(1)) == lane(0))
    #expect(Scalar.logarithm(lane(0)) == lane(-.infinity))
    #expect(Scalar.logarithm(lane(.infinity)) == lane(.infinity))
    #expect(Scalar.logarithm(lane(-1))[0].isNaN)
    #expect(Scalar.cubeRoot(lane(-.infinity)) == lane(-.infinity))
    #expect(Scalar.cubeRoot(lane(-0.0))[0].sign == .minus)
    #expect(Scalar.cubeRoot(lane(-27)) == lane(-3))
    #expect(Scalar.sigmoid(lane(0)) == lane(0.5))
    #expect(Scalar.sigmoid(lane(.infinity)) == lane(1))
    #expect(Scalar.sigmoid(lane(-.infinity)) == lane(0))
    #expect(Scalar.power(lane(0), 0.25) == lane(0))
    #expect(Scalar.power(lane(0), -0.25) == lane(.infinity))
    #expect(Scalar.power(lane(.infinity), 0.25) == lane(.infinity))
    #expect(Scalar.power(lane(.infinity), -0.25) == lane(0))
    for x in [0, 3, Scalar.infinity] { #expect(Scalar.power(lane(x), 0) == lane(1)) }
    #expect(Scalar.power(lane(-1), 0.25)[0].isNaN)
    for function in [
      Scalar.exponential, Scalar.logarithm, Scalar.cubeRoot, Scalar.sigmoid, { Scalar.power($0, 0.3) },
    ] {
      #expect(function(lane(.nan))[0].isNaN)
    }
  }

  // MARK: Sweeps

  private func expect<Scalar: CheckedScalar>(
    _ name: String, _ inputs: [Scalar], within bound: Double, _ function: (Scalar.Lane) -> Scalar.Lane,
    _ reference: (Scalar.Wider) -> Scalar.Wider
  ) {
    var worst = (error: 0.0, at: Scalar.zero)
    for start in stride(from: 0, to: inputs.count - Scalar.laneWidth, by: Scalar.laneWidth) {
      var x = Scalar.Lane()
      for i in 0..<Scalar.laneWidth { x[i] = inputs[start + i] }
      let y = function(x)
      for i in 0..<Scalar.laneWidth {
        let error = errorInULPs(y[i], reference(Scalar.Wider(x[i])))
        if !(error <= worst.error) { worst = (error, x[i]) }
      }
    }
    #expect(worst.error <= bound, "\(name) of \(Scalar.self) at \(worst.at): \(worst.error) ULPs")
  }

  private func errorInULPs<Scalar: CheckedScalar>(_ value: Scalar, _ exact: Scalar.Wider) -> Double {
    let rounded = Scalar(exact)
    if rounded.isInfinite || value.isInfinite { return rounded == value ? 0 : .infinity }
    // The unit in the exact value's binade; rounding may have left that binade.
    let isAbove = Scalar.Wider(rounded.magnitude) > abs(exact)
    let unit = isAbove ? rounded.magnitude.nextDown.ulp : rounded.ulp
    return Double(abs(Scalar.Wider(value) - exact) / Scalar.Wider(max(unit, .leastNonzeroMagnitude)))
  }

  private func linearSweep<Scalar: CheckedScalar>(from a: Scalar, to b: Scalar) -> [Scalar] {
    (0...20_000).map { a + (b - a) * (Scalar($0) / 20_000) }
  }

  /// Magnitudes from the smallest denormal to the largest finite number, evenly spaced in their bits.
  private func geometricSweep<Scalar: CheckedScalar>(_: Scalar.Type) -> [Scalar] {
    var sweep: [Scalar] = []
    let digits = linearSweep(from: Scalar(1), to: 2).dropLast()
    let smallest = Scalar.leastNonzeroMagnitude.exponent
    let largest = Scalar.greatestFiniteMagnitude.exponent
    for (i, significand) in digits.enumerated() {
      let exponent = smallest + Scalar.Exponent(i * 7 % (Int(largest) - Int(smallest) + 1))
      sweep.append(Scalar(sign: .plus, exponent: exponent, significand: significand))
    }
    return sweep
  }
}
