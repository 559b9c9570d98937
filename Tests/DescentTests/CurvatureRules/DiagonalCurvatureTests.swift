import Foundation
import TestSupport
import Testing

@testable import Descent

/// Methods that divide by the diagonal of the curvature, on objectives that give it.
@Suite struct DiagonalCurvatureTests {
  private struct Broken: Error {}
  private struct Alone: Exchange {
    func exchange(_ message: inout ParameterVector<Double>, as kind: Message) {}
  }

  /// Steps on bowls beside a method's equations in plain `Double`: one number h for each element, from the last question.
  private func expectEquations<Rule: PassRule<Double>>(
    _ rule: Rule, _ curvature: DiagonalCurvature, bound: Double = 1e-13, penalty: Double = 0,
    _ equations: (_ t: Int, _ x: inout Double, _ g: Double, _ h: Double, _ memory: inout [Double]) -> Void
  ) throws {
    let bowls = Bowls(q: 0.75)
    let objective = BowlObjective(bowls)
    var θ = try BowlObjective.start()
    var optimizer = try Optimizer(rule, for: θ)
    var (x, h) = (θ.values, [Double]())
    var memory = Array(repeating: [Double](), count: 4)
    for t in 1...30 {
      try optimizer.step(&θ, on: objective)
      let g = zip(bowls.slope(x), x).map { $0 + penalty * $1 }
      if (t - 1) % curvature.interval == 0 { h = bowls.curvature(x, curvature.form).map { $0 + penalty } }
      for i in x.indices {
        equations(t, &x[i], g[i], h[i], &memory[i])
        #expect(abs(θ.values[i] - x[i]) <= bound * max(1, abs(x[i])), "\(Rule.name), step \(t)")
      }
    }
    #expect(objective.asked.count == (29 / curvature.interval) + 1)
    #expect(Set(objective.asked) == [curvature.form])
  }

  private static let questions = [
    DiagonalCurvature(), DiagonalCurvature(every: 4), DiagonalCurvature(every: 3, form: .full),
  ]

  @Test(arguments: questions) func beckerLeCunFollowsItsEquation(_ curvature: DiagonalCurvature) throws {
    try expectEquations(BeckerLeCun(learningRate: 0.3, mu: 0.1, curvature: curvature), curvature) { _, x, g, h, _ in
      x -= 0.3 * g / (abs(h) + 0.1)
    }
    // A penalty λ is part of the function, and so of its curvature.
    try expectEquations(
      BeckerLeCun(learningRate: 0.3, mu: 0.1, curvature: curvature).penalized(by: 0.5).clipped(to: 1e3), curvature,
      penalty: 0.5
    ) { _, x, g, h, _ in
      x -= 0.3 * g / (abs(h) + 0.1)
    }
  }

  @Test(arguments: questions) func schaulFollowsItsEquation(_ curvature: DiagonalCurvature) throws {
    try expectEquations(Schaul(learningRate: 0.2, rho: 0.8, mu: 0.25, curvature: curvature), curvature) {
      t, x, g, h, m in
      if m.isEmpty { m = [0, 0] }
      m[0] = 0.8 * m[0] + 0.2 * g
      m[1] = 0.8 * m[1] + 0.2 * g * g
      let sum = 1 - pow(0.8, Double(t))
      x -= 0.2 * (m[0] / sum) * (m[0] / sum) / (m[1] / sum) * g / (abs(h) + 0.25)
    }
  }

  /// With outliers and without: only they lengthen the memory.
  @Test(arguments: questions, [false, true]) func vSGDFollowsItsEquations(
    _ curvature: DiagonalCurvature, outliers: Bool
  ) throws {
    // Rounding feeds back through τ: see VSGD.
    try expectEquations(
      VSGD(learningRate: 0.5, mu: 0.25, outliers: outliers, curvature: curvature), curvature, bound: 1e-11
    ) { t, x, g, h, m in
      if m.isEmpty {
        m = [g, 2 * g * g, 2 * (abs(h) + 0.25), 2]
      } else {
        if outliers, abs(g - m[0]) > 2 * max(0, m[1] - m[0] * m[0]).squareRoot() { m[3] += 1 }
        let w = 1 / m[3]
        m[0] = (1 - w) * m[0] + w * g
        m[1] = (1 - w) * m[1] + w * g * g
        m[2] = (1 - w) * m[2] + w * (abs(h) + 0.25)
      }
      let ratio = m[1] == 0 ? 0 : m[0] * m[0] / m[1]
      m[3] = (1 - ratio) * m[3] + 1
      x -= 0.5 * ratio * g / m[2]
    }
  }

