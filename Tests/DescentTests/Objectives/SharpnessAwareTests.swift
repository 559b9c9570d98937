import TestSupport
import Testing

@testable import Descent

/// Values and gradients alone, and a count of questions.
private final class Counted: RepeatableObjective {
  typealias Scalar = Double
  let curve: CurvedObjective<Double>
  var questions = 0

  init(_ curve: CurvedObjective<Double>) { self.curve = curve }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    questions += 1
    return try curve.value(at: θ, gradient: &gradient)
  }
}

@Suite struct SharpnessAwareTests {
  private static let settings = [
    SharpnessAware(radius: 0.05), SharpnessAware(radius: 0.5, isAdaptive: true),
    SharpnessAware(radius: 0.3, isAdaptive: true, eta: 0.2),
  ]
  private let start = try! ParameterVector([3.0, -2, 0.5, 0, 1.5, -1])
  private let curve: CurvedObjective<Double> = quadratic(
    randomSymmetricRows(6, seed: 1, shift: 4), [1, 2, 3, 0, -1, -2])

  /// θ + ε, written out.
  private func point(_ θ: ParameterVector<Double>, _ s: SharpnessAware) throws -> ParameterVector<Double> {
    var g = θ
    _ = try curve.value(at: θ, gradient: &g)
    let t = θ.values.map { s.isAdaptive ? abs($0) + s.eta : 1 }
    let length = norm(zip(t, g.values).map { $0 * $1 })
    let ε = zip(t, g.values).map { s.radius * $0 * $0 * $1 / length }
    return try ParameterVector(zip(θ.values, ε).map { $0 + $1 })
  }

