import TestSupport
import Testing

@testable import Descent

@Suite struct LevenbergMarquardtTests {
  /// One step against the equations: λ is raised tenfold until f falls, then divided.
  @Test(arguments: [false, true]) func oneStepIsItsEquation(scales: Bool) throws {
    let truth = [2.0, 0.7, -1]
    let objective: CurvedObjective<Double> = exponentialFit(truth: truth)
    let start = try ParameterVector([1.0, 3, 2])
    var θ = start
    var optimizer = try Optimizer(
      LevenbergMarquardt<Double>(damping: 1e-6, factor: 4, scalesByDiagonal: scales), for: θ)
    try optimizer.step(&θ, on: objective)

    var (g, column) = (start, start)
    let value = try objective.value(at: start, gradient: &g)
    let matrix = try (0..<3).flatMap { i in
      let unit = try ParameterVector((0..<3).map { $0 == i ? 1.0 : 0 })
      try objective.gaussNewtonProduct(at: start, with: unit, into: &column)
      return column.values
    }
    var (λ, trial) = (1e-6, start)
    while true {
      var damped = matrix
      for i in 0..<3 { damped[4 * i] += λ * (scales ? matrix[4 * i] : 1) }
      let d = try #require(Cholesky(damped, order: 3)).solve(g.values.map { -$0 })
      trial = try ParameterVector(zip(start.values, d).map { $0 + $1 })
      var ignored = g
      if try objective.value(at: trial, gradient: &ignored) < value { break }
      λ *= 4
    }
    for (x, y) in zip(θ.values, trial.values) { #expect(abs(x - y) <= 1e-13 * (1 + y.magnitude)) }
    #expect(try optimizer.checkpoint(θ).numbers["levenbergmarquardt/damping"] == λ / 4)
  }

  /// A known fit: a exp(−b t) + c through exact points. Both scalings end at the truth to 10⁻⁹.
  @Test(arguments: [false, true]) func aKnownFitIsFound(scales: Bool) throws {
    let truth = [2.0, 0.7, -1]
    let start = try ParameterVector([1.0, 3, 2])
    let optimizer = try Optimizer(LevenbergMarquardt<Double>(scalesByDiagonal: scales), for: start)
    let fit = try minimize(from: start, stepping: optimizer, steps: 40, on: exponentialFit(truth: truth))
    for (x, y) in zip(fit.parameters.values, truth) { #expect(abs(x - y) < 1e-9) }
    let valley = try ParameterVector([-1.2, 1.0])
    let other = try Optimizer(LevenbergMarquardt<Double>(scalesByDiagonal: scales), for: valley)
    #expect(try minimize(from: valley, stepping: other, steps: 40, on: rosenbrock()).value < 1e-25)
  }

  @Test func itGoesOnFromACheckpoint() throws {
    let start = try ParameterVector([1.0, 3, 2])
    let optimizer = try Optimizer(LevenbergMarquardt<Double>(damping: 1), for: start)
    #expect(
      try resumesExactly(
        optimizer, remake: { try Optimizer(LevenbergMarquardt<Double>(), for: start) }, from: start, steps: 8,
        on: exponentialFit(truth: [2, 0.7, -1])))
  }

  /// A G of less than full rank with Marquardt's scaling has no decomposition; θ stays, and so does all at a minimum.
  /// A parameter without curvature has the damping of Levenberg's form; a minimum stays, with its λ.
  @Test func aParameterWithoutCurvatureMoves() throws {
    let flat = CurvedObjective<Double> { θ, g in
      try g.assign([θ.values[0], 1], to: "x")
      return 0.5 * θ.values[0] * θ.values[0] + θ.values[1]
    } gaussNewton: { _, v, product in
      try product.assign([v.values[0], 0], to: "x")
    }
    var θ = try ParameterVector([1.0, 2])
    var optimizer = try Optimizer(LevenbergMarquardt<Double>(scalesByDiagonal: true), for: θ)
    try optimizer.step(&θ, on: flat)
    // D is 1 for both: (1 + λ) d = −1 and λ d = −1.
    #expect(abs(θ.values[0] - (1 - 1 / 1.001)) < 1e-12 && abs(θ.values[1] - (2 - 1 / 1e-3)) < 1e-9)
    var other = try Optimizer(LevenbergMarquardt<Double>(), for: θ)
    try other.step(&θ, on: flat)
    #expect(θ.values[1] < -1900)

    var minimum = try ParameterVector([1.0, 1])
    var done = try Optimizer(LevenbergMarquardt<Double>(), for: minimum)
    try done.step(&minimum, on: rosenbrock())
    #expect(minimum.values == [1, 1])
    #expect(try done.checkpoint(minimum).numbers["levenbergmarquardt/damping"] == 1e-3)
  }

  @Test func aFactorOfOneIsRefused() throws {
    let θ = try ParameterVector([1.0])
    #expect(throws: RuleError.self) { try Optimizer(LevenbergMarquardt<Double>(factor: 1), for: θ) }
  }

  @Test func itStaysFinite() throws {
    for size in [1e-300, 1e300, Double.greatestFiniteMagnitude] {
      let slope = CurvedObjective<Double> { θ, g in
        try g.assign([size, -size], to: "x")
        return θ.values[1] > 2 ? 0 : 1
      } gaussNewton: { _, v, product in
        product = v
        product.scale(by: 1e-200)
      }
      var θ = try ParameterVector([1.0, 2])
      var optimizer = try Optimizer(LevenbergMarquardt<Double>(), for: θ)
      for _ in 0..<2 { try optimizer.step(&θ, on: slope) }
      #expect(θ.firstNonFiniteBlock == nil)
      #expect(try optimizer.checkpoint(θ).numbers["levenbergmarquardt/damping"]!.isFinite)
    }
  }
}
