import Testing

@testable import Descent

/// K-BFGS and K-BFGS(L) against their equations, evaluated with other code.
@Suite struct KBFGSTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var places = 1
    var rule = KBFGS<Double>()
    /// K-BFGS(L)'s pairs; nil for K-BFGS.
    var history: Int?

    func optimizer(for θ: ParameterVector<Double>) throws -> any EitherOptimizer {
      guard let history else { return try Optimizer(rule, for: θ) }
      return try Optimizer(
        KBFGSL(rule, history: history), for: θ)
    }
  }

  private static let other = KBFGS<Double>(
    learningRate: 0.1, momentum: 0.5, damping: 0.02, decay: 0.6, pairDecay: 0, powellDamping: 0.9,
    leastCurvature: 0.4, threshold: 0.1, initialScale: 2)
  private static let undamped = KBFGS<Double>(
    damping: 2, pairDecay: 0.4, powellDamping: 0, leastCurvature: 1e-9, threshold: 2, initialScale: 0.5)

  static let cases = [
    Case(testDescription: "defaults"), Case(testDescription: "other options", rule: other),
    Case(testDescription: "little damping", rule: undamped),
    Case(testDescription: "√λ above 1", rule: KBFGS(damping: 3)),
    Case(testDescription: "places", places: 3, rule: other),
    Case(testDescription: "five warm steps", rule: KBFGS(learningRate: 0.1, warmSteps: 5)),
    Case(testDescription: "a warm step", rule: KBFGS(learningRate: 0.1, warmSteps: 1), history: 3),
    Case(testDescription: "limited memory", history: 100),
    Case(testDescription: "three pairs", rule: other, history: 3),
    Case(testDescription: "a pair", places: 2, rule: undamped, history: 1),
  ]

  private static func start(_ seed: UInt64 = 9) -> [[[Double]]] {
    [random(6, 4, seed: seed), random(5, 3, seed: seed + 1)]
  }

  private static func batch(_ t: Int, places: Int = 1) -> TanhNetwork {
    TanhNetwork(
      x: random(8 * places, 5, seed: UInt64(10 * t)).map { $0.map { $0 + 0.3 } },
      targets: random(8 * places, 3, seed: UInt64(10 * t + 1)), places: places)
  }

  /// Twelve steps of two layers, with batches that change and batches that stay.
  @Test(arguments: cases)
  func stepsAsItsEquationsSay(_ test: Case) throws {
    var θ = try TanhNetwork.vector(Self.start())
    var optimizer = try test.optimizer(for: θ)
    var reference = KBFGSReference(test.rule, history: test.history ?? 1000, layers: Self.start())
    for t in 1...12 {
      let batch = Self.batch(t / 2, places: test.places)
      reference.step(batch, t)
      try optimizer.advance(&θ, on: batch)
      for (found, expected) in zip(θ.values, try TanhNetwork.vector(reference.layers).values) {
        #expect(abs(found - expected) < 1e-11 * max(1, abs(expected)), "step \(t)")
      }
    }
  }

  /// The cases above have updates of every kind.
  @Test func everyKindOfUpdateIsTested() {
    var all = KBFGSReference.Events()
    for test in Self.cases {
      var reference = KBFGSReference(test.rule, history: test.history ?? 1000, layers: Self.start())
      for t in 1...12 { reference.step(Self.batch(t / 2, places: test.places), t) }
      let events = reference.events
      all.powell += events.powell
      all.second += events.second
      all.plain += events.plain
      all.skipped += events.skipped
    }
    #expect(all.powell > 10 && all.second > 10 && all.plain > 10 && all.skipped > 3, "\(all)")
  }

  private static func pair(_ seed: Int, count: Int) -> CurvaturePair {
    CurvaturePair(s: random(1, count, seed: UInt64(2 * seed))[0], y: random(1, count, seed: UInt64(2 * seed + 1))[0])
  }

  /// After an update without damping H y = s, of both forms of H; and H is symmetric to the last bit.
  @Test func theSecantEquationHolds() {
    var matrices = InverseMatrices<Double>(orders: [7], scale: 1)
    var pairs = CurvaturePairs<Double>(orders: [7], history: 4, scale: 1)
    for k in 0..<10 {
      var pair = Self.pair(k, count: 7)
      // s = y + half a random vector, so that sᵀy > 0.
      pair.s = zip(pair.s, pair.y).map { 0.5 * $0 + $1 }
      matrices.update(0, by: pair)
      pairs.update(0, by: pair)
      for hy in [matrices.product(0, pair.y), pairs.product(0, pair.y)] {
        for (a, b) in zip(hy, pair.s) { #expect(abs(a - b) < 1e-12) }
      }
      let h = matrices.matrices[0]
      for i in 0..<7 { for j in 0..<7 { #expect(h[i * 7 + j] == h[j * 7 + i]) } }
    }
  }

  /// H stays positive definite in fifty damped updates by random pairs, and sᵀy ≥ μ₂ ‖s‖².
  @Test(arguments: [0.1, 0.5, 2])
  func staysPositiveDefinite(μ2: Double) {
    let n = 6
    var matrices = InverseMatrices<Double>(orders: [n], scale: 1)
    for k in 0..<50 {
      var pair = Self.pair(k, count: n)
      pair.damp(hy: matrices.product(0, pair.y), μ1: 0.2, μ2: μ2)
      #expect(dot(pair.s, pair.y) > (1 - 1e-12) * μ2 * dot(pair.s, pair.s))
      let before = matrices.matrices[0].values
      matrices.update(0, by: pair)
      #expect(matrices.matrices[0].values != before)
      let h = matrices.matrices[0]
      #expect(isPositive((0..<n).map { i in (0..<n).map { h[i * n + $0] } }), "update \(k)")
    }
  }

  /// From the same γ I, with as many pairs as updates, K-BFGS(L)'s H_g is K-BFGS's: applied to vectors, and to the rows of
  /// a matrix.
  @Test func limitedMemoryIsBFGSWithEnoughPairs() throws {
    let n = 5
    var matrices = InverseMatrices<Double>(orders: [n], scale: 0.7)
    var pairs = CurvaturePairs<Double>(orders: [n], history: 20, scale: 0.7)
    let objective = StepObjective(
      GivenLayers(layers: []), layout: try TanhNetwork.vector(Self.start()).layout, message: .gradient, transforms: [],
      exchange: nil, memory: nil)
    for k in 0..<20 {
      var v = random(3, n, seed: UInt64(500 + k)).flatMap { $0 }
      var (first, second) = (v, v)
      try matrices.multiply(&v, rows: 3, layer: 0, into: &first, on: objective)
      try pairs.multiply(&v, rows: 3, layer: 0, into: &second, on: objective)
      for row in 0..<3 {
        let range = row * n..<(row + 1) * n
        let expected = matrices.product(0, Array(v[range]))
        let size = expected.reduce(1) { max($0, abs($1)) }
        for found in [pairs.product(0, Array(v[range])), Array(first[range]), Array(second[range])] {
          for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-10 * size, "update \(k)") }
        }
      }
      var pair = Self.pair(k, count: n)
      pair.damp(hy: matrices.product(0, pair.y), μ1: 0.2, μ2: 0.5)
      matrices.update(0, by: pair)
      pairs.update(0, by: pair)
    }
  }

  /// A run that goes on from a checkpoint has the same bits, whatever the step and the number of threads.
  @Test(arguments: [nil, 4])
  func resumesExactly(history: Int?) throws {
    func resume<Rule: ObjectiveRule<Double>>(_ rule: Rule) throws {
      var θ = try TanhNetwork.vector(Self.start())
      var optimizer = try Optimizer(rule, for: θ, threads: 1)
      var checkpoints: [Checkpoint<Double>] = []
      for t in 1...9 {
        checkpoints.append(try optimizer.checkpoint(θ))
        try optimizer.step(&θ, on: Self.batch(t))
      }
      for first in 1...9 {
        var x = ParameterVector<Double>(zeros: θ.layout)
        var other = try Optimizer(rule, for: x, threads: 3)
        try other.restore(checkpoints[first - 1], into: &x)
        for t in first...9 { try other.step(&x, on: Self.batch(t)) }
        #expect(x == θ)
      }
    }
    if let history { try resume(KBFGSL<Double>(history: history)) } else { try resume(KBFGS<Double>()) }
  }

  /// Numbers near the largest one leave θ and the state finite, and ordinary batches go on.
  @Test(arguments: [1e100, 1e160, 1e300], [nil, 3])
  func largeNumbersMakeNoNaN(size: Double, history: Int?) throws {
    let test = Case(testDescription: "", history: history)
    for (inputs, outputs) in [(size, 1), (1, size), (1 / size, size), (size, 1 / size)] {
      var θ = try TanhNetwork.vector(Self.start())
      var optimizer = try test.optimizer(for: θ)
      let ordinary = GivenLayers(layers: [
        (random(4, 5, seed: 1), random(4, 4, seed: 2)), (random(4, 4, seed: 3), random(4, 3, seed: 4)),
      ])
      var large = ordinary
      for i in 0..<2 {
        large.layers[i].inputs = scaled(large.layers[i].inputs, inputs)
        large.layers[i].outputs = scaled(large.layers[i].outputs, outputs)
      }
      for objective in [large, ordinary, large, ordinary, ordinary, ordinary] {
        try optimizer.advance(&θ, on: objective)
        #expect(θ.values.allSatisfy { $0.isFinite })
        #expect(try optimizer.stateIsFinite(θ), "\(inputs) \(outputs)")
      }
      // Whose second point has gradients that are not finite.
      θ = try TanhNetwork.vector(Self.start())
      optimizer = try test.optimizer(for: θ)
      var batch = Self.batch(1)
      batch.targets = scaled(batch.targets, outputs)
      try optimizer.advance(&θ, on: batch)
      #expect(try θ.values.allSatisfy { $0.isFinite } && optimizer.stateIsFinite(θ))
    }
  }

  /// What it cannot step is refused, and nothing changes; nor does it when the second question fails.
  @Test func refusals() throws {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("vector", [5])]))
    var optimizer = try Optimizer(KBFGS<Double>(), for: θ)
    #expect(throws: ObjectiveError.noLayers(method: "kbfgs")) { try optimizer.step(&θ, on: GivenLayers(layers: [])) }
    #expect(throws: ObjectiveError.lacks(.otherPoints, objective: "a gradient alone", method: "kbfgs")) {
      try optimizer.step(&θ, gradient: θ)
    }
    #expect(throws: RuleError.self) { try Optimizer(KBFGS<Double>(damping: 0), for: θ) }
    #expect(throws: RuleError.self) { try Optimizer(KBFGSL<Double>(history: 0), for: θ) }

    θ = try TanhNetwork.vector(Self.start())
    optimizer = try Optimizer(KBFGS<Double>(), for: θ)
    for t in 1...3 {
      let before = try optimizer.checkpoint(θ)
      let failing = FailingSecondly(network: Self.batch(t))
      #expect(throws: FailingSecondly.Refusal.self) { try optimizer.step(&θ, on: failing) }
      let after = try optimizer.checkpoint(θ)
      #expect(after.parameters == before.parameters && after.slots == before.slots)
      #expect(after.arrays.mapValues(\.values) == before.arrays.mapValues(\.values))
      #expect(after.doubles.mapValues(\.values) == before.doubles.mapValues(\.values))
      try optimizer.step(&θ, on: Self.batch(t))
    }
  }
}

/// An optimizer of either rule.
protocol EitherOptimizer {
  mutating func advance(_ θ: inout ParameterVector<Double>, on objective: some Objective<Double>) throws
  func stateIsFinite(_ θ: ParameterVector<Double>) throws -> Bool
}

extension Optimizer: EitherOptimizer where Rule.Scalar == Double {
  mutating func advance(_ θ: inout ParameterVector<Double>, on objective: some Objective<Double>) throws {
    try step(&θ, on: objective)
  }

  func stateIsFinite(_ θ: ParameterVector<Double>) throws -> Bool {
    let saved = try checkpoint(θ)
    let numbers =
      saved.slots.values.flatMap(\.values) + saved.arrays.values.flatMap(\.values)
      + saved.doubles.values.flatMap(\.values)
    return numbers.allSatisfy { $0.isFinite }
  }
}

extension GivenLayers: RepeatableObjective {}
