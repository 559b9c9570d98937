import TestSupport
import Testing

@testable import Descent

/// A quadratic that also gives a gradient with drawn labels, here 2 A x + 1, as the mean of 5 examples.
private struct Drawn: SampledGradientObjective, RepeatableObjective {
  typealias Scalar = Float
  let curve: CurvedObjective<Float>
  var exampleCount: Int { 5 }

  func value(at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>) throws -> Double {
    try curve.value(at: θ, gradient: &gradient)
  }

  func value(
    at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>,
    sampledGradient: inout ParameterVector<Float>
  ) throws -> Double {
    let value = try curve.value(at: θ, gradient: &gradient)
    try sampledGradient.assign(gradient.values.map { 2 * $0 + 1 }, to: "x")
    return value
  }
}

@Suite struct SophiaTests {
  private let n = 37
  private let matrix = randomSymmetricRows(37, seed: 3, shift: 2)
  private let b = (0..<37).map { Double($0 % 5) - 2 }

  private func apply(_ x: [Double]) -> [Double] { matrix.map { dot($0, x) } }

  /// θ, m and h after each step, with the equations in `Double`. θ is the method's own before each step.
  private func check(
    _ optimizer: Optimizer<some ObjectiveRule<Float>>, on objective: some Objective<Float>, beta1: Double, rho: Double,
    estimate: (_ θ: [Double], _ g: [Double], _ t: Int) throws -> [Double]?
  ) throws {
    var optimizer = optimizer
    var θ = try randomVector(n, seed: 1, of: Float.self)
    var (m, h) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var clipped = 0
    for t in 1...12 {
      let x = θ.values.map { Double($0) }
      let g = zip(apply(x), b).map { $0 - $1 }
      if let sample = try estimate(x, g, t) { for i in 0..<n { h[i] = 0.9 * h[i] + 0.1 * sample[i] } }
      try optimizer.step(&θ, on: objective)
      let size = h.map(\.magnitude).max()!
      for i in 0..<n {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        #expect(abs(Double(try optimizer.slot("\(optimizer.name)/h").values[i]) - h[i]) < 3e-6 * size, "\(t) \(i)")
        let ratio = m[i] / max(rho * h[i], 1e-3)
        if abs(ratio) > 1 { clipped += 1 }
        let expected = x[i] - 0.01 * min(max(ratio, -1), 1)
        // A ratio's error is that of h near zero.
        #expect(abs(Double(θ.values[i]) - expected) < 1e-5, "\(t) \(i)")
      }
    }
    #expect(clipped > 0 && clipped < 12 * n)
  }

  @Test func sophiaGIsItsEquation() throws {
    let start = try randomVector(n, seed: 1, of: Float.self)
    let rule = SophiaG<Float>(learningRate: 0.01, beta1: 0.8, beta2: 0.9, rho: 0.5, epsilon: 1e-3, curvatureInterval: 4)
    try check(Optimizer(rule, for: start), on: Drawn(curve: quadratic(matrix, b)), beta1: 0.8, rho: 0.5) { _, g, t in
      t % 4 == 1 ? g.map { 5 * (2 * $0 + 1) * (2 * $0 + 1) } : nil
    }
  }

  @Test func sophiaHIsItsEquation() throws {
    let start = try randomVector(n, seed: 1, of: Float.self)
    let rule = SophiaH<Float>(
      learningRate: 0.01, beta1: 0.8, beta2: 0.9, rho: 5, epsilon: 1e-3, curvatureInterval: 3, seed: 7)
    let objective: CurvedObjective<Float> = quadratic(matrix, b)
    try check(Optimizer(rule, for: start), on: objective, beta1: 0.8, rho: 5) { _, _, t in
      guard t % 3 == 1 else { return nil }
      let probe: ParameterVector<Float> = Probe(distribution: .normal, name: "sophiah", seed: 7).vector(
        start.layout, at: t)
      let z = probe.values.map { Double($0) }
      return zip(z, apply(z)).map { $0 * $1 }
    }
  }

