import RealModule
import TestSupport
import Testing

@testable import Descent

@Suite struct SFOTests {
  private func value<Sum: FiniteSum>(_ sum: Sum, at x: [Sum.Scalar]) throws -> Double {
    try sum.value(at: ParameterVector(x))
  }

  // MARK: The Hessian of a subfunction

  /// H of `subfunction`, dense.
  private func dense(_ subfunction: SFOSubfunction) -> [[Double]] {
    let n = subfunction.position.count
    return (0..<n).map { i in subfunction.hessianProduct((0..<n).map { $0 == i ? 1 : 0 }) }
  }

  @Test(arguments: [1, 3, 5, 9]) func hessianIsDenseBFGS(evaluations: Int) {
    // Exact gradients of a quadratic: H s = y, and H is BFGS's matrix from λ I, oldest pair first, in the whole space.
    let d = 6
    let h = LeastSquares(count: 20, dimension: d, seed: 2).hessian
    var stream = RandomStream(seed: 4, name: "points")
    var subfunction = SFOSubfunction(terms: [0], weight: 1, capacity: 4, position: Array(repeating: 0, count: d))
    var pairs: [(s: [Double], y: [Double])] = []
    var last: (x: [Double], g: [Double])?
    for _ in 0...evaluations {
      let x = (0..<d).map { _ in stream.normal() }
      let g = (0..<d).map { i in (0..<d).reduce(1) { $0 + h[i * d + $1] * x[$1] } }
      if let last { pairs.append((x &- last.x, g &- last.g)) }
      last = (x, g)
      subfunction.record(0.5 * dot(x, g), gradient: g, at: x)
    }
    pairs = pairs.suffix(4)
    #expect(subfunction.steps == pairs.reversed().map(\.s) && subfunction.changes == pairs.reversed().map(\.y))
    subfunction.updateHessian(ratio: 1e8, fallback: 1)
    let λ = subfunction.smallest
    var b = (0..<d).map { i in (0..<d).map { i == $0 ? λ : 0 } }
    for (s, y) in pairs {
      let bs = b.map { dot($0, s) }
      b = (0..<d).map { i in
        (0..<d).map { j in b[i][j] + y[i] * y[j] / dot(y, s) - bs[i] * bs[j] / dot(s, bs) }
      }
    }
    for (found, known) in zip(dense(subfunction), b) { #expect(distance(found, known) < 1e-10) }
    // H satisfies the last pair exactly.
    #expect(distance(subfunction.hessianProduct(pairs.last!.s), pairs.last!.y) < 1e-10)
    let z = (0..<d).map { _ in stream.normal() }
    #expect(abs(subfunction.hessianSquare(z) - dot(z, subfunction.hessianProduct(z))) < 1e-10)
  }

  @Test func startsFromTheLeastSquaresHessian() {
    // With as many pairs as dimensions, Y S⁻¹ is the Hessian itself, and λ its smallest eigenvalue.
    let d = 4
    let h = LeastSquares(count: 9, dimension: d, seed: 3).hessian
    let spectrum = SymmetricEigen(h, order: d).values
    var stream = RandomStream(seed: 5, name: "points")
    var subfunction = SFOSubfunction(terms: [0], weight: 1, capacity: 10, position: [0, 0, 0, 0])
    for _ in 0...d {
      let x = (0..<d).map { _ in stream.normal() }
      subfunction.record(0, gradient: (0..<d).map { i in (0..<d).reduce(0) { $0 + h[i * d + $1] * x[$1] } }, at: x)
    }
    subfunction.updateHessian(ratio: 1e8, fallback: 1)
    #expect(abs(subfunction.smallest / spectrum[0] - 1) < 1e-6)
    #expect(abs(subfunction.largest / spectrum[3] - 1) < 1e-6)
    // The ratio bounds λ from below.
    subfunction.updateHessian(ratio: 2, fallback: 1)
    #expect(abs(subfunction.smallest - spectrum[3] / 2) < 1e-6 * spectrum[3])
  }

  @Test func isPositiveDefiniteWhateverTheHistory() {
    var stream = RandomStream(seed: 6, name: "pairs")
    for count in 1...6 {
      // Gradients that are unrelated to the positions give negative curvature.
      var subfunction = SFOSubfunction(terms: [0], weight: 1, capacity: 5, position: [0, 0, 0])
      for _ in 0...count {
        subfunction.record(
          0, gradient: (0..<3).map { _ in stream.normal() }, at: (0..<3).map { _ in stream.normal() })
      }
      subfunction.updateHessian(ratio: 1e8, fallback: 1)
      let eigenvalues = SymmetricEigen(dense(subfunction).flatMap { $0 }, order: 3).values
      #expect(eigenvalues[0] > 0 && eigenvalues[2].isFinite)
    }
    // Pairs that repeat each other, or contain no information.
    var subfunction = SFOSubfunction(terms: [0], weight: 1, capacity: 5, position: [0, 0, 0])
    for k in 0...3 { subfunction.record(0, gradient: [2 * Double(k), 0, 0], at: [Double(k), 0, 0]) }
    subfunction.record(0, gradient: [6, 0, 0], at: [3, 0, 0])
    #expect(subfunction.steps.count == 3)
    subfunction.updateHessian(ratio: 1e8, fallback: 1)
    #expect(distance(dense(subfunction).flatMap { $0 }, [2, 0, 0, 0, 2, 0, 0, 0, 2]) < 1e-12)
  }

  // MARK: The subspace

  @Test func subspaceHoldsWhatItIsGiven() {
    var stream = RandomStream(seed: 1, name: "subspace")
    let d = 100
    let start = (0..<d).map { _ in stream.normal() }
    var subspace = SFOSubspace(at: start, subfunctions: 5, stream: &stream)
    #expect(subspace.capacity == 18 && subspace.collapsedCount == 12 && !subspace.isWhole)
    var points = [start]
    for collapse in 0..<4 {
      while true {
        let x = (0..<d).map { _ in stream.normal() }
        points.append(x)
        let z = subspace.take(x)
        // The new direction is computed in the pass that adds, or before.
        var sum = Array(repeating: 0.0, count: d)
        if points.count.isMultiple(of: 2) {
          subspace.add(z, to: &sum)
          #expect(distance(sum, x) < 1e-13)
        }
        #expect(distance(z, subspace.coordinates(of: x)) < 1e-13)
        if subspace.isFull { break }
      }
      #expect(subspace.basis.count == 18)
      // A vector that the subspace already contains changes nothing.
      let before = subspace.basis.count
      _ = subspace.take(points.last! &+ points.first!)
      #expect(subspace.basis.count == before)
      let kept = Array(points.suffix(8))
      let old = kept.map { subspace.coordinates(of: $0) }
      let q = subspace.collapse(holding: old, stream: &stream)
      #expect(subspace.basis.count == 12)
      for (x, z) in zip(kept, old) {
        let new = subspace.coordinates(of: x)
        var point = Array(repeating: 0.0, count: d)
        subspace.add(new, to: &point)
        #expect(distance(point, x) < 1e-12, "collapse \(collapse)")
        let mapped = (0..<12).map { j -> Double in (0..<18).reduce(0.0) { $0 + q[$1 * 12 + j] * z[$1] } }
        #expect(distance(Array(new.prefix(12)), mapped) < 1e-12)
        #expect(new.suffix(6).allSatisfy { $0 == 0 })
      }
      let directions = (0..<12).map { subspace.basis[$0] }
      for (i, a) in directions.enumerated() {
        for (j, b) in directions.enumerated() { #expect(abs(dot(a, b) - (i == j ? 1 : 0)) < 1e-13) }
      }
      points = kept
    }
  }

  @Test func aSmallSpaceIsItsOwnSubspace() {
    var stream = RandomStream(seed: 1, name: "subspace")
    var subspace = SFOSubspace(at: [0, 0, 0], subfunctions: 25, stream: &stream)
    #expect(subspace.isWhole && subspace.coordinates(of: [1, 2, 3]) == [1, 2, 3])
    #expect(subspace.take([1, 0, 0]) == [1, 0, 0] && !subspace.isFull)
    // From zero the first direction is random.
    let large = SFOSubspace(at: Array(repeating: 0, count: 50), subfunctions: 2, stream: &stream)
    #expect(large.basis.count == 1 && abs(norm(large.basis[0]) - 1) < 1e-15)
  }

  // MARK: The method

  @Test(arguments: [(8, UInt64(1)), (8, 2), (70, 1)])
  func solvesAQuadraticSumInFewPasses(d: Int, seed: UInt64) throws {
    // d = 8 is the whole space; in d = 70 the subspace of 22 to 33 dimensions is collapsed again and again.
    let problem = LeastSquares(count: 200, dimension: d)
    let sum = try problem.sum
    let start = Array(repeating: 1.0, count: d)
    let best = try value(sum, at: problem.solution)
    let first = try value(sum, at: start) - best
    var passes: [String] = []
    let method = SFO<Double>(subfunctions: 10)
    let minimum = try minimize(sum, from: start, using: method, steps: d == 8 ? 150 : 500, seed: seed) { step in
      if step.step % 10 == 0 { passes.append("\(step.step / 10): \((try step.value() - best) / first)") }
      return .proceed
    }
    let last = try value(sum, at: minimum.parameters) - best
    #expect(last < 1e-9 * first, "\(passes)")
  }

  @Test(arguments: SFO<Double>.Selection.allCases) func everySelectionFindsTheMinimum(selection: SFO<Double>.Selection)
    throws
  {
    let sum = try logisticSum(count: 200, dimension: 10)
    let start = Array(repeating: 0.0, count: 10)
    let best = try minimize(sum, from: start, using: LBFGS(), steps: 200).value
    let minimum = try minimize(sum, from: start, using: SFO(subfunctions: 10, selection: selection), steps: 300)
    #expect(minimum.value - best < 1e-8, "\(minimum.value - best)")
  }

  @Test func subfunctionsOfUnequalSizeCountByTheirSize() throws {
    // 11 terms in 3 subfunctions, of 3, 4 and 4.
    let problem = LeastSquares(count: 11, dimension: 2, noise: 2)
    let minimum = try minimize(try problem.sum, from: [4, 4], using: SFO(subfunctions: 3), steps: 100)
    #expect(distance(minimum.parameters, problem.solution) < 1e-6)
  }

  @Test func theActiveSetGrowsToAll() throws {
    let sum = try LeastSquares(count: 60, dimension: 5).sum
    var active = 2
    var counts: [Int] = []
    try run(SFO(subfunctions: 12), on: sum, from: [1, 1, 1, 1, 1], steps: 100, seed: 1) { before, after in
      #expect(after.activeCount >= active && after.activeCount <= before.activeCount + 2)
      active = after.activeCount
      counts.append(active)
      // Each active one gets two evaluations before one more becomes active; only active ones are evaluated.
      #expect(after.subfunctions[after.evaluated].isActive)
      if after.activeCount > before.activeCount {
        let wereActive = before.subfunctions.indices.filter { before.subfunctions[$0].isActive }
        #expect(wereActive.allSatisfy { after.subfunctions[$0].evaluationCount >= 2 })
      }
    }
    #expect(counts[0] == 2 && counts.last == 12)
  }

  @Test func aNewSubfunctionIsEvaluatedTwiceAtOnce() throws {
    let sum = try LeastSquares(count: 60, dimension: 5).sum
    for seed in 0..<5 as Range<UInt64> {
      var due: Int?
      try run(SFO(subfunctions: 12), on: sum, from: [1, 1, 1, 1, 1], steps: 60, seed: seed) { before, after in
        if let due { #expect(after.evaluated == due) }
        let counts = after.subfunctions.map(\.evaluationCount)
        due = counts[after.evaluated] == 1 ? after.evaluated : nil
        #expect(counts.count { $0 == 1 } <= 1)
      }
    }
  }

  @Test func theModelIsTheSumOfTheSubfunctions() throws {
    // After every step the total is the sum of the parts, and θ moved by Newton's step on it, unless that is limited.
    let sum = try LeastSquares(count: 40, dimension: 4).sum
    let method = SFO<Double>(subfunctions: 8, stepRatio: 1e9, minimumStep: 0)
    try run(method, on: sum, from: [1, 2, 3, 4], steps: 60, seed: 2) { before, after in
      let active = after.subfunctions.filter(\.isActive)
      var whole = [Double](repeating: 0, count: 16)
      for subfunction in active { whole = whole &+ dense(subfunction).flatMap { $0 } }
      #expect(distance(after.wholeHessian, whole) < 1e-9 * norm(whole))
      guard !after.isStepFailed, after.activeCount == before.activeCount else { return }
      var slope = [0.0, 0, 0, 0]
      for subfunction in active { slope = slope &+ subfunction.predictedGradient(at: before.parameters.values) }
      let step = after.parameters.values &- before.parameters.values
      let product = (0..<4).map { i in dot(Array(whole[(4 * i)..<(4 * i + 4)]), step) }
      #expect(distance(product, (-after.stepScale) &* slope) < 1e-8 * max(1, norm(slope)))
    }
  }

  @Test func failedStepsAreTakenBack() throws {
    // The first Hessian is far too small, so the first step goes far too far.
    let problem = LeastSquares(count: 60, dimension: 5)
    let sum = try problem.sum
    var failures = 0
    let method = SFO<Double>(subfunctions: 6, initialHessian: 1e-4)
    try run(method, on: sum, from: [1, 1, 1, 1, 1], steps: 120, seed: 3) { before, after in
      if after.isStepFailed {
        failures += 1
        #expect(after.stepScale <= max(0.5 * before.stepScale, 1e-5) * (1 + 1e-12))
      }
      // No difference is taken with a missing gradient: H s = y holds for the terms' Hessian.
      for subfunction in after.subfunctions {
        for (s, y) in zip(subfunction.steps, subfunction.changes) {
          let expected =
            problem.gradient(at: s, of: subfunction.terms)
            &- problem.gradient(at: [0, 0, 0, 0, 0], of: subfunction.terms)
          #expect(distance(y, expected) < 1e-9 * max(1, norm(s)))
        }
      }
    }
    #expect(failures > 0)
    let minimum = try minimize(sum, from: [1, 1, 1, 1, 1], using: method, steps: 150, seed: 3)
    #expect(distance(minimum.parameters, problem.solution) < 1e-5)
  }

  @Test func comesBackFromWhereTheObjectiveIsInfinite() throws {
    // Σ cᵢ x − log x is not a number for x ≤ 0, where the first step leads.
    let sum = try ClosureSum<Double>(count: 12, dimension: 1) { i, x, gradient in
      let c = 1 + 0.1 * Double(i)
      gradient[0] += c - 1 / x[0]
      return x[0] > 0 ? c * x[0] - Double.log(x[0]) : .nan
    }
    let minimum = try minimize(
      sum, from: [3], using: SFO(subfunctions: 4, initialHessian: 0.01), steps: 200, seed: 1)
    #expect(abs(minimum.parameters[0] - 1 / 1.55) < 1e-5)
    #expect(throws: MinimizeError.nonFiniteValue(step: 0)) {
      try minimize(sum, from: [-1], using: SFO(subfunctions: 4), steps: 10)
    }
  }

  @Test func worksInSinglePrecision() throws {
    let problem = LeastSquares(count: 100, dimension: 10)
    let minimum = try minimize(
      try problem.floatSum, from: Array(repeating: 0, count: 10),
      using: SFO(subfunctions: 10, minimumStep: 1e-5), steps: 200)
    #expect(distance(minimum.parameters.map(Double.init), problem.solution) < 1e-3)
  }

  @Test func evaluationsAreCounted() throws {
    let sum = try LeastSquares(count: 47, dimension: 3).sum
    var expected = 0
    let objective = try CountedSum(sum)
    let method = SFO<Double>(subfunctions: 5)
    var state = try method.start(at: ParameterVector([1.0, 1, 1]), count: 47, seed: 0)
    for _ in 0..<40 {
      let before = state.subfunctions.map(\.evaluationCount)
      try method.step(&state, on: objective)
      for (subfunction, count) in zip(state.subfunctions, before) {
        expected += subfunction.terms.count * (subfunction.evaluationCount - count)
      }
      #expect(objective.evaluations == TermEvaluations(gradients: expected))
    }
    #expect(state.subfunctions.flatMap(\.terms).sorted() == Array(0..<47))
  }
}
