import Descent
import TestSupport
import Testing

@Suite struct SOAPClaims {
  /// θ after each step.
  private func path<Scalar: LaneScalar>(
    _ rule: SOAP<Scalar>, _ gradients: [[Scalar]], from start: [Scalar], shape: [Int]
  ) throws -> [[Scalar]] {
    var θ = ParameterVector<Scalar>(zeros: try ParameterLayout([("w", shape)]))
    try θ.assign(start, to: "w")
    var gradient = θ
    var optimizer = try Optimizer(rule, for: θ)
    return try gradients.map {
      try gradient.assign($0, to: "w")
      try optimizer.step(&θ, gradient: gradient)
      return θ.values
    }
  }

  private func gradients(_ count: Int, steps: Int) throws -> [[Double]] {
    try (0..<steps).map { try randomVector(count, seed: UInt64($0), of: Double.self).values }
  }

  @Test func withoutRotationsItIsAdam() throws {
    let gradients = try gradients(12, steps: 30)
    let rule = SOAP<Double>(learningRate: 0.01, skipFirst: false, maximumSide: 2, oversized: .diagonal)
    let found = try path(rule, gradients, from: Array(repeating: 0.5, count: 12), shape: [3, 4])
    let adam = Adam<Double>(learningRate: 0.01, beta1: 0.95, beta2: 0.95)
    let expected = try trajectory(of: adam, gradients: gradients, from: 0.5)
    for (a, b) in zip(found.joined(), expected.joined()) { #expect(abs(a - b) < 1e-15) }
  }

  @Test func theFirstGradientOnlyStartsTheBases() throws {
    let found = try path(SOAP<Double>(), gradients(20, steps: 2), from: Array(repeating: 1, count: 20), shape: [4, 5])
    #expect(found[0] == Array(repeating: 1, count: 20) && found[1] != found[0])
  }

  /// Rotating rows and columns of the gradients and of θ rotates the path.
  @Test func aRotatedProblemHasARotatedPath() throws {
    let n = 5
    let u = Matrix(try randomVector(n * n, seed: 91, of: Double.self).values, columns: n).orthogonalized
    let v = Matrix(try randomVector(n * n, seed: 92, of: Double.self).values, columns: n).orthogonalized
    let gradients = try gradients(n * n, steps: 35).map { Matrix($0, columns: n) }
    let rule = SOAP<Double>(learningRate: 0.1)
    let zero = [Double](repeating: 0, count: n * n)
    let plain = try path(rule, gradients.map(\.values), from: zero, shape: [n, n])
    let rotated = try path(rule, gradients.map { (u * $0 * v).values }, from: zero, shape: [n, n])
    for (a, b) in zip(plain, rotated) {
      for (x, y) in zip((u * Matrix(a, columns: n) * v).values, b) { #expect(abs(x - y) < 1e-9) }
    }
  }

  /// Rotates both sides, with bases of full rank from the first gradient on: parameters in Float against the equations
  /// in Double.
  @Test func bothSidesOfASquareMatrixFollowTheEquations() throws {
    let n = 5
    let gradients = try (0..<40).map { try randomVector(n * n, seed: UInt64($0), of: Float.self).values }
    let found = try path(
      SOAP<Float>(learningRate: 0.1), gradients, from: Array(repeating: 0, count: n * n), shape: [n, n])
    let reference: Reference.ModelPath<Double> = Reference.soap { $0.α = 0.1 }
    let exact = reference(
      gradients.map { [$0.map { Double($0) }] }, [Array(repeating: 0, count: n * n)], [[n, n]])
    for (a, b) in zip(found, exact) {
      for (x, y) in zip(a, b[0]) { #expect(abs(Double(x) - y) < 1e-6) }
    }
  }

  @Test func basesStayOrthogonal() throws {
    let layout = try ParameterLayout([("w", [6, 40])])
    var θ = ParameterVector<Float>(zeros: layout)
    var optimizer = try Optimizer(SOAP<Float>(preconditionEvery: 1), for: θ)
    for t in 0..<60 {
      var g = θ
      // Most gradients reach only a part of the longer side.
      let values: [Float] = try randomVector(240, seed: UInt64(t)).values
      try g.assign(values.indices.map { $0 % 40 < 30 ? values[$0] : 0 }, to: "w")
      try optimizer.step(&θ, gradient: g)
    }
    let bases = try #require(optimizer.checkpoint(θ).doubles["soap/bases/w"]).values
    for (q, n) in [(Matrix(Array(bases[..<36]), columns: 6), 6), (Matrix(Array(bases[36...]), columns: 40), 40)] {
      for (x, identity) in zip((q.transposed * q).values, Matrix<Double>.identity(n).values) {
        #expect(abs(x - identity) < 1e-13)
      }
    }
    // Elements that no gradient reached have not moved.
    #expect(θ.values.indices.allSatisfy { $0 % 40 < 30 || abs(θ.values[$0]) < 1e-6 })
  }

  /// Blocks are stepped like separate parameters.
  @Test func blocksAreParametersOfTheirOwn() throws {
    let gradients = try gradients(5 * 7, steps: 25)
    let rule = SOAP<Double>(learningRate: 0.1, maximumSide: 4, oversized: .blocks)
    let whole = try path(rule, gradients, from: Array(repeating: 0, count: 35), shape: [5, 7])
    for (rows, columns) in [(0..<4, 0..<4), (0..<4, 4..<7), (4..<5, 0..<4), (4..<5, 4..<7)] {
      func part(_ x: [Double]) -> [Double] { rows.flatMap { i in columns.map { x[i * 7 + $0] } } }
      let block = try path(
        SOAP<Double>(learningRate: 0.1), gradients.map(part), from: part(whole[0].map { _ in 0 }),
        shape: [rows.count, columns.count])
      #expect(whole.map(part) == block)
    }
  }
}
