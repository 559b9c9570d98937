import Descent
import TestSupport
import Testing

@Suite struct MuonClaims {
  /// −Δ of the first step of a matrix with gradient `g`, for α = 1.
  private func firstStep(
    _ rule: Muon<Double>, _ g: [Double], rows: Int, columns: Int
  ) throws -> [Double] {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("w", [rows, columns])]))
    var gradient = θ
    try gradient.assign(g, to: "w")
    var rule = rule
    rule.learningRate = 1
    var optimizer = try VectorOptimizer(rule, for: θ)
    try optimizer.step(&θ, gradient: gradient)
    return θ.values.map { -$0 }
  }

  private func singularValues(_ x: [Double], columns: Int) -> [Double] {
    let x = Matrix(x, columns: columns)
    let gram = x.count <= columns ? x * x.transposed : x.transposed * x
    return gram.eigen.values.map { max(0, $0).squareRoot() }
  }

  @Test(arguments: [(8, 24), (16, 16), (20, 12)])
  func singularValuesLandAroundOne(rows: Int, columns: Int) throws {
    let plain = Muon<Double>(scaling: .none)
    for seed in 0..<4 {
      let g = try randomVector(rows * columns, seed: UInt64(seed), of: Double.self).values
      let before = singularValues(g, columns: columns)
      let norm = before.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let after = singularValues(try firstStep(plain, g, rows: rows, columns: columns), columns: columns)
      // The orthogonal factor is kept, so that small ones can be told apart.
      #expect(after.allSatisfy { $0 < 1.21 })
      if before.min()! > 0.003 * norm { #expect(after.allSatisfy { $0 > 0.68 }, "\(after)") }
    }
  }

  /// The scalar iteration on [0.0025, 1]: the interval that the docstring states.
  @Test func thePolynomialsInterval() {
    for i in 1...4000 {
      var σ = 0.0025 + 0.9975 * Double(i) / 4000
      for _ in 0..<5 { σ = 3.4445 * σ - 4.7750 * σ * σ * σ + 2.0315 * σ * σ * σ * σ * σ }
      #expect(σ > 0.68 && σ < 1.21)
    }
  }

  @Test func anOrthogonalGradientKeepsItsDirection() throws {
    let n = 6
    let q = Matrix(try randomVector(n * n, seed: 5, of: Double.self).values, columns: n).orthogonalized.values
    let step = try firstStep(Muon(scaling: .none, epsilon: 0), q.map { 40 * $0 }, rows: n, columns: n)
    var σ = 1 / Double(n).squareRoot()
    for _ in 0..<5 { σ = 3.4445 * σ - 4.7750 * σ * σ * σ + 2.0315 * σ * σ * σ * σ * σ }
    for (x, q) in zip(step, q) { #expect(abs(x - σ * q) < 1e-13) }
  }

  @Test func theConvergentPolynomialGivesTheOrthogonalFactor() throws {
    let g = try randomVector(5 * 9, seed: 6, of: Double.self).values
    let step = Matrix(
      try firstStep(Muon(scaling: .none, iterations: 30, polynomial: .convergent), g, rows: 5, columns: 9), columns: 9)
    for (x, identity) in zip((step * step.transposed).values, Matrix<Double>.identity(5).values) {
      #expect(abs(x - identity) < 1e-13)
    }
    // U Vᵀ is the orthogonal matrix for which Gᵀ U Vᵀ is symmetric and has no negative eigenvalue.
    let product = step * Matrix(g, columns: 9).transposed
    for (a, b) in zip(product.values, product.transposed.values) { #expect(abs(a - b) < 1e-12) }
    #expect(product.eigen.values.min()! > 0)
  }

  @Test func aTallMatrixIsATransposedWideOne() throws {
    let g = try randomVector(4 * 11, seed: 7, of: Double.self).values
    let wide = Matrix(try firstStep(Muon(scaling: .none), g, rows: 4, columns: 11), columns: 11)
    let tall = try firstStep(Muon(), Matrix(g, columns: 11).transposed.values, rows: 11, columns: 4)
    for (a, b) in zip(tall, wide.transposed.values) { #expect(abs(a - (11.0 / 4).squareRoot() * b) < 1e-12) }
  }

  @Test func sumsAndAveragesDifferByNothingButEpsilon() throws {
    func path(_ buffer: MuonBuffer) throws -> [Double] {
      var θ = ParameterVector<Double>(zeros: try ParameterLayout([("w", [5, 4])]))
      var g = θ
      var optimizer = try VectorOptimizer(Muon(buffer: buffer, epsilon: 0), for: θ)
      for t in 0..<20 {
        try g.assign(randomVector(20, seed: UInt64(t), of: Double.self).values, to: "w")
        try optimizer.step(&θ, gradient: g)
      }
      return θ.values
    }
    for (a, b) in zip(try path(.sum), try path(.average)) { #expect(abs(a - b) < 1e-12) }
  }

  /// A group that is AdamW's has AdamW's bits, and keeps them over a checkpoint.
  @Test func embeddingsByAdamW() throws {
    let layout = try ParameterLayout([("embedding", [6, 5]), ("hidden", [5, 5]), ("bias", [7])])
    var θ = ParameterVector<Float>(zeros: layout)
    for block in layout.blocks { try θ.assign(randomVector(block.count, seed: 8).values, to: block.name) }
    var expected = θ
    var g = θ
    let adam = AdamW<Float>(
      learningRate: 3e-4, beta2: 0.95, epsilon: 1e-10, weightDecay: 0.1, decayCoupling: .learningRate)
    var direct = try Optimizer(adam, for: expected)
    let rule = Muon<Float>(adamWeightDecay: 0.1)
    var optimizer = try VectorOptimizer(rule, for: θ)
    try optimizer.group("embedding", options: [("asAdamW", "true")])
    for t in 0..<10 {
      for block in layout.blocks { try g.assign(randomVector(block.count, seed: UInt64(t)).values, to: block.name) }
      if t == 4 {
        let checkpoint = try optimizer.checkpoint(θ)
        optimizer = try VectorOptimizer(rule, for: θ)
        try optimizer.restore(checkpoint, into: &θ)
      }
      try optimizer.step(&θ, gradient: g)
      try direct.step(&expected, gradient: g)
    }
    #expect(try θ.values(of: "embedding") == expected.values(of: "embedding"))
    #expect(try θ.values(of: "bias") == expected.values(of: "bias"))
    #expect(try θ.values(of: "hidden") != expected.values(of: "hidden"))
  }
}
