import TestSupport
import Testing

@testable import Descent

@Suite struct SCRNTests {
  /// A large gradient: the Cauchy step, the minimizer of the model along −g, where its derivative is zero.
  @Test func theCauchyStepMinimizesAlongTheGradient() throws {
    for shift in [-20.0, 0, 20] {
      let h = randomSymmetricRows(5, seed: 1, shift: shift)
      let objective: CurvedObjective<Double> = quadratic(h, Array(repeating: 0, count: 5))
      let g = try randomVector(5, seed: 2, of: Double.self)
      let (ρ, norm) = (3.0, g.norm())
      let d = try SCRN<Double>(rho: ρ, ell: 1).minimizer(g, at: 1) {
        try objective.hessianProduct(at: g, with: $0, into: &$1)
      }
      let r = d.norm()
      let curvature = dot(g.values, h.map { dot($0, g.values) }) / (norm * norm)
      #expect(abs(-norm + r * curvature + 0.5 * ρ * r * r) < 1e-13 * (norm + r * curvature.magnitude + ρ * r * r))
      for (x, y) in zip(d.values, g.values) { #expect(abs(x + r * y / norm) < 1e-14 * (1 + r)) }
    }
  }

  /// A small gradient: T steps of gradient descent on the perturbed model, written out. Bound: 10⁻¹⁵.
  @Test func theStepsOnTheModelAreTheirEquation() throws {
    let h = [[0.5, 0.2, 0], [0.2, -1, 0.1], [0, 0.1, 0.3]]
    let objective: CurvedObjective<Double> = quadratic(h, [0, 0, 0])
    let g = try ParameterVector([1e-3, 2e-3, -1e-3])
    let rule = SCRN<Double>(rho: 2, ell: 1.5, iterations: 30, perturbation: 0.01, seed: 4)
    let d = try rule.minimizer(g, at: 7) { try objective.hessianProduct(at: g, with: $0, into: &$1) }
    let ζ: ParameterVector<Double> = Probe(distribution: .sphere, name: "scrn", seed: 4).vector(g.layout, at: 7)
    #expect(abs(ζ.norm() - 1) < 1e-15)
    var x = [0.0, 0, 0]
    for _ in 0..<30 {
      let (hx, length) = (h.map { dot($0, x) }, norm(x))
      x = (0..<3).map { i in
        x[i] - (g.values[i] + 0.01 * ζ.values[i] + hx[i] + length * x[i]) / 30
      }
    }
    for (a, b) in zip(d.values, x) { #expect(abs(a - b) < 1e-15) }
  }

  /// From exactly a strict saddle, where gradient descent stays, and from a point where g has no part along the negative
  /// curvature.
  @Test func aStrictSaddleIsLeft() throws {
    for start in [[0.0, 0.0], [0.05, 0.0]] {
      let θ = try ParameterVector(start)
      let plain = try minimize(
        from: θ, stepping: Optimizer(SGD<Double>(learningRate: 0.1), for: θ), steps: 500, on: strictSaddle())
      #expect(plain.value > -1e-12 && plain.parameters.values[1] == 0)
      let rule = SCRN<Double>(rho: 6, ell: 2)
      let stochastic = try minimize(
        from: θ, stepping: Optimizer(rule, for: θ), steps: 500, on: strictSaddle())
      #expect(stochastic.value < -0.2499)
    }
  }

  /// The perturbation is a function of seed and t: the same again after a checkpoint, another for another seed.
  @Test func itGoesOnFromACheckpoint() throws {
    let start = try ParameterVector([0.0, 0.0])
    func make(_ seed: Int) throws -> Optimizer<SCRN<Double>> {
      try Optimizer(SCRN<Double>(rho: 6, ell: 2, seed: seed), for: start)
    }
    #expect(
      try resumesExactly(make(1), remake: { try make(2) }, from: start, steps: 40, on: strictSaddle()))
    var (θ, φ) = (start, start)
    var (one, two) = (try make(1), try make(2))
    try one.step(&θ, on: strictSaddle())
    try two.step(&φ, on: strictSaddle())
    #expect(θ != φ)
  }

  @Test func itStaysFinite() throws {
    for size in [0, 1e-300, 1e300, Double.greatestFiniteMagnitude] {
      for curvature in [-1e100, 1e-300, 1e100] {
        let slope = CurvedObjective<Double> { _, g in
          try g.assign([size, -size], to: "x")
          return 0
        } hessian: { _, v, product in
          product = v
          product.scale(by: curvature)
        }
        var θ = try ParameterVector([1.0, 2])
        var optimizer = try Optimizer(SCRN<Double>(iterations: 50), for: θ)
        for _ in 0..<3 { try optimizer.step(&θ, on: slope) }
        #expect(θ.firstNonFiniteBlock == nil, "\(size) \(curvature)")
      }
    }
  }
}
