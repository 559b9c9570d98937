import Foundation
import Testing

@testable import Descent

/// What an element-wise method of one's own costs: this struct (LaProp, Ziyin, Wang & Ueda 2020). All else in this file
/// comes with it.
private struct LaProp<Scalar: RuleScalar>: ElementRule {
  var learningRate: Schedule = 0.001
  var beta1 = 0.9
  var beta2 = 0.999
  var epsilon = 1e-8

  struct State: BitwiseCopyable { var m, v: Scalar.Lane }
  static var slotKinds: SlotKinds { .signed + .nonNegative }
  struct Coefficients { var α, oneMinusβ1, oneMinusβ2, vScale, ε: Scalar }

  func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      α: Scalar(learningRate(at: t) / (1 - pow(beta1, Double(t)))), oneMinusβ1: Scalar(1 - beta1),
      oneMinusβ2: Scalar(1 - beta2), vScale: Scalar(1 / (1 - pow(beta2, Double(t)))), ε: Scalar(epsilon))
  }

  @inline(__always)
  func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.v.decay(towardSquareOf: g, by: c.oneMinusβ2)
    s.m.decay(toward: g.dividedOrZero(by: Scalar.squareRoot(c.vScale * s.v) + c.ε), by: c.oneMinusβ1)
    θ -= c.α * s.m
  }

  static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean step"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
    ]
  }
}

@Suite struct OwnRuleTests {
  private let start = [1.0, -2, 0.5, 3, 0]
  private func gradient<Scalar: LaneScalar>(_ t: Int, _: Scalar.Type) throws -> ParameterVector<Scalar> {
    try ParameterVector(start.indices.map { Scalar(sin(Double(3 * t + $0))) })
  }

  /// θ after each step.
  private func path<Rule: PassRule>(
    _ rule: Rule, steps: Int = 6, threads: Int = 1
  ) throws -> [ParameterVector<Rule.Scalar>] where Rule.Scalar: LaneScalar {
    var θ = try ParameterVector<Rule.Scalar>(start.map { Rule.Scalar($0) })
    var optimizer = try Optimizer(rule, for: θ, threads: threads)
    return try (1...steps).map { t in
      try optimizer.step(&θ, gradient: gradient(t, Rule.Scalar.self))
      return θ
    }
  }

  @Test func stepsAsItsEquations() throws {
    var (θ, m, v) = (start, [Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5))
    for (t, found) in zip(1..., try path(LaProp<Double>(learningRate: 0.01))) {
      for i in θ.indices {
        let g = sin(Double(3 * t + i))
        v[i] = 0.999 * v[i] + 0.001 * g * g
        m[i] = 0.9 * m[i] + 0.1 * g / ((v[i] / (1 - pow(0.999, Double(t)))).squareRoot() + 1e-8)
        θ[i] -= 0.01 * m[i] / (1 - pow(0.9, Double(t)))
        #expect(abs(found.values[i] - θ[i]) <= 1e-14)
      }
    }
  }

  @Test func itsOptionsAreReadAndChecked() throws {
    var rule = LaProp<Float>()
    try rule.setOption("lr", to: "cosine(0.1)", steps: 10)
    try rule.setOption("Beta-1", to: "0.5")
    #expect(rule.beta1 == 0.5 && rule.learningRate(at: 1) == 0.1)
    #expect(throws: RuleError.self) { try rule.setOption("beta2", to: "1") }
    #expect(LaProp<Float>.name == "laprop" && LaProp<Float>.slots == ["laprop/m", "laprop/v"])
  }

  /// Compositions, a state in fewer bits, the graph's bits, and the equations as text.
  @Test func whatIsForAllRulesIsForIt() throws {
    let rule = LaProp<Float>(learningRate: 0.01)
    let composed = rule.decayed(by: 0.01).penalized(by: 0.1).clipped(to: 0.5).averaged(0.9)
    #expect(try path(composed) != path(rule))
    #expect(try path(rule.lookingAhead(every: 2)) != path(rule))
    let traced = LaProp<Traced<Float>>(learningRate: 0.01)
    #expect(try path(Interpreted(traced)) == path(rule))
    #expect(
      try path(Interpreted(traced.decayed(by: 0.01).penalized(by: 0.1).clipped(to: 0.5).averaged(0.9)))
        == path(composed))
    let (exact, rounded) = (try path(rule), try path(rule.quantized(.bfloat16)))
    for (a, b) in zip(exact.last!.values, rounded.last!.values) { #expect(abs(a - b) < 0.01) }
    #expect(exact != rounded)
    let formulas = try CoefficientFormulas(of: LaProp<Traced<Double>>())
    let text = try UpdateExplanation(of: traced, formulas: formulas).text()
    #expect(text.contains("√") && text.contains("laprop/m"), "\(text)")
  }

  @Test func aCheckpointGoesOnWithTheSameBits() throws {
    let whole = try path(LaProp<Double>().averaged(0.9), steps: 6)
    var θ = try ParameterVector(start)
    var first = try Optimizer(LaProp<Double>().averaged(0.9), for: θ)
    for t in 1...3 { try first.step(&θ, gradient: gradient(t, Double.self)) }
    let data = try first.checkpoint(θ)
    var second = try Optimizer(LaProp<Double>().averaged(0.9), for: θ)
    var other = try ParameterVector(start)
    try second.restore(data, into: &other)
    for t in 4...6 { try second.step(&other, gradient: gradient(t, Double.self)) }
    #expect(other == whole.last)
  }
}
