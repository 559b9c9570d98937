import TestSupport
import Testing

@testable import Descent

@Suite struct CubicNewtonTests {
  /// The conditions of the global minimizer: ‖g + H d + (ρ ÷ 2) ‖d‖ d‖ and −λ_min(H + (ρ ÷ 2) ‖d‖ I), each relative to
  /// the sizes of what is added.
  private func defects(_ h: [[Double]], _ g: [Double], _ ρ: Double) throws -> (residual: Double, negative: Double) {
    let n = g.count
    let eigen = SymmetricEigen(h.flatMap { $0 }, order: n)
    let d = try #require(CubicModel(eigen: eigen, gradient: g, regularization: ρ).minimizer())
    let σ = 0.5 * ρ * d.norm
    let residual = (0..<n).map { i in g[i] + dot(h[i], d) + σ * d[i] }.norm
    let size = eigen.values.map(\.magnitude).max() ?? 0
    return (residual / (g.norm + (size + σ) * d.norm), -(eigen.values[0] + σ) / (size + σ))
  }

  /// Random models of all signatures and scales: both conditions hold to 10⁻¹³.
  @Test func theModelsMinimizerIsExact() throws {
    for n in [1, 2, 5, 20, 40] {
      for (i, shift) in [-30.0, -1, 0, 1, 30].enumerated() {
        for ρ in [1e-6, 1, 1e6] {
          for size in [1e-12, 1, 1e12] {
            let h = randomSymmetricRows(n, seed: UInt64(10 * n + i), shift: shift)
            let g = try randomVector(n, seed: UInt64(n), of: Double.self).values.map { size * $0 }
            let (residual, negative) = try defects(h, g, ρ)
            #expect(residual < 1e-13 && negative < 1e-13, "\(n) \(shift) \(ρ) \(size): \(residual) \(negative)")
          }
        }
      }
    }
  }

  /// The hard case, g without a part along the lowest eigenvector, exactly and nearly; g = 0; and a lowest eigenvalue
  /// that is double.
  @Test func theHardCase() throws {
    func diagonal(_ x: [Double]) -> [[Double]] { x.indices.map { i in x.indices.map { $0 == i ? x[i] : 0 } } }
    let models: [(h: [Double], g: [Double])] = [
      ([-2, 1, 3], [0, 1, -1]), ([-2, 1, 3], [1e-18, 1, -1]), ([-2, 1, 3], [-1e-300, 1, -1]),
      ([-2, 1, 3], [0.0, 0, 0]), ([-2, -2, 3], [0, 0, 0.5]), ([-2, -2, 3], [0, 1e-9, 0.5]), ([-1, -1, -1], [0, 0, 0]),
      ([0, 1, 2], [0, 1, 1]), ([1, 2, 3], [0, 0, 0]),
    ]
    for ρ in [0.01, 1, 100] {
      for (h, g) in models {
        let (residual, negative) = try defects(diagonal(h), g, ρ)
        #expect(g.allSatisfy { $0 == 0 } || residual < 1e-14, "\(h) \(g) \(ρ): \(residual)")
        #expect(negative <= 1e-15, "\(h) \(g) \(ρ): \(negative)")
      }
    }
    // From exactly the saddle, the step along the negative curvature has the length 2 |λ₁| ÷ ρ.
    let model = CubicModel(eigen: SymmetricEigen([1, 0, 0, -3], order: 2), gradient: [0, 0], regularization: 2)
    #expect(try #require(model.minimizer()).norm == 3)
    // Rotated: the part along the lowest eigenvector is rounding.
    let rotated = randomSymmetricRows(12, seed: 4)
    let eigen = SymmetricEigen(rotated.flatMap { $0 }, order: 12)
    let g = (0..<12).map { i in (1..<12).reduce(0) { $0 + eigen.vectors[i * 12 + $1] } }
    let (residual, negative) = try defects(rotated, g, 1e-2)
    #expect(residual < 1e-13 && negative < 1e-13)
  }

