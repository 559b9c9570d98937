import Foundation
import TestSupport
import Testing

@testable import Descent

/// ½ Σ i xᵢ², with a bias that the number of the question adds where it must not be asked twice.
private struct Bowl: RepeatableObjective {
  typealias Scalar = Double
  var name: String { "the bowl" }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) -> Double {
    let x = θ.values
    gradient = try! ParameterVector(x.enumerated().map { Double($0 + 1) * $1 })
    return x.enumerated().reduce(0) { $0 + 0.5 * Double($1.offset + 1) * $1.element * $1.element }
  }
}

/// A new batch for every question: it may be asked once a step.
private struct Stream: Objective {
  typealias Scalar = Double
  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) -> Double {
    Bowl().value(at: θ, gradient: &gradient)
  }
}

/// A method with a new need, as a user writes it: the gradient at the point that an ordinary step would reach
/// (Korpelevich 1976).
private struct ExtraGradient: ObjectiveRule {
  typealias Scalar = Double
  var learningRate: Schedule = 0.1
  var needs: Set<ObjectiveCapability> { [.otherPoints] }
  static var options: [RuleOption<Self>] { [.schedule("learningRate", \.learningRate, in: .positive, "α: step size")] }

  func step(
    _ θ: inout ParameterVector<Double>, on objective: inout StepObjective<Double>, state: inout NoState, at t: Int,
    threads: Int
  ) throws {
    let α = learningRate(at: t)
    var (ahead, g) = (θ, ParameterVector<Double>(zeros: θ.layout))
    _ = try objective.value(at: θ, gradient: &g)
    ahead.add(g, times: -α)
    _ = try objective.value(at: ahead, gradient: &g)
    θ.add(g, times: -α)
  }
}

@Suite struct ObjectiveTests {
  private let start = try! ParameterVector([3.0, -2, 0.5, 1])

  /// A step on an objective is the step by its gradient, for rules of every kind, and says the value before it.
  @Test func aStepOnAnObjectiveIsTheStepByItsGradient() throws {
    func check(_ optimizer: some Stepper<Double>) throws {
      var (asked, given) = (optimizer, optimizer)
      var (θ, φ) = (start, start)
      for _ in 0..<5 {
        var g = ParameterVector<Double>(zeros: φ.layout)
        let value = Bowl().value(at: φ, gradient: &g)
        #expect(try asked.step(&θ, on: Bowl()).value == value)
        #expect(try given.step(&φ, gradient: g).value == nil)
        #expect(θ == φ, "\(optimizer.name)")
      }
      #expect(asked.stepCount == 5)
    }
    try check(Optimizer(Adam(), for: start))
    try check(Optimizer(Muon(), for: start))
    try check(Optimizer(Prodigy(), for: start))
    var clipped = try Optimizer(Momentum<Double>().averaged(0.9), for: start)
    clipped.transforms = [GradientCentralization(), ClipByGlobalNorm(0.5)]
    try check(clipped)
  }