  /// Gradients with a few far outliers: those lengthen the memory by one, so that the averages follow them less.
  @Test func outliersLengthenTheMemory() throws {
    func memories(_ outliers: Bool) throws -> [Double] {
      var θ = try ParameterVector([0.0])
      var optimizer = try Optimizer(VSGD(learningRate: 0, outliers: outliers), for: θ)
      try optimizer.assign(ParameterVector([1]), toSlot: "vsgd/h")
      return try (1...40).map { t in
        let g = t % 10 == 0 ? 50.0 : t % 2 == 0 ? 1 : -1
        try optimizer.step(&θ, gradient: ParameterVector([g]))
        return try optimizer.slot("vsgd/τ").values[0]
      }
    }
    let (without, with) = (try memories(false), try memories(true))
    #expect(with[..<9] == without[..<9])
    #expect(with[9] > without[9] + 0.5)
  }

  /// With μ = 0 and α = 1 it is Newton's step: at the minimum of a quadratic after one.
  @Test func beckerLeCunIsNewtonsStepOnAQuadratic() throws {
    let objective = BowlObjective()
    var θ = try BowlObjective.start()
    var optimizer = try Optimizer(BeckerLeCun(learningRate: 1, mu: 0), for: θ)
    try optimizer.step(&θ, on: objective)
    for (x, b) in zip(θ.values, objective.bowls.b) { #expect(abs(x - b) < 1e-15) }
    // Watched, as minimize does, too.
    let start = try BowlObjective.start()
    let minimum = try minimize(
      from: start, stepping: try Optimizer(BeckerLeCun(mu: 0), for: start), steps: 2, on: objective)
    #expect(minimum.value < 1e-29 && objective.asked.count == 3)
  }

  /// A step that a transform skips, or that an objective refuses, changes neither θ nor the state, the curvature included.
  @Test func aStepThatIsNotMadeChangesNothing() throws {
    let objective = BowlObjective(Bowls(q: 1))
    var θ = try BowlObjective.start()
    var optimizer = try Optimizer(VSGD<Double>(learningRate: 0.1), for: θ)
    optimizer.transforms = [NonFiniteGuard()]
    func expectUnchanged(_ step: (inout Optimizer<VSGD<Double>>, inout ParameterVector<Double>) throws -> Void) rethrows
    {
      let (before, state) = (θ, optimizer.slots.map { try? optimizer.slot($0) })
      try step(&optimizer, &θ)
      #expect(θ == before && optimizer.slots.map { try? optimizer.slot($0) } == state)
    }
    for t in 0..<3 {
      objective.factor = .infinity
      try expectUnchanged {
        let report = try $0.step(&$1, on: objective)
        #expect(report.isSkipped)
      }
      objective.factor = 1
      #expect(objective.asked.count == t)
      objective.curvatureFailure = Broken()
      expectUnchanged { optimizer, θ in #expect(throws: Broken.self) { try optimizer.step(&θ, on: objective) } }
      objective.curvatureFailure = nil
      #expect(optimizer.stepCount == t)
      if t == 0 {
        // No step was made, so nothing is known yet.
        let slope = θ
        #expect(throws: RuleError.needsCurvature(rule: "vsgd", slot: "vsgd/h")) {
          try optimizer.step(&θ, gradient: slope)
        }
      }
      try optimizer.step(&θ, on: objective)
    }
  }

  /// Each group asks its own question, and frozen parameters keep what they have.
  @Test func groupsAskTheirOwnQuestions() throws {
    let bowls = Bowls(q: 1)
    let objective = BowlObjective(bowls)
    var θ = try BowlObjective.start()
    let rule = BeckerLeCun<Double>(learningRate: 0.1, curvature: DiagonalCurvature(every: 2))
    var optimizer = try Optimizer(rule, for: θ)
    try optimizer.group("second") {
      $0.curvature = DiagonalCurvature(every: 3, form: .full)
      $0.learningRate = 0.2
    }
    var h = [1.0, 1, 1, 1]
    for t in 1...7 {
      let x = θ.values
      try optimizer.step(&θ, on: objective)
      if (t - 1) % 2 == 0 { h.replaceSubrange(..<3, with: bowls.curvature(x, .gaussNewton)[..<3]) }
      if (t - 1) % 3 == 0 { h[3] = bowls.curvature(x, .full)[3] }
      #expect(try optimizer.slot("beckerlecun/h").values == h)
      for (i, g) in bowls.slope(x).enumerated() {
        #expect(abs(θ.values[i] - (x[i] - (i == 3 ? 0.2 : 0.1) * g / (h[i] + 0.02))) < 1e-14)
      }
    }
    #expect(objective.asked.filter { $0 == .full }.count == 3 && objective.asked.count == 7)

    var frozen = try Optimizer(rule, for: θ)
    try frozen.freeze("second")
    let before = try θ.values(of: "second")
    try frozen.step(&θ, on: objective)
    #expect(try θ.values(of: "second") == before && frozen.slot("beckerlecun/h").values(of: "second") == [1])
  }

  /// Block by block the steps have the same bits: the question comes before the first block. If the gradient fails, the
  /// curvature is the one before.
  @Test func blockByBlockTheCurvatureIsThatBeforeTheStep() throws {
    let objective = BowlObjective(Bowls(q: 1))
    var (θ, φ) = (try BowlObjective.start(), try BowlObjective.start())
    var whole = try Optimizer(VSGD<Double>(curvature: DiagonalCurvature(every: 2)), for: θ)
    var blocks = whole
    blocks.stepsByBlock = true
    for _ in 0..<6 {
      try whole.step(&θ, on: objective)
      objective.gradientFailure = Broken()
      let h = try blocks.slot("vsgd/h")
      #expect(throws: Broken.self) { try blocks.step(&φ, on: objective) }
      #expect(try blocks.slot("vsgd/h") == h)
      objective.gradientFailure = nil
      try blocks.step(&φ, on: objective)
      #expect(θ == φ)
      for slot in whole.slots { #expect(try whole.slot(slot) == blocks.slot(slot)) }
    }
  }

  /// The curvature of one worker's examples is refused, what every worker was given is not.
  @Test func anExchangeIsRefused() throws {
    var θ = try BowlObjective.start()
    var optimizer = try Optimizer(Schaul<Double>(), for: θ)
    optimizer.exchange = Alone()
    try optimizer.assign(θ, toSlot: "schaul/h")
    let before = θ
    #expect(throws: ObjectiveError.exchangesCurvature(method: "schaul")) {
      try optimizer.step(&θ, on: BowlObjective())
    }
    #expect(θ == before)
    try optimizer.step(&θ, gradient: before)
    #expect(θ != before)
  }

  /// What a program assigns is used on objectives that cannot give the curvature; others replace it when they are asked.
  @Test func anAssignedCurvatureIsForObjectivesWithoutOne() throws {
    let objective = BowlObjective()
    let g = try ParameterVector([1.0, 2, 3, 4])
    var θ = try ParameterVector([0.0, 0, 0, 0])
    let closure = ClosureObjective<Double> { _, slope in
      slope = g
      return 0
    }
    var optimizer = try Optimizer(BeckerLeCun<Double>(mu: 0), for: θ)
    #expect(throws: RuleError.needsCurvature(rule: "beckerlecun", slot: "beckerlecun/h")) {
      try optimizer.step(&θ, on: closure)
    }
    try optimizer.assign(ParameterVector([1.0, 2, 3, 4]), toSlot: "beckerlecun/h")
    try optimizer.step(&θ, on: closure)
    #expect(θ.values == [-1, -1, -1, -1])
    var φ = try BowlObjective.start()
    var other = try Optimizer(BeckerLeCun<Double>(curvature: DiagonalCurvature(every: 2)), for: φ)
    var ones = φ
    try ones.assign([1, 1, 1], to: "first")
    try ones.assign([1], to: "second")
    for t in 1...4 {
      try other.assign(ones, toSlot: "beckerlecun/h")
      try other.step(&φ, on: objective)
      #expect(try other.slot("beckerlecun/h").values == (t % 2 == 1 ? objective.bowls.a : ones.values))
    }
  }