  /// Gradient descent stays at a strict saddle; cubic steps leave it, and end in a minimum.
  @Test func aStrictSaddleIsLeft() throws {
    for start in [[0.0, 0.0], [0.7, 0.0]] {
      let θ = try ParameterVector(start)
      let plain = try minimize(
        from: θ, stepping: Optimizer(SGD<Double>(learningRate: 0.1), for: θ), steps: 500, on: strictSaddle())
      #expect(plain.value > -1e-12 && plain.parameters.values[1] == 0)
      let cubic = try minimize(
        from: θ, stepping: Optimizer(CubicNewton<Double>(rho: 6), for: θ), steps: 30, on: strictSaddle())
      #expect(abs(cubic.value + 0.25) < 1e-14)
    }
  }

  /// With ρ at least H's Lipschitz constant, no step raises f: |f‴| ≤ 6 |y| ≤ 12 for |y| ≤ 2.
  @Test func noStepRaisesTheFunction() throws {
    let start = try ParameterVector([1.5, 1e-3])
    var last = Double.infinity
    _ = try minimize(
      from: start, stepping: Optimizer(CubicNewton<Double>(rho: 12), for: start), steps: 50,
      watch: { step in
        #expect(step.value <= last)
        last = step.value
        return .proceed
      }, on: strictSaddle())
  }

  /// Too many parameters, and what is not finite, are refused before anything changes.
  @Test func refusals() throws {
    let layout = try ParameterLayout([("a", [30, 30]), ("b", [101])])
    var θ = ParameterVector<Float>(zeros: layout)
    let flat = CurvedObjective<Float> { _, g in
      g.setToZero()
      return 0
    } hessian: {
      $2 = $1
    } gaussNewton: {
      $2 = $1
    }
    var cubic = try Optimizer(CubicNewton<Float>(), for: θ)
    #expect(throws: CurvatureError.tooManyParameters(method: "cubicnewton", count: 1001, limit: 1000)) {
      try cubic.step(&θ, on: flat)
    }
    var damped = try Optimizer(LevenbergMarquardt<Float>(), for: θ)
    #expect(throws: CurvatureError.tooManyParameters(method: "levenbergmarquardt", count: 1001, limit: 1000)) {
      try damped.step(&θ, on: flat)
    }
    #expect(cubic.stepCount == 0 && damped.stepCount == 0)
    for (gradient, product) in [(Double.nan, 1.0), (1, .nan), (.infinity, 1)] {
      let broken = CurvedObjective<Double> { _, g in
        try g.assign([gradient], to: "x")
        return 1
      } hessian: {
        try $2.assign([product], to: "x")
      }
      var x = try ParameterVector([1.0])
      var optimizer = try Optimizer(CubicNewton<Double>(), for: x)
      #expect(throws: CurvatureError.notFinite(method: "cubicnewton")) { try optimizer.step(&x, on: broken) }
      #expect(x.values == [1])
    }
  }

  /// No gradient or curvature, whatever its size, makes a NaN. The order of several blocks is that of the values.
  @Test func sizesAndBlocks() throws {
    for (size, curvature) in [
      (1e-300, 1), (1e300, 1), (Double.greatestFiniteMagnitude, -1e300), (1, 1e-300), (0, -1e-300),
    ] {
      let objective: CurvedObjective<Double> = CurvedObjective { _, g in
        try g.assign([size, -size], to: "x")
        return 0
      } hessian: { _, v, product in
        product = v
        product.scale(by: curvature)
      }
      var θ = try ParameterVector([1.0, 2])
      var optimizer = try Optimizer(CubicNewton<Double>(), for: θ)
      for _ in 0..<2 { try optimizer.step(&θ, on: objective) }
      #expect(θ.firstNonFiniteBlock == nil, "\(size) \(curvature)")
    }
    let layout = try ParameterLayout([("a", [3]), ("b", []), ("c", [2, 2])])
    let bowl = CurvedObjective<Double> { θ, g in
      for (i, block) in θ.layout.blocks.enumerated() {
        try g.assign(θ.values(of: block.name).map { Double(i + 1) * ($0 - 1) }, to: block.name)
      }
      return .nan
    } hessian: { _, v, product in
      for (i, block) in v.layout.blocks.enumerated() {
        try product.assign(v.values(of: block.name).map { Double(i + 1) * $0 }, to: block.name)
      }
    }
    var θ = ParameterVector<Double>(zeros: layout)
    var optimizer = try Optimizer(CubicNewton<Double>(rho: 1e-9), for: θ)
    for _ in 0..<3 { try optimizer.step(&θ, on: bowl) }
    for x in θ.values { #expect(abs(x - 1) < 1e-14) }
  }
}