  /// A step is the rule's step by the gradient at θ + ε, for rules that see an element, a parameter, all parameters, and
  /// the objective; θ differs by rounding alone.
  @Test(arguments: settings) func everyRuleStepsByTheGradientNearby(sharpness: SharpnessAware) throws {
    func check(_ make: () throws -> any CompleteStepper<Double>) throws {
      var (aware, plain) = (try make(), try make())
      aware.sharpness = sharpness
      var θ = start
      for t in 1...6 {
        var (φ, g) = (θ, θ)
        let value = try curve.value(at: θ, gradient: &g)
        _ = try curve.value(at: point(θ, sharpness), gradient: &g)
        if t > 1 {
          // From the same state.
          plain = try make()
          let checkpoint = try aware.checkpoint(θ)
          try plain.restore(checkpoint, into: &φ)
        }
        let counted = Counted(curve)
        let report = try aware.step(&θ, on: counted)
        #expect(report.value == value && counted.questions == 2)
        try plain.step(&φ, gradient: g)
        for (x, y) in zip(θ.values, φ.values) { #expect(abs(x - y) < 1e-12, "\(aware.name) \(t)") }
      }
    }
    let start = start
    try check { try Optimizer(Momentum(learningRate: 0.01), for: start) }
    try check { try Optimizer(Adam(learningRate: 0.1).penalized(by: 0.1).clipped(to: 5).averaged(0.9), for: start) }
    try check { try Optimizer(Muon(), for: start) }
    try check { try Optimizer(Prodigy(), for: start) }
  }

  /// A rule that asks at two points gets both gradients so.
  @Test(arguments: settings) func aRuleThatAsksTwiceGetsBothGradientsNearby(sharpness: SharpnessAware) throws {
    let rule = STORM<Double>(k: 0.1, w: 1, c: 5)
    var (θ, φ) = (start, start)
    var aware = try Optimizer(rule, for: θ)
    aware.sharpness = sharpness
    var plain = try Optimizer(rule, for: φ)
    let nearby = ClosureObjective<Double> { x, g in
      try curve.value(at: point(x, sharpness), gradient: &g)
    }
    for _ in 0..<5 {
      try aware.step(&θ, on: Counted(curve))
      try plain.step(&φ, on: nearby)
      for (x, y) in zip(θ.values, φ.values) { #expect(abs(x - y) < 1e-12) }
    }
  }

  /// Transforms see the gradient at θ + ε alone, and a gradient of zeros moves nothing.
  @Test func transformsSeeTheGradientNearby() throws {
    let sharpness = SharpnessAware(radius: 0.2)
    var θ = start
    var optimizer = try Optimizer(SGD<Double>(learningRate: 1), for: θ)
    optimizer.sharpness = sharpness
    optimizer.transforms = [ClipByGlobalNorm(0.5)]
    var g = start
    _ = try curve.value(at: point(start, sharpness), gradient: &g)
    let report = try optimizer.step(&θ, on: curve)
    #expect(abs(try #require(report.gradientNorm) - g.norm()) < 1e-12)
    for i in 0..<6 { #expect(abs(θ.values[i] - (start.values[i] - 0.5 * g.values[i] / g.norm())) < 1e-12) }
    var origin = ParameterVector<Double>(zeros: start.layout)
    for sharpness in Self.settings {
      optimizer.sharpness = sharpness
      try optimizer.step(&origin, on: quadratic(randomSymmetricRows(6, seed: 1), [0, 0, 0, 0, 0, 0]))
      #expect(origin.values.allSatisfy { $0 == 0 })
    }
    // A radius of 0 is no SAM.
    var (plain, none) = (try Optimizer(Adam<Double>(), for: start), try Optimizer(Adam<Double>(), for: start))
    none.sharpness = SharpnessAware(radius: 0)
    var (x, y) = (start, start)
    for _ in 0..<3 {
      try plain.step(&x, on: curve)
      try none.step(&y, on: curve)
    }
    #expect(x == y)
  }

  /// A given gradient, blocks, an exchange, and a radius that is none are refused before anything changes.
  @Test func refusals() throws {
    var θ = start
    var optimizer = try Optimizer(Adam<Double>(), for: θ)
    optimizer.sharpness = SharpnessAware(radius: 0.05)
    #expect(optimizer.needs == [.otherPoints])
    #expect(throws: ObjectiveError.lacks(.otherPoints, objective: "a gradient alone", method: "adam")) {
      try optimizer.step(&θ, gradient: θ)
    }
    optimizer.stepsByBlock = true
    #expect(optimizer.obstacleToBlocks == .sharpness)
    #expect(throws: BlockStepError.sharpness) { try optimizer.step(&θ, on: curve) }
    optimizer.stepsByBlock = false
    optimizer.exchange = Silence()
    #expect(throws: ObjectiveError.exchangesSharpness(method: "adam")) { try optimizer.step(&θ, on: curve) }
    optimizer.exchange = nil
    for bad in [SharpnessAware(radius: -1), SharpnessAware(radius: .nan), SharpnessAware(radius: 1, eta: .infinity)] {
      optimizer.sharpness = bad
      #expect(throws: RuleError.self) { try optimizer.step(&θ, on: curve) }
    }
    #expect(θ == start && optimizer.stepCount == 0)
  }

  @Test func itStaysFinite() throws {
    for size in [.leastNonzeroMagnitude, 1e-300, 1e300, Double.greatestFiniteMagnitude] {
      for sharpness in Self.settings {
        for x in [0, 1, Double.greatestFiniteMagnitude] {
          let θ = try ParameterVector([x, -x, 1])
          let near = sharpness.point(from: θ, gradient: try ParameterVector([size, -size, 0]))
          #expect(near.firstNonFiniteBlock == nil, "\(size) \(x)")
        }
      }
    }
    // A gradient that is not finite is the objective's own, for the guard to see.
    var θ = start
    var optimizer = try Optimizer(SGD<Double>(), for: θ)
    optimizer.sharpness = SharpnessAware(radius: 1)
    optimizer.transforms = [NonFiniteGuard()]
    let broken = ClosureObjective<Double> { θ, g in
      g = θ
      g.scale(by: .infinity)
      return 1
    }
    #expect(try optimizer.step(&θ, on: broken).isSkipped)
    #expect(θ == start)
  }
}

private struct Silence: Exchange {
  func exchange(_ message: inout ParameterVector<Double>, as kind: Message) {}
}