  /// Checkpoints between two questions go on with the same bits, in every composition.
  @Test func goesOnFromACheckpointBetweenTwoQuestions() throws {
    func check<Rule: PassRule<Double>>(_ rule: Rule) throws {
      for stop in 1...5 {
        let objective = BowlObjective(Bowls(q: 1))
        var (θ, φ) = (try BowlObjective.start(), try BowlObjective.start())
        var optimizer = try Optimizer(rule, for: θ)
        for _ in 0..<stop { try optimizer.step(&θ, on: objective) }
        var other = try Optimizer(rule, for: φ)
        try other.restore(try optimizer.checkpoint(θ), into: &φ)
        for _ in 0..<6 {
          try optimizer.step(&θ, on: objective)
          try other.step(&φ, on: objective)
          #expect(θ == φ, "\(Rule.name) after \(stop)")
        }
        for slot in optimizer.slots { #expect(try optimizer.slot(slot) == other.slot(slot)) }
      }
    }
    let curvature = DiagonalCurvature(every: 3, form: .full)
    try check(VSGD<Double>(outliers: true, curvature: curvature).clipped(to: 1).averaged(0.9))
    try check(Schaul<Double>(curvature: curvature).decayed(by: 0.01).penalized(by: 0.1))
    try check(BeckerLeCun<Double>(curvature: curvature).lookingAhead(every: 2))
    try check(Interpreted(VSGD<Traced<Double>>(curvature: curvature).penalized(by: 0.1).averaged(0.9)))
  }

  /// Every composition asks what the method inside asks.
  @Test func compositionsAsk() throws {
    let rule = Schaul<Float>(curvature: DiagonalCurvature(every: 2, form: .full))
    let composed = rule.decayed(by: 0.1).clipped(to: 1).averaged(0.9)
    let slow = rule.penalized(by: 0.25).penalized(by: 0.5).lookingAhead()
    let narrow = rule.quantized(.bfloat16)
    for t in [1, 3, 5] {
      #expect(composed.curvatureQuestion(at: t) == CurvatureQuestion(.full))
      #expect(narrow.curvatureQuestion(at: t) == CurvatureQuestion(.full))
      #expect(slow.curvatureQuestion(at: t) == CurvatureQuestion(.full, penalty: 0.75))
    }
    #expect(composed.curvatureQuestion(at: 2) == nil && Adam<Float>().curvatureQuestion(at: 1) == nil)
    #expect(type(of: slow).curvatureSlot == "schaul/h" && type(of: narrow).curvatureSlot == "schaul/h")
    #expect(throws: RuleError.self) { try Schaul<Float>(curvature: DiagonalCurvature(every: 0)).validate() }
    #expect(
      try rule.with([("curvatureInterval", "7"), ("curvatureForm", "gaussnewton")], steps: nil).curvature
        == DiagonalCurvature(every: 7))
  }

