import Descent
import RealModule
import TestSupport
import Testing

@Suite struct CenteredRMSPropTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      // Graves 2013.
      MethodCase(
        "rmsprop",
        ["centered": "true", "lr": "1e-4", "rho": "0.95", "momentum": "0.9", "epsilon": "0", "epsilonRoot": "1e-4"],
        equations: Reference.centeredRMSProp(α: { _ in w(1e-4) }, ρ: w(0.95), μ: w(0.9), ε: 0, εRoot: w(1e-4))),
      MethodCase(
        // Later, a constant gradient makes s no larger than the square of the mean's rounding error.
        "centeredrmsprop", steps: 100,
        equations: Reference.centeredRMSProp(α: { _ in w(1e-3) }, ρ: w(0.9), μ: 0, ε: w(1e-8), εRoot: 0)),
      MethodCase(
        "centeredrmsprop",
        ["lr": cosine, "rho": "0.99", "momentum": "0.9", "epsilon": "1e-8", "ratePlacement": "outside"],
        equations: Reference.centeredRMSProp(
          α: cosineAt, ρ: w(0.99), μ: w(0.9), ε: w(1e-8), εRoot: 0, rateOutside: true)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: CenteredRMSProp(epsilon: 0), 1 / 0.09.squareRoot(), α: 1e-3)
  }

  /// s is E[g²] − E[g]².
  @Test func recursionIsTheVariance() throws {
    let ρ = 0.93
    let θ0 = try ParameterVector([0.0])
    for sequence in GradientSequence.allCases where sequence != .constant {
      var optimizer = try Optimizer(CenteredRMSProp<Double>(rho: ρ), for: θ0)
      var θ = θ0
      var (mean, square) = (0.0, 0.0)
      for g in sequence.gradients(Double.self).map({ $0[5] }) {
        try optimizer.step(&θ, gradient: ParameterVector([g]))
        mean = ρ * mean + (1 - ρ) * g
        square = ρ * square + (1 - ρ) * g * g
        let s = try optimizer.slot("centeredrmsprop/s").values[0]
        #expect(abs(s - (square - mean * mean)) <= 1e-12 * square)
      }
    }
  }

  /// In `Float`, for a constant gradient, the difference of the averages becomes negative, both with torch's
  /// interpolation and with the plain sum. The recursion does not become negative.
  @Test func varianceIsNeverNegative() throws {
    let gradient = try randomVector(2_000, seed: 1, of: Float.self)
    for (ρ, interpolates) in [(Float(0.9), true), (0.9, false)] {
      let rule = CenteredRMSProp<Float>(rho: Double(ρ))
      var θ = ParameterVector<Float>(zeros: gradient.layout)
      var optimizer = try Optimizer(rule, for: θ)
      var mean = Array(repeating: Float.zero, count: 2_000)
      var square = mean
      var negative = 0
      for _ in 1...200 {
        try optimizer.step(&θ, gradient: gradient)
        for (i, g) in gradient.values.enumerated() {
          mean[i] = interpolates ? mean[i] + (1 - ρ) * (g - mean[i]) : ρ * mean[i] + (1 - ρ) * g
          square[i] = ρ * square[i] + (1 - ρ) * (g * g)
          if square[i] - mean[i] * mean[i] < 0 { negative += 1 }
        }
      }
      #expect(negative > 0)
      #expect(try optimizer.slot("centeredrmsprop/s").values.allSatisfy { $0 >= 0 })
      #expect(θ.values.allSatisfy { !$0.isNaN })
    }
  }

  /// After the rate falls, it matters where the rate enters.
  @Test func placesOfAFallingRateDiffer() throws {
    let falling = Schedule.piecewise(0.1, [Schedule.Piece(after: 10, value: 0.001)])
    let inside = try path(CenteredRMSProp(learningRate: falling, momentum: 0.9), noisyGradients)
    let outside = try path(
      CenteredRMSProp(learningRate: falling, momentum: 0.9, ratePlacement: .outside), noisyGradients)
    #expect(zip(inside, outside).prefix(10).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(abs(inside[10] - outside[10]) > 1e-2)
  }
}

extension Reference {
  /// Graves' equations 38–41. n − ḡ² is a variance, computed by Welford's update from the distances to the old and the
  /// new mean.
  static func centeredRMSProp<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, ρ: T, μ: T, ε: T, εRoot: T, rateOutside: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var mean: T = 0
      var variance: T = 0
      var u: T = 0
      return path(gradients, θ0) { t, g, θ in
        let old = g - mean
        mean = ρ * mean + (1 - ρ) * g
        variance = ρ * variance + (1 - ρ) * old * (g - mean)
        let d = ratio(g, T.sqrt(variance + εRoot) + ε)
        u = μ * u + (rateOutside ? d : α(t) * d)
        θ -= rateOutside ? α(t) * u : u
      }
    }
  }
}