  /// The mean of z ⊙ A z over N probes is the diagonal, within 5 standard errors: the variance of element i is
  /// Σ_{j≠i} aᵢⱼ² for ±1, and that plus 2 aᵢᵢ² for N(0, 1). And the probes differ from step to step and seed to seed.
  @Test(arguments: [Probe.Distribution.rademacher, .normal]) func theEstimateIsUnbiased(
    of distribution: Probe.Distribution
  ) throws {
    let (n, count) = (6, 4000)
    let a = randomSymmetricRows(n, seed: 8)
    let layout = try ParameterLayout([("a", [2, 2]), ("b", [2])])
    let probe = Probe(distribution: distribution, name: "test", seed: 3)
    var mean = [Double](repeating: 0, count: n)
    for t in 1...count {
      let z: ParameterVector<Double> = probe.vector(layout, at: t)
      if distribution == .rademacher { #expect(z.values.allSatisfy { $0 == 1 || $0 == -1 }) }
      for i in 0..<n { mean[i] += z.values[i] * dot(a[i], z.values) / Double(count) }
    }
    for i in 0..<n {
      let offDiagonal = dot(a[i], a[i]) - a[i][i] * a[i][i]
      let variance = offDiagonal + (distribution == .normal ? 2 * a[i][i] * a[i][i] : 0)
      #expect(abs(mean[i] - a[i][i]) < 5 * (variance / Double(count)).squareRoot(), "\(i)")
    }
    let (one, two): (ParameterVector<Double>, ParameterVector<Double>) = (
      probe.vector(layout, at: 1), probe.vector(layout, at: 1)
    )
    #expect(one == two)
    let (wide, narrow): (ParameterVector<Double>, ParameterVector<Float>) = (
      probe.vector(layout, at: 2), probe.vector(layout, at: 2)
    )
    #expect(wide.values == narrow.values.map { Double($0) })
    let long = try ParameterLayout([("x", [100])])
    let first: ParameterVector<Double> = probe.vector(long, at: 1)
    let other: ParameterVector<Double> = probe.vector(long, at: 2)
    let seeded: ParameterVector<Double> = Probe(distribution: distribution, name: "test", seed: 4).vector(long, at: 1)
    #expect(first != other && first != seeded)
  }

  @Test func bothGoOnFromACheckpoint() throws {
    let start = try randomVector(n, seed: 1, of: Float.self)
    func makeG(_ α: Schedule) throws -> Optimizer<SophiaG<Float>> {
      try Optimizer(SophiaG<Float>(learningRate: α, curvatureInterval: 3), for: start)
    }
    let drawn = Drawn(curve: quadratic(matrix, b))
    #expect(try resumesExactly(makeG(0.01), remake: { try makeG(1) }, from: start, steps: 14, on: drawn))
    func makeH(_ α: Schedule, _ seed: Int) throws -> Optimizer<SophiaH<Float>> {
      try Optimizer(SophiaH<Float>(learningRate: α, curvatureInterval: 3, seed: seed), for: start)
    }
    let curve: CurvedObjective<Float> = quadratic(matrix, b)
    #expect(try resumesExactly(makeH(0.01, 1), remake: { try makeH(1, 2) }, from: start, steps: 14, on: curve))
  }

  @Test func theyStayFinite() throws {
    // The products and drawn gradients must be finite themselves.
    for size in [0, .leastNonzeroMagnitude, 1e30, Float.greatestFiniteMagnitude / 8] {
      let slope = CurvedObjective<Float> { _, g in
        try g.assign([size, -size, 0.1], to: "x")
        return 0
      } hessian: { _, v, product in
        product = v
        product.scale(by: -size)
      }
      var θ = try ParameterVector([1, 2, 3] as [Float])
      var (sophia, drawn) = (
        try Optimizer(SophiaH<Float>(curvatureInterval: 1), for: θ), try Optimizer(SophiaG<Float>(), for: θ)
      )
      for _ in 0..<3 {
        try sophia.step(&θ, on: slope)
        try drawn.step(&θ, on: Drawn(curve: slope))
        #expect(θ.firstNonFiniteBlock == nil)
        for slot in ["m", "h"] {
          #expect(try sophia.slot("sophiah/\(slot)").firstNonFiniteBlock == nil)
          #expect(try drawn.slot("sophiag/\(slot)").firstNonFiniteBlock == nil)
        }
      }
    }
  }

  @Test func whatIsMissingIsRefused() throws {
    var θ = try ParameterVector([1, 1] as [Float])
    var sophia = try Optimizer(SophiaG<Float>(), for: θ)
    #expect(throws: ObjectiveError.lacks(.sampledGradients, objective: "the objective", method: "sophiag")) {
      try sophia.step(&θ, on: strictSaddle())
    }
    #expect(θ.values == [1, 1] && sophia.stepCount == 0)
  }
}