  /// A checkpoint of before the curvature was asked for has no question.
  @Test func olderOptionsAreRead() throws {
    func read<Rule: Configurable>(_ text: String) throws -> Rule {
      try JSONDecoder().decode(Rule.self, from: Data(text.utf8))
    }
    let becker: BeckerLeCun<Double> = try read(#"{"learningRate":"0.5","mu":0.1}"#)
    #expect(becker.mu == 0.1 && becker.curvature == DiagonalCurvature())
    let vsgd: VSGD<Double> = try read(#"{"initialMemory":3,"learningRate":"1.0","slowStart":2}"#)
    #expect(vsgd.initialMemory == 3 && !vsgd.outliers && vsgd.mu == 0 && vsgd.curvature == DiagonalCurvature())
    let schaul: Schaul<Double> = try read(#"{"learningRate":"1.0","rho":0.7}"#)
    #expect(schaul.rho == 0.7 && schaul.mu == 0 && schaul.curvature == DiagonalCurvature())
    let newer = VSGD<Double>(mu: 0.5, outliers: true, curvature: DiagonalCurvature(every: 2, form: .full))
    let again: VSGD<Double> = try read(canonicalJSON(newer))
    #expect(
      try canonicalJSON(again) == canonicalJSON(newer) && again.outliers && again.mu == 0.5
        && again.curvature == newer.curvature)
  }

  /// However large the curvature, no step is infinite or NaN.
  @Test func largeCurvaturesStayFinite() throws {
    func check<Rule: PassRule<Double>>(_ rule: Rule) throws {
      for large in [Double.greatestFiniteMagnitude, 1e308, .infinity, .leastNonzeroMagnitude, 0] {
        let objective = GivenDiagonal(h: [])
        var θ = try ParameterVector([1.0, -1])
        var optimizer = try Optimizer(rule, for: θ)
        for t in 0..<6 {
          objective.g = [0.5, t % 3 == 0 ? 1e308 : -2]
          objective.h = [t % 2 == 0 ? large : 1, t % 2 == 0 ? 1 : -large]
          try optimizer.step(&θ, on: objective)
          let isFinite = θ.values.allSatisfy(\.isFinite)
          #expect(isFinite, "\(Rule.name), \(large)")
        }
      }
    }
    try check(VSGD<Double>(slowStart: 10, outliers: true))
    try check(Schaul<Double>())
    try check(BeckerLeCun<Double>(mu: 0).penalized(by: 1e300))
  }
}
