import Descent
import RealModule
import Testing

@Suite struct GenericAdamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    let inverseRoot = { @Sendable (t: Int) -> T in w(1e-3) / T.sqrt(T(t)) }
    func power(_ α: T, _ s: Double) -> @Sendable (Int) -> T { { α / T.pow(T($0), w(s)) } }
    return [
      MethodCase(
        "genericadam",
        equations: Reference.genericAdam(
          α: inverseRoot, β: { _ in w(0.9) }, weight: power(w(0.9), 1), v0: w(1e-8))),
      MethodCase(
        "genericadam",
        [
          "lr": "inversepower(0.01, power=0.75)", "beta1": "inverse(0.5)",
          "beta2": "complement(inversepower(0.5, power=0.6))", "epsilon": "1e-3",
        ],
        equations: Reference.genericAdam(
          α: power(w(0.01), 0.75), β: { w(0.5) / T($0) }, weight: power(w(0.5), 0.6), v0: w(1e-3))),
      MethodCase(
        "genericadam", ["beta2": "0.999", "epsilon": "0"],
        equations: Reference.genericAdam(
          α: inverseRoot, β: { _ in w(0.9) }, weight: { _ in 1 - w(0.999) }, v0: 0)),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: GenericAdam(), 0.1 / 0.9.squareRoot(), within: 1e-9)
  }

  /// With a constant small β₂ it is Adam and goes to the worst point; if θₜ tends to 1 it goes to the best.
  @Test(arguments: [(3, 0.3), (10, 0.9)]) func convergesOnReddisProblemIfItsDecayTendsToOne(
    period: Int, β2: Double
  ) throws {
    let rate = Schedule.inverseSquareRoot(0.5)
    let constant = GenericAdam<Double>(learningRate: rate, beta1: 0, beta2: .constant(β2))
    #expect(try endOfReddisProblem(constant, period: period) > 0.9)
    let tending = GenericAdam<Double>(learningRate: rate, beta2: .complement(.inversePower(0.9, power: 1)))
    #expect(try endOfReddisProblem(tending, period: period) < -0.9)
  }

  /// Zou et al. 2019, section 5: 1010 x with probability 0.01, otherwise −10 x, on [−1, 1]; θₜ = 1 − (0.01 + 0.99 r) / tʳ
  /// and αₜ = 0.5 / √t. With r = 0 x goes to the worst point; with r > 0 it comes nearer to the best, and sooner
  /// for larger r.
  @Test(arguments: [0, 0.9]) func isOrderedInR(momentum: Double) throws {
    let (count, steps) = (64, 10_000)
    var stream = RandomStream(seed: 11, name: "generic adam")
    let start = try ParameterVector((0..<count).map { _ in 2 * stream.uniform() - 1 })
    // The same rare gradients for every r.
    let rare = (0..<steps).map { _ in (0..<count).filter { _ in stream.uniform() < 0.01 } }
    let common = try ParameterVector(Array(repeating: -10.0, count: count))
    func mean(_ r: Double, after steps: Int) throws -> Double {
      let rule = GenericAdam<Double>(
        learningRate: .inverseSquareRoot(0.5), beta1: .constant(momentum),
        beta2: .complement(.inversePower(0.01 + 0.99 * r, power: r)))
      var x = start
      var g = common
      var optimizer = try Optimizer(rule, for: x)
      for indices in rare.prefix(steps) {
        g.withUnsafeMutableElements { g in for i in indices { g[i] = 1010 } }
        try optimizer.step(&x, gradient: g)
        g.withUnsafeMutableElements { g in for i in indices { g[i] = -10 } }
        x.withUnsafeMutableElements { x in for i in 0..<count { x[i] = min(1, max(-1, x[i])) } }
      }
      return x.values.reduce(0, +) / Double(count)
    }
    let means = try [0, 0.25, 0.5, 0.75, 1].map { try mean($0, after: steps) }
    #expect(means[0] > 0.9, "\(means)")
    for (slower, faster) in zip(means.dropFirst(), means.dropFirst(2)) { #expect(faster < slower - 0.05, "\(means)") }
    #expect(try mean(0, after: 1000) < means[0])
    #expect(try mean(1, after: 1000) > means[4] + 0.1, "\(means)")
  }
}

extension Reference {
  /// - Parameter weight: 1 − θₜ.
  static func genericAdam<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β: @escaping @Sendable (Int) -> T, weight: @escaping @Sendable (Int) -> T,
    v0: T
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v) = (T(0), v0)
      return path(gradients, θ0) { t, g, θ in
        v = (1 - weight(t)) * v + weight(t) * g * g
        m = β(t) * m + (1 - β(t)) * g
        θ -= ratio(α(t) * m, T.sqrt(v))
      }
    }
  }
}
