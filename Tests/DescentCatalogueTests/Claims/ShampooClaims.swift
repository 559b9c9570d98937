import Descent
import TestSupport
import Testing

@Suite struct ShampooClaims {
  /// −Δ of each step of a parameter that starts at zero, for α = 1.
  private func steps(_ rule: Shampoo<Double>, _ gradients: [[Double]], shape: [Int]) throws -> [[Double]] {
    let zero = ParameterVector<Double>(zeros: try ParameterLayout([("w", shape)]))
    var gradient = zero
    var rule = rule
    rule.learningRate = 1
    rule.preconditionEvery = 1
    var optimizer = try Optimizer(rule, for: zero)
    return try gradients.map {
      var θ = zero
      try gradient.assign($0, to: "w")
      try optimizer.step(&θ, gradient: gradient)
      return θ.values.map { -$0 }
    }
  }

  @Test func theFirstStepHasSingularValuesOfOne() throws {
    let g = try randomVector(4 * 6, seed: 1, of: Double.self).values
    let step = Matrix(try steps(Shampoo(epsilon: 1e-14), [g], shape: [4, 6])[0], columns: 6)
    for (x, identity) in zip((step * step.transposed).values, Matrix<Double>.identity(4).values) {
      #expect(abs(x - identity) < 1e-9)
    }
  }

  @Test func theFirstStepOfARankOneGradient() throws {
    let (u, v) = ([1.0, -2, 2], [0.0, 3, 0, 4])
    let g = u.flatMap { u in v.map { u * $0 } }
    for (x, g) in zip(try steps(Shampoo(epsilon: 1e-8), [g], shape: [3, 4])[0], g) {
      #expect(abs(x - g / 15) < 1e-9)
    }
  }

  /// With diagonal gradients L = R = diag(Σ g²), so the two roots together are AdaGrad's root.
  @Test func diagonalGradientsHaveAdaGradsSteps() throws {
    let diagonals = try (0..<12).map { try randomVector(5, seed: UInt64($0), of: Double.self).values }
    let gradients = diagonals.map { d in (0..<25).map { i -> Double in i % 6 == 0 ? d[i / 6] : 0 } }
    var sums = [Double](repeating: 0.01, count: 5)
    for (step, d) in zip(try steps(Shampoo(epsilon: 0.01), gradients, shape: [5, 5]), diagonals) {
      for i in 0..<25 {
        if i % 6 == 0 { sums[i / 6] += d[i / 6] * d[i / 6] }
        let expected = i % 6 == 0 ? d[i / 6] / sums[i / 6].squareRoot() : 0
        #expect(abs(step[i] - expected) < 1e-13)
      }
    }
  }

  /// (Σ g gᵀ + ε I)^(−1/2) applied to g; the test squares the result instead of taking the root.
  @Test func vectorsHaveFullMatrixAdaGradsSteps() throws {
    let gradients = try (0..<9).map { try randomVector(4, seed: UInt64($0), of: Double.self).values }
    let found = try steps(Shampoo(epsilon: 0.1), gradients, shape: [4])
    var h = 0.1 * Matrix<Double>.identity(4)
    for (step, g) in zip(found, gradients) {
      h = h + Matrix(g, columns: 1) * Matrix(g, columns: 4)
      // stepᵀ H step = gᵀ g, and H^(1/2) step = g.
      let x = Matrix(step, columns: 1)
      #expect(abs((x.transposed * h * x).values[0] / g.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
      let root = h.mapEigenvalues { λ, _ in λ.squareRoot() }
      for (a, b) in zip((root * x).values, g) { #expect(abs(a - b) < 1e-12) }
    }
  }

  @Test func scalarsHaveAdaGradsSteps() throws {
    let found = try steps(Shampoo(epsilon: 0), [[3], [4], [-12]], shape: [])
    for (a, b) in zip(found, [1, 0.8, -12 / 13.0]) { #expect(abs(a[0] - b) < 1e-15) }
  }

  /// Rotating rows and columns of all gradients rotates the steps.
  @Test func rotationsOfTheProblemAreRotationsOfTheSteps() throws {
    let u = Matrix(try randomVector(16, seed: 91, of: Double.self).values, columns: 4).orthogonalized
    let v = Matrix(try randomVector(25, seed: 92, of: Double.self).values, columns: 5).orthogonalized
    let gradients = try (0..<10).map {
      Matrix(try randomVector(20, seed: UInt64($0), of: Double.self).values, columns: 5)
    }
    let plain = try steps(Shampoo(), gradients.map(\.values), shape: [4, 5])
    let rotated = try steps(Shampoo(), gradients.map { (u * $0 * v).values }, shape: [4, 5])
    for (a, b) in zip(plain, rotated) {
      for (x, y) in zip((u * Matrix(a, columns: 5) * v).values, b) { #expect(abs(x - y) < 1e-11) }
    }
  }

  /// The roots in use come from the last computation, not from the latest factors. This also holds after a resumption,
  /// because the file stores them.
  @Test func rootsAreKeptBetweenComputations() throws {
    let layout = try ParameterLayout([("w", [3, 4])])
    var θ = ParameterVector<Double>(zeros: layout)
    var optimizer = try Optimizer(Shampoo<Double>(preconditionEvery: 4), for: θ)
    var roots: [[Double]] = []
    for t in 0..<9 {
      var g = θ
      try g.assign(randomVector(12, seed: UInt64(t), of: Double.self).values, to: "w")
      try optimizer.step(&θ, gradient: g)
      roots.append(try #require(optimizer.checkpoint(θ).doubles["shampoo/roots/w"]).values)
    }
    // Roots are computed at steps 1, 2, 5 and 9.
    #expect(roots[0] != roots[1] && roots[1] == roots[3] && roots[3] != roots[4])
    #expect(roots[4] == roots[7] && roots[7] != roots[8])
  }
}
