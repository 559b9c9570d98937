import TestSupport
import Testing

@testable import Descent

@Suite struct HessianFreeTests {
  private let n = 8
  private var matrix: [[Double]] { randomSymmetricRows(n, seed: 3, shift: 8) }
  private let b: [Double] = [1, -2, 3, 0.5, -1, 2, 4, -3]

  /// Without damping, n steps of conjugate gradients minimize a quadratic: the step is Newton's. Bound: 10⁻¹², at a
  /// condition of about 5.
  @Test func itIsNewtonOnAQuadratic() throws {
    var θ = try randomVector(n, seed: 5, of: Double.self)
    let rule = HessianFree<Double>(damping: 0, iterations: n, tolerance: 0)
    var optimizer = try Optimizer(rule, for: θ)
    let report = try optimizer.step(&θ, on: quadratic(matrix, b))
    let minimum = try #require(Cholesky(matrix.flatMap { $0 }, order: n)).solve(b)
    for (x, y) in zip(θ.values, minimum) { #expect(abs(x - y) < 1e-12) }
    // The gradient and the products with G were asked once each; the line search's values are no gradients of the method.
    #expect(report.gradientCount == 1)
  }

  /// The conjugate gradients' φ is that of x, falls with the steps, and its stop is the paper's.
  @Test func conjugateGradientsStopByTheirProgress() throws {
    let n = 60
    let a = randomSymmetricRows(n, seed: 1, shift: 17)
    let objective: CurvedObjective<Double> = quadratic(a, Array(repeating: 0, count: n))
    let right = try randomVector(n, seed: 2, of: Double.self)
    let zero = ParameterVector<Double>(zeros: right.layout)
    func solve(_ steps: Int, _ tolerance: Double) throws -> ConjugateGradients.Solution<Double> {
      try #require(
        try ConjugateGradients(mostSteps: steps, tolerance: tolerance).solve(right, from: zero) {
          try objective.hessianProduct(at: zero, with: $0, into: &$1)
        })
    }
    var last = 0.0
    var values = [0.0]
    for steps in 1...40 {
      let solution = try solve(steps, 0)
      var gradient = zero
      let half = try objective.value(at: solution.x, gradient: &gradient)
      #expect(abs(solution.value - (half - solution.x.dot(right))) < 1e-12)
      #expect(solution.value <= last + 1e-14 && solution.steps == steps)
      last = solution.value
      values.append(last)
    }
    for tolerance in [5e-4, 1e-2] {
      let stop = try #require(
        (11...40).first { i in values[i] < 0 && (values[i] - values[i - 10]) / values[i] < 10 * tolerance })
      #expect(try solve(40, tolerance).steps == stop)
    }
  }

  /// A start above φ(0) is left: the result is always a direction of descent.
  @Test func aBadStartIsLeft() throws {
    let objective: CurvedObjective<Double> = quadratic(matrix, Array(repeating: 0, count: n))
    let right = try ParameterVector(b)
    let far = try ParameterVector([Double](repeating: 1e3, count: n))
    let solver = ConjugateGradients(mostSteps: 1, tolerance: 0)
    func solve(from start: ParameterVector<Double>) throws -> ParameterVector<Double> {
      try #require(
        try solver.solve(right, from: start) { try objective.hessianProduct(at: right, with: $0, into: &$1) }
      ).x
    }
    #expect(try solve(from: far) == solve(from: ParameterVector(zeros: right.layout)))
    #expect(try solve(from: far).dot(right) > 0)
  }

  /// λ falls by ⅔ where the model fits, and grows by 3⁄2 where it does not; the line search shortens the step, and no
  /// step is made if nothing lowers f.
  @Test func dampingAndLineSearch() throws {
    var θ = try ParameterVector(b)
    var good = try Optimizer(HessianFree<Double>(damping: 3), for: θ)
    try good.step(&θ, on: quadratic(matrix, b))
    #expect(try good.checkpoint(θ).numbers["hessianfree/damping"] == 2)

    // √(1 + x²) with a G that is too small: the full step overshoots from x = 3, and a shorter one is made.
    let curve = CurvedObjective<Double> { θ, g in
      let x = θ.values[0]
      try g.assign([x / (1 + x * x).squareRoot()], to: "x")
      return (1 + x * x).squareRoot()
    } gaussNewton: { _, v, product in
      product = v
      product.scale(by: 0.01)
    }
    var x = try ParameterVector([3.0])
    var optimizer = try Optimizer(HessianFree<Double>(damping: 0.001, iterations: 5), for: x)
    let slope = 3 / 10.0.squareRoot()
    let full = -slope / 0.011
    var α = 1.0
    while (1 + (3 + α * full) * (3 + α * full)).squareRoot() > 10.0.squareRoot() + 0.01 * α * slope * full { α *= 0.8 }
    try optimizer.step(&x, on: curve)
    #expect(α < 1 && abs(x.values[0] - (3 + α * full)) < 1e-12)
    #expect(try optimizer.checkpoint(x).numbers["hessianfree/damping"] == 0.0015)

    // A gradient with the wrong sign: nothing lowers f.
    let wrong = CurvedObjective<Double> { θ, g in
      g = θ
      g.scale(by: -1)
      return 0.5 * θ.sumOfSquares()
    } gaussNewton: {
      $2 = $1
    }
    var y = try ParameterVector([1.0])
    var stuck = try Optimizer(HessianFree<Double>(damping: 1), for: y)
    try stuck.step(&y, on: wrong)
    #expect(y.values == [1] && stuck.stepCount == 1)
    #expect(try stuck.checkpoint(y).numbers["hessianfree/damping"] == 1.5)
  }

  /// A penalty is part of gradient, value and product: the step is that on the penalized function.
  @Test func aPenaltyIsPartOfTheModel() throws {
    let λ = 0.75
    var shifted = matrix
    for i in 0..<n { shifted[i][i] += λ }
    let start = try randomVector(n, seed: 5, of: Double.self)
    let rule = HessianFree<Double>(damping: 1)
    var (θ, φ) = (start, start)
    var penalized = try Optimizer(rule.penalized(by: λ), for: θ)
    var plain = try Optimizer(rule, for: φ)
    for _ in 0..<5 {
      try penalized.step(&θ, on: quadratic(matrix, b))
      try plain.step(&φ, on: quadratic(shifted, b))
      for (x, y) in zip(θ.values, φ.values) { #expect(abs(x - y) < 1e-13) }
    }
    let dampings = try (penalized.checkpoint(θ), plain.checkpoint(φ))
    #expect(dampings.0.numbers["hessianfree/damping"] == dampings.1.numbers["hessianfree/damping"])
  }

  @Test func rosenbrockIsMinimized() throws {
    let start = try ParameterVector([-1.2, 1.0])
    let optimizer = try Optimizer(HessianFree<Double>(damping: 1), for: start)
    let minimum = try minimize(from: start, stepping: optimizer, steps: 100, on: rosenbrock())
    #expect(minimum.value < 1e-20)
    let narrow = try ParameterVector([-1.2, 1] as [Float])
    let other = try Optimizer(HessianFree<Float>(damping: 1), for: narrow)
    #expect(try minimize(from: narrow, stepping: other, steps: 100, on: rosenbrock()).value < 1e-8)
  }

  @Test func itGoesOnFromACheckpoint() throws {
    let start = try ParameterVector([-1.2, 1.0])
    let optimizer = try Optimizer(HessianFree<Double>(damping: 1), for: start)
    #expect(
      try resumesExactly(
        optimizer, remake: { try Optimizer(HessianFree<Double>(), for: start) }, from: start, steps: 20,
        on: rosenbrock()))
  }

  /// No gradient, whatever its size, makes a NaN; one that is not finite, or an unknown value, is an error that changes
  /// nothing.
  @Test func itStaysFinite() throws {
    for size in [1e-300, 1e-20, 1e20, 1e200, Double.greatestFiniteMagnitude] {
      let slope = CurvedObjective<Double> { θ, g in
        try g.assign([size, -size, 0.1], to: "x")
        return 0
      } gaussNewton: {
        $2 = $1
      }
      var θ = try ParameterVector([1.0, 2, 3])
      var optimizer = try Optimizer(HessianFree<Double>(damping: 1), for: θ)
      for _ in 0..<3 {
        try optimizer.step(&θ, on: slope)
        #expect(θ.firstNonFiniteBlock == nil)
        #expect(try optimizer.slot("hessianfree/direction").firstNonFiniteBlock == nil)
      }
    }
    for (value, gradient, product) in [(1, Double.nan, 1), (.nan, 1, 1), (.infinity, 1, 1), (1, 1, Double.infinity)] {
      let broken = CurvedObjective<Double> { _, g in
        try g.assign([gradient], to: "x")
        return value
      } gaussNewton: {
        try $2.assign([product], to: "x")
      }
      var θ = try ParameterVector([1.0])
      var optimizer = try Optimizer(HessianFree<Double>(), for: θ)
      #expect(throws: CurvatureError.self) { try optimizer.step(&θ, on: broken) }
      #expect(θ.values == [1] && optimizer.stepCount == 0)
    }
  }

  @Test func anObjectiveWithoutProductsIsRefused() throws {
    var θ = try ParameterVector([1.0, 1])
    var optimizer = try Optimizer(HessianFree<Double>(), for: θ)
    let refusal = ObjectiveError.lacks(.gaussNewtonProducts, objective: "the objective", method: "hessianfree")
    #expect(throws: refusal) { try optimizer.step(&θ, on: strictSaddle()) }
    #expect(θ.values == [1, 1])
  }
}
