import TestSupport
import Testing

@testable import Descent

@Suite struct TrustRegionTests {
  /// Random models, also indefinite ones: ‖d‖ ≤ Δ, m(d) is the model's value, and it falls at least as far as along
  /// −g within the radius (the Cauchy point). Bounds: 10⁻¹² relative.
  @Test func theStepStaysWithinTheRadiusAndBeatsTheCauchyPoint() throws {
    for n in [1, 3, 20] {
      for (i, shift) in [-10.0, 0, 10].enumerated() {
        for Δ in [1e-3, 1, 1e3] {
          let h = randomSymmetricRows(n, seed: UInt64(n + i), shift: shift)
          let objective: CurvedObjective<Double> = quadratic(h, Array(repeating: 0, count: n))
          let g = try randomVector(n, seed: 9, of: Double.self)
          let rule = TrustRegion<Double>()
          let step = try rule.minimizer(g, radius: Δ) { try objective.hessianProduct(at: g, with: $0, into: &$1) }
          let (d, norm) = (step.d.values, step.d.norm())
          #expect(norm <= Δ * (1 + 1e-12))
          #expect(!step.isOnBoundary || norm >= Δ * (1 - 1e-12))
          func model(_ d: [Double]) -> Double { dot(g.values, d) + 0.5 * dot(d, h.map { dot($0, d) }) }
          #expect(abs(step.model - model(d)) <= 1e-12 * (1 + model(d).magnitude))
          // The Cauchy point.
          let length = g.norm()
          let curvature = dot(g.values, h.map { dot($0, g.values) }) / (length * length)
          let τ = curvature > 0 ? min(Δ, length / curvature) : Δ
          let cauchy = model(g.values.map { -τ * $0 / length })
          #expect(cauchy < 0 && step.model <= cauchy * (1 - 1e-12))
        }
      }
    }
  }

  /// Within the radius, with a small tolerance, it is Newton's step; a step along the boundary doubles the radius, one that
  /// the function does not follow is not made and quarters it.
  @Test func theRadiusFollowsTheModelsFit() throws {
    let (h, b) = (randomSymmetricRows(6, seed: 2, shift: 9), [1.0, 2, 3, -1, -2, 0.5])
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("x", [6])]))
    var far = try Optimizer(TrustRegion<Double>(radius: 50, tolerance: 1e-12), for: θ)
    try far.step(&θ, on: quadratic(h, b))
    let minimum = try #require(Cholesky(h.flatMap { $0 }, order: 6)).solve(b)
    for (x, y) in zip(θ.values, minimum) { #expect(abs(x - y) < 1e-10) }
    #expect(try far.checkpoint(θ).numbers["trustregion/radius"] == 50)

    θ.setToZero()
    var near = try Optimizer(TrustRegion<Double>(maximumRadius: 0.05, radius: 0.01), for: θ)
    for radius in [0.02, 0.04, 0.05, 0.05] {
      let before = θ
      try near.step(&θ, on: quadratic(h, b))
      #expect(try near.checkpoint(θ).numbers["trustregion/radius"] == radius)
      var moved = θ
      moved.subtract(before)
      #expect(moved.norm() <= radius * (1 + 1e-12) && moved.norm() > 0)
    }

    // A quadratic whose value grows whatever the step.
    let calls = Counter()
    let wrong = CurvedObjective<Double> { θ, g in
      g = θ
      calls.count += 1
      return Double(calls.count)
    } hessian: {
      $2 = $1
    }
    var x = try ParameterVector([3.0, 4])
    var refused = try Optimizer(TrustRegion<Double>(), for: x)
    try refused.step(&x, on: wrong)
    #expect(x.values == [3, 4] && refused.stepCount == 1)
    #expect(abs(try refused.checkpoint(x).numbers["trustregion/radius"]! - 0.25) < 1e-15)
  }

  @Test func rosenbrockAndASaddle() throws {
    let start = try ParameterVector([-1.2, 1.0])
    let valley = try minimize(
      from: start, stepping: Optimizer(TrustRegion<Double>(), for: start), steps: 60, on: rosenbrock())
    #expect(valley.value < 1e-20)
    let beside = try ParameterVector([0.7, 1e-8])
    let saddle = try minimize(
      from: beside, stepping: Optimizer(TrustRegion<Double>(), for: beside), steps: 30, on: strictSaddle())
    #expect(abs(saddle.value + 0.25) < 1e-14)
    let narrow = try ParameterVector([-1.2, 1] as [Float])
    let single = try Optimizer(TrustRegion<Float>(), for: narrow)
    #expect(try minimize(from: narrow, stepping: single, steps: 60, on: rosenbrock()).value < 1e-8)
  }

  @Test func itGoesOnFromACheckpoint() throws {
    let start = try ParameterVector([-1.2, 1.0])
    let optimizer = try Optimizer(TrustRegion<Double>(radius: 0.3), for: start)
    #expect(
      try resumesExactly(
        optimizer, remake: { try Optimizer(TrustRegion<Double>(), for: start) }, from: start, steps: 20,
        on: rosenbrock()))
  }

  @Test func itStaysFinite() throws {
    for size in [1e-300, 1e20, 1e200, Double.greatestFiniteMagnitude] {
      for curvature in [-1, 1e-300, 1e100] {
        let slope = CurvedObjective<Double> { θ, g in
          try g.assign([size, -size, 0.1], to: "x")
          return -1e300 * θ.values[1]
        } hessian: { _, v, product in
          product = v
          product.scale(by: curvature)
        }
        var θ = try ParameterVector([1.0, 2, 3])
        var optimizer = try Optimizer(TrustRegion<Double>(), for: θ)
        for _ in 0..<3 { _ = try? optimizer.step(&θ, on: slope) }
        #expect(θ.firstNonFiniteBlock == nil, "\(size) \(curvature)")
        #expect(try optimizer.checkpoint(θ).numbers["trustregion/radius"]!.isFinite)
      }
    }
  }
}

private final class Counter {
  var count = 0
}
