import Descent
import TestSupport
import Testing

/// The papers' claims about methods that estimate their step size, and about the switch from Adam.
@Suite struct DistanceClaims {
  private let solution = [3.0, -1, 0.5, 8]

  /// A step on Σ |xᵢ − x*ᵢ|, which is convex with bounded gradients.
  private func step<Rule: VectorRule<Double>>(
    _ optimizer: inout Optimizer<Rule>, _ x: inout ParameterVector<Double>
  ) throws {
    let signs = zip(x.values, solution).map { $0 == $1 ? 0 : $0 < $1 ? -1.0 : 1 }
    try optimizer.step(&x, gradient: ParameterVector(signs))
  }

  /// D-Adaptation's theorem: the estimate never exceeds the distance from the start to the solution. The code's 2 r
  /// doubles the estimate.
  @Test func theEstimateOfDAdaptSGDIsALowerBoundThatBecomesTight() throws {
    var x = try ParameterVector<Double>([0, 0, 0, 0])
    let distance = solution.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var optimizer = try Optimizer(DAdaptSGD<Double>(), for: x)
    var d = 0.0
    for _ in 1...1000 {
      try step(&optimizer, &x)
      let now = try #require(optimizer.checkpoint(x).numbers["dadaptsgd/d"])
      #expect(now >= d && now <= 2 * distance)
      d = now
    }
    #expect(d > distance / 4)
  }

  /// Prodigy's theorem: the same in the maximum norm.
  @Test func theEstimateOfProdigyIsALowerBoundThatBecomesTight() throws {
    var x = try ParameterVector<Double>([0, 0, 0, 0])
    var optimizer = try Optimizer(Prodigy<Double>(), for: x)
    var d = 0.0
    for _ in 1...3000 {
      try step(&optimizer, &x)
      let now = try #require(optimizer.checkpoint(x).numbers["prodigy/d"])
      #expect(now >= d && now <= 8 * (1 + 1e-12))
      d = now
    }
    #expect(d > 0.5)
    #expect(zip(x.values, solution).allSatisfy { abs($0 - $1) < 0.5 })
  }

  @Test func growthIsBoundedWhereAsked() throws {
    var x = try ParameterVector<Double>([0, 0, 0, 0])
    var optimizer = try Optimizer(DAdaptAdam<Double>(growthRate: 1.5), for: x)
    var d = 1e-6
    var grown = 0
    for _ in 1...100 {
      try step(&optimizer, &x)
      let now = try #require(optimizer.checkpoint(x).numbers["dadaptadam/d"])
      #expect(now >= d && now <= 1.5 * d * (1 + 1e-15))
      if now > 1.4 * d { grown += 1 }
      d = now
    }
    #expect(grown > 10)
  }

  /// The estimate works in `Float`, although θ itself cannot hold steps of d₀: the movement is summed separately.
  @Test func prodigyEstimatesTheSameInFloat() throws {
    func estimates<Scalar: LaneScalar>(_: Scalar.Type) throws -> [Double] {
      var x = try ParameterVector<Scalar>([100, 100])
      var optimizer = try Optimizer(Prodigy<Scalar>(), for: x)
      return try (1...25).map { t in
        try optimizer.step(&x, gradient: ParameterVector([1, t % 2 == 0 ? 0.25 : 0.5]))
        return try #require(optimizer.checkpoint(x).numbers["prodigy/d"])
      }
    }
    let (float, double) = try (estimates(Float.self), estimates(Double.self))
    #expect(double.last! > 1e-5)
    #expect(zip(float, double).allSatisfy { abs($0 - $1) <= 1e-4 * $1 })
  }

  /// With a constant gradient, γ and its average are α n / ‖g‖₁ from the start. So the switch comes at the second step,
  /// and the third step is gradient descent's first.
  @Test func swatsSwitchesToTheRateOfAdamsSteps() throws {
    let g = try ParameterVector<Double>([1, -2, 4])
    var x = try ParameterVector<Double>([0, 0, 0])
    var optimizer = try Optimizer(SWATS<Double>(epsilon: 0), for: x)
    for t in 1...2 {
      try optimizer.step(&x, gradient: g)
      let rate = try #require(optimizer.checkpoint(x).numbers["swats/rate"])
      #expect(t == 1 ? rate == 0 : abs(rate - 0.003 / 7) < 1e-15)
    }
    #expect(zip(x.values, [-0.002, 0.002, -0.002]).allSatisfy { abs($0 - $1) < 1e-15 })
    let before = x.values
    try optimizer.step(&x, gradient: g)
    let descended = zip(x.values, before).map { $0 - $1 }
    #expect(zip(descended, g.values).allSatisfy { abs($0 + 0.1 * 0.003 / 7 * $1) < 1e-15 })
  }
}
