import TestSupport
import Testing

@testable import Descent

/// A method that only looks: what it is told of value, gradient, products and diagonal.
private struct Look: ObjectiveRule {
  typealias Scalar = Double
  var learningRate: Schedule = 1

  struct State: Sendable {
    var seen: [[Double]] = []
    var values: [Double] = []
  }

  func initialState(for θ: ParameterVector<Double>) -> State { State() }

  func step(
    _ θ: inout ParameterVector<Double>, on objective: inout StepObjective<Double>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    var (g, h, n, d) = (θ, θ, θ, θ)
    s.values = [try objective.value(at: θ, gradient: &g), try objective.value(at: θ)]
    try objective.hessianProduct(at: θ, with: θ, into: &h)
    try objective.gaussNewtonProduct(at: θ, with: θ, into: &n)
    try objective.curvatureDiagonal(at: θ, .full, into: &d)
    s.seen = [g.values, h.values, n.values, d.values]
  }
}

/// 1.5 ‖θ‖², with all of its curvature.
private struct Sphere: HessianObjective, GaussNewtonObjective, CurvatureDiagonalObjective {
  typealias Scalar = Double

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) -> Double {
    gradient = θ
    gradient.scale(by: 3)
    return 1.5 * θ.sumOfSquares()
  }

  func hessianProduct(
    at θ: ParameterVector<Double>, with v: ParameterVector<Double>, into product: inout ParameterVector<Double>
  ) {
    product = v
    product.scale(by: 3)
  }

  func gaussNewtonProduct(
    at θ: ParameterVector<Double>, with v: ParameterVector<Double>, into product: inout ParameterVector<Double>
  ) {
    hessianProduct(at: θ, with: v, into: &product)
  }

  func curvatureDiagonal(
    at θ: ParameterVector<Double>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Double>
  ) throws {
    try diagonal.assign([3, 3], to: "x")
  }
}

@Suite struct CurvedObjectiveTests {
  /// The example of the documentation.
  @Test func theExampleFindsTheMinimum() throws {
    let valley = CurvedObjective<Double> { θ, gradient in
      let x = θ.values
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      try gradient.assign([-2 * a - 400 * x[0] * b, 200 * b], to: "x")
      return a * a + 100 * b * b
    } hessian: { θ, v, product in
      let (x, v) = (θ.values, v.values)
      let (h00, h01) = (2 - 400 * (x[1] - 3 * x[0] * x[0]), -400 * x[0])
      try product.assign([h00 * v[0] + h01 * v[1], h01 * v[0] + 200 * v[1]], to: "x")
    }
    var θ = try ParameterVector([-1.2, 1.0])
    var optimizer = try Optimizer(TrustRegion(), for: θ)
    for _ in 1...40 { try optimizer.step(&θ, on: valley) }
    for x in θ.values { #expect(abs(x - 1) < 1e-9) }
  }

  /// It can give what it was given closures for, and nothing else.
  @Test func whatItCanGive() throws {
    let plain = CurvedObjective<Double> { _, _ in 0 }
    #expect(plain.capabilities == [.otherPoints])
    #expect(strictSaddle(Double.self).capabilities == [.otherPoints, .hessianProducts])
    #expect(rosenbrock(Double.self).capabilities == [.otherPoints, .hessianProducts, .gaussNewtonProducts])
    var θ = try ParameterVector([1.0])
    #expect(throws: ObjectiveError.self) { try plain.hessianProduct(at: θ, with: θ, into: &θ) }
    #expect(throws: ObjectiveError.self) { try plain.gaussNewtonProduct(at: θ, with: θ, into: &θ) }
  }

  /// Around a rule, penalties are part of values, gradients, products and the diagonal alike; those of two rules add.
  @Test func penaltiesArePartOfTheCurvature() throws {
    let rule = Look().penalized(by: 0.25).penalized(by: 0.5)
    let θ = try ParameterVector([2.0, -1])
    let objective = StepObjective(
      Sphere(), layout: θ.layout, message: .gradient, transforms: [], exchange: nil, memory: nil)
    var (state, asked, x) = (rule.initialState(for: θ), objective, θ)
    try rule.step(&x, on: &asked, state: &state, at: 1, threads: 1)
    #expect(state.values == [1.5 * 5 + 0.375 * 5, 1.5 * 5 + 0.375 * 5])
    let scaled = [3.75 * 2, -3.75]
    #expect(state.seen == [scaled, scaled, scaled, [3.75, 3.75]])
    #expect(asked.ridge == 0 && asked.report.value == 7.5 && asked.report.gradientCount == 1 && x == θ)
  }
}