  /// What the objective cannot give is refused before anything changes, with the names of both and what is missing.
  @Test func whatAnObjectiveCannotGiveIsRefused() throws {
    var θ = start
    var optimizer = try Optimizer(STORM(), for: θ)
    #expect(throws: ObjectiveError.lacks(.otherPoints, objective: "a gradient alone", method: "storm")) {
      try optimizer.step(&θ, gradient: θ)
    }
    let refusal = #expect(throws: ObjectiveError.self) { try optimizer.step(&θ, on: Stream()) }
    #expect(
      refusal.map { "\($0)" }
        == "storm needs the gradient of the same batch at another point, which the objective does not give: choose "
        + "another method")
    var adam = try Optimizer(Adam(), for: θ)
    adam.stepsByBlock = true
    #expect(throws: ObjectiveError.lacks(.blocks, objective: "the bowl", method: "adam")) {
      try adam.step(&θ, on: Bowl())
    }
    // What stands in the way is said before what the objective lacks.
    adam.transforms = [ClipByGlobalNorm(1)]
    #expect(throws: BlockStepError.self) { try adam.step(&θ, on: Bowl()) }
    adam.transforms = []
    var prodigy = try Optimizer(Prodigy<Double>(), for: θ)
    prodigy.stepsByBlock = true
    #expect(throws: BlockStepError.method("prodigy")) { try prodigy.step(&θ, on: Bowl()) }
    #expect(throws: ObjectiveError.self) { try minimize(from: θ, stepping: optimizer, steps: 3, on: Stream()) }
    // Whoever watches sees the whole gradient.
    #expect(throws: ObjectiveError.self) { try minimize(from: θ, stepping: adam, steps: 3, on: Bowl()) }
    var accumulating = optimizer
    accumulating.transforms = [Accumulate(2)]
    #expect(throws: ObjectiveError.countsBatches(transform: "accumulate", method: "storm")) {
      try accumulating.step(&θ, on: Bowl())
    }
    #expect(θ == start && optimizer.stepCount == 0 && adam.stepCount == 0)
    try optimizer.step(&θ, on: Bowl())
    #expect(θ != start && optimizer.stepCount == 1)
  }

  @Test func aMethodWithANewNeed() throws {
    var θ = start
    var optimizer = try Optimizer(ExtraGradient(), for: θ)
    try optimizer.step(&θ, on: Bowl())
    for (i, x) in θ.values.enumerated() {
      let slope = Double(i + 1)
      #expect(abs(x - start.values[i] * (1 - 0.1 * slope * (1 - 0.1 * slope))) < 1e-15)
    }
    let minimum = try minimize(
      from: start, stepping: try Optimizer(ExtraGradient(learningRate: 0.2), for: start), steps: 300, on: Bowl())
    #expect(minimum.value < 1e-20 && minimum.steps == 300)
  }

  /// Around a rule that asks its objective, a penalty is part of every gradient, clipping too, and decay and averages are
  /// what they are around others.
  @Test func compositionsAroundARuleThatAsks() throws {
    let (α, λ, μ, c) = (0.1, 0.3, 0.2, 1.5)
    var θ = start
    var optimizer = try Optimizer(
      ExtraGradient().decayed(by: λ).penalized(by: μ).clipped(to: c).averaged(0.5), for: θ)
    var (x, mean) = (start.values, start.values)
    for t in 1...4 {
      try optimizer.step(&θ, on: Bowl())
      for i in x.indices {
        func slope(_ x: Double) -> Double { min(max(Double(i + 1) * x, -c), c) + μ * x }
        let before = x[i]
        x[i] = before - α * slope(before - α * slope(before)) - α * λ * before
        mean[i] += (x[i] - mean[i]) * 0.5 / (1 - Double.pow(0.5, t))
        #expect(abs(θ.values[i] - x[i]) < 1e-14)
        #expect(abs(optimizer.averagedParameters.values[i] - mean[i]) < 1e-14)
      }
    }
  }

  /// A transform sees every gradient that is asked for; a skipped step changes nothing.
  @Test func transformsSeeEveryGradient() throws {
    var optimizer = try Optimizer(ExtraGradient(), for: start)
    optimizer.transforms = [ClipByGlobalNorm(1)]
    var θ = start
    let norm = ParameterVectorNorm.of(start, by: [1, 2, 3, 4])
    let report = try optimizer.step(&θ, on: Bowl())
    #expect(report.gradientNorm != nil && norm > 1)
    let first = start.values.enumerated().map { $1 - 0.1 * Double($0 + 1) * $1 / norm }
    let second = ParameterVectorNorm.of(try ParameterVector(first), by: [1, 2, 3, 4])
    for i in first.indices {
      #expect(abs(θ.values[i] - (start.values[i] - 0.1 * Double(i + 1) * first[i] / second)) < 1e-14)
    }
    optimizer.transforms = [NonFiniteGuard()]
    let moved = θ
    let broken = ClosureObjective<Double> { θ, g in
      g = θ
      g.scale(by: .infinity)
      return 1
    }
    #expect(try optimizer.step(&θ, on: broken).isSkipped)
    #expect(θ == moved && optimizer.stepCount == 1)
  }

  /// A good first gradient does not hide that the step is skipped: the guard counts steps, and stops.
  @Test func skippedStepsAreCountedWhicheverGradientIsBad() throws {
    var optimizer = try Optimizer(ExtraGradient(), for: start)
    optimizer.transforms = [NonFiniteGuard(limit: 3)]
    var θ = start
    let here = start
    let brokenAhead = ClosureObjective<Double> { φ, g in
      g = φ
      if φ != here { g.scale(by: .infinity) }
      return 1
    }
    for skipped in 1...2 {
      #expect(try optimizer.step(&θ, on: brokenAhead).isSkipped)
      #expect((optimizer.transforms[0] as? NonFiniteGuard<Double>)?.consecutive == skipped)
    }
    #expect(throws: GradientError.self) { try optimizer.step(&θ, on: brokenAhead) }
    #expect(θ == start && optimizer.stepCount == 0)
    // A step that is made ends the row.
    #expect(try !optimizer.step(&θ, on: Bowl()).isSkipped)
    #expect((optimizer.transforms[0] as? NonFiniteGuard<Double>)?.consecutive == 0)
  }

  /// STORM's checkpoint goes on with the same bits.
  @Test func stormGoesOnFromACheckpoint() throws {
    var (θ, φ) = (start, start)
    var optimizer = try Optimizer(STORM(c: 1).averaged(0.9), for: θ)
    for _ in 0..<5 { try optimizer.step(&θ, on: Bowl()) }
    var other = try Optimizer(STORM(c: 3).averaged(0.9), for: φ)
    try other.restore(optimizer.checkpoint(θ), into: &φ)
    for _ in 0..<5 {
      try optimizer.step(&θ, on: Bowl())
      try other.step(&φ, on: Bowl())
    }
    #expect(θ == φ && optimizer.averagedParameters == other.averagedParameters)
  }

  /// Numbers that no step of STORM leaves are refused, and one that is not finite is not written.
  @Test func stormRefusesADamagedState() throws {
    var θ = start
    var optimizer = try Optimizer(STORM<Double>(), for: θ)
    try optimizer.step(&θ, on: Bowl())
    let good = try optimizer.checkpoint(θ)
    for (name, number) in [("storm/squareSum", -1.0), ("storm/momentum", 1.5), ("storm/momentum", -0.1)] {
      var damaged = good
      #expect(damaged.numbers[name] != nil)
      damaged.numbers[name] = number
      #expect(throws: CheckpointError.damagedState(name)) { try optimizer.restore(damaged, into: &θ) }
    }
    var broken = good
    broken.numbers["storm/squareSum"] = .nan
    let folder = try TemporaryFolder()
    #expect(throws: CheckpointError.notFinite("storm/squareSum")) { try broken.write(to: folder.path + "/c") }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/c"))
    try optimizer.restore(good, into: &θ)
  }

  /// No finite gradient, whatever its size, makes a NaN in θ or the state.
  @Test func stormStaysFinite() throws {
    for size in [1e-300, 1e300, Double.greatestFiniteMagnitude] {
      var θ = start
      var optimizer = try Optimizer(STORM(), for: θ)
      for (t, g) in [size, -size, 0.1, size, 0.1, 0.1].enumerated() {
        var asks = 0
        let slope = ClosureObjective<Double> { _, gradient in
          asks += 1
          gradient = try ParameterVector([g, -g, asks == 1 ? g : -g, 0.1])
          return 0
        }
        try optimizer.step(&θ, on: slope)
        #expect(θ.firstNonFiniteBlock == nil, "\(size) step \(t)")
        for slot in optimizer.slots {
          #expect(try optimizer.slot(slot).firstNonFiniteBlock == nil, "\(size) step \(t) \(slot)")
        }
      }
    }
  }
}

private enum ParameterVectorNorm {
  static func of(_ θ: ParameterVector<Double>, by slopes: [Double]) -> Double {
    zip(θ.values, slopes).reduce(0) { $0 + $1.0 * $1.1 * $1.0 * $1.1 }.squareRoot()
  }
}
