import Testing

@testable import Descent

/// K-FAC against its equations, evaluated with other code, and its invariances.
@Suite struct KFACTests {
  private static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed, name: "K-FAC tests")
    return (0..<rows).map { _ in (0..<columns).map { _ in stream.uniform(in: -1..<1) } }
  }

  private static func start(_ sizes: [(inputs: Int, outputs: Int)]) throws -> ParameterVector<Double> {
    let shapes = sizes.enumerated().flatMap { i, size in
      [("dense\(i).weight", [size.inputs, size.outputs]), ("dense\(i).bias", [size.outputs])]
    }
    var stream = RandomStream(seed: 9, name: "K-FAC tests")
    var θ = ParameterVector<Double>(zeros: try ParameterLayout(shapes))
    θ.fill { stream.uniform(in: -1..<1) }
    return θ
  }

  /// A⁻¹ B by Gauss and Jordan's elimination with pivots.
  private static func solve(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    var rows = zip(a, b).map { $0 + $1 }
    let n = a.count
    for k in 0..<n {
      let pivot = (k..<n).max { abs(rows[$0][k]) < abs(rows[$1][k]) }!
      rows.swapAt(k, pivot)
      rows[k] = rows[k].map { $0 / rows[k][k] }
      for i in 0..<n where i != k {
        let factor = rows[i][k]
        rows[i] = zip(rows[i], rows[k]).map { $0 - factor * $1 }
      }
    }
    return rows.map { Array($0[n...]) }
  }

  private static func transposed(_ a: [[Double]]) -> [[Double]] {
    a[0].indices.map { j in a.map { $0[j] } }
  }

  private static func secondMoment(_ rows: [[Double]], _ scale: Double) -> [[Double]] {
    rows[0].indices.map { i in rows[0].indices.map { j in scale * rows.reduce(0.0) { $0 + $1[i] * $1[j] } } }
  }

  /// Nine steps with momentum, clipping, statistics and inverses at intervals, for two layers; of convolutions, too.
  @Test(arguments: [1, 3], DampingSplit.allCases)
  func stepsAsItsEquationsSay(places: Int, split: DampingSplit) throws {
    let sizes = [(inputs: 5, outputs: 4), (inputs: 4, outputs: 3)]
    let count = 8
    let rule = KFAC<Double>(
      learningRate: 0.3, momentum: 0.8, damping: 0.05, split: split, decay: 0.7, klClip: 0.02,
      statisticsInterval: 2, inverseInterval: 6)
    var θ = try Self.start(sizes)
    var optimizer = try Optimizer(rule, for: θ)
    var expected = sizes.indices.map { i -> [[Double]] in
      let weight = try! θ.values(of: "dense\(i).weight")
      let rows = (0..<sizes[i].inputs).map { Array(weight[$0 * sizes[i].outputs..<($0 + 1) * sizes[i].outputs]) }
      return rows + [try! θ.values(of: "dense\(i).bias")]
    }
    var momentum = sizes.map { Array(repeating: [Double](repeating: 0, count: $0.outputs), count: $0.inputs + 1) }
    var factors = sizes.map { size in
      (
        a: Array(repeating: [Double](repeating: 0, count: size.inputs + 1), count: size.inputs + 1),
        g: Array(repeating: [Double](repeating: 0, count: size.outputs), count: size.outputs)
      )
    }
    var damped = factors
    for t in 1...9 {
      let layers = sizes.enumerated().map { i, size in
        (
          inputs: Self.random(count * places, size.inputs, seed: UInt64(10 * t + i)),
          outputs: Self.random(count * places, size.outputs, seed: UInt64(100 * t + i)).map { $0.map { $0 / 8 } }
        )
      }
      let objective = GivenLayers(layers: layers, places: places)
      // The reference.
      var directions: [[[Double]]] = []
      var square = 0.0
      for i in sizes.indices {
        let extended = layers[i].inputs.map { $0 + [1] }
        if t % 2 == 1 {
          let ε = min(1 - 1 / Double((t + 1) / 2), 0.7)
          let a = Self.secondMoment(extended, 1 / Double(count))
          let g = Self.secondMoment(layers[i].outputs, Double(count) / Double(places))
          func blend(_ x: [[Double]], _ y: [[Double]]) -> [[Double]] {
            zip(x, y).map { zip($0, $1).map { ε * $0 + (1 - ε) * $1 } }
          }
          factors[i] = (blend(factors[i].a, a), blend(factors[i].g, g))
        }
        if [1, 3, 5, 7].contains(t) {
          func trace(_ m: [[Double]]) -> Double { m.indices.reduce(0.0) { $0 + m[$1][$1] } / Double(m.count) }
          let π = split == .equal ? 1 : (trace(factors[i].a) / trace(factors[i].g)).squareRoot()
          damped[i] = factors[i]
          for k in damped[i].a.indices { damped[i].a[k][k] += π * 0.05.squareRoot() }
          for k in damped[i].g.indices { damped[i].g[k][k] += 0.05.squareRoot() / π }
        }
        for r in expected[i].indices {
          for c in expected[i][r].indices {
            let g = 0.1 * expected[i][r][c] + zip(extended, layers[i].outputs).reduce(0) { $0 + $1.0[r] * $1.1[c] }
            momentum[i][r][c] = 0.8 * momentum[i][r][c] + g
          }
        }
        let half = Self.solve(damped[i].a, momentum[i])
        let direction = Self.transposed(Self.solve(damped[i].g, Self.transposed(half)))
        directions.append(direction)
        for (d, m) in zip(direction.joined(), momentum[i].joined()) { square += d * m }
      }
      let length = 0.3 * 0.3 * square
      let ν = length > 0.02 ? (0.02 / length).squareRoot() : 1
      for i in sizes.indices {
        for r in expected[i].indices {
          for c in expected[i][r].indices { expected[i][r][c] -= 0.3 * ν * directions[i][r][c] }
        }
      }
      try optimizer.step(&θ, on: objective)
      for i in sizes.indices {
        let found = try θ.values(of: "dense\(i).weight") + θ.values(of: "dense\(i).bias")
        for (a, b) in zip(found, expected[i].joined()) { #expect(abs(a - b) < 1e-11 * max(1, abs(b)), "step \(t)") }
      }
    }
  }

  /// A layer whose preconditioned momentum overflows steps along the momentum.
  @Test func largeGradientsMakeNoNaN() throws {
    let sizes = [(inputs: 5, outputs: 4), (inputs: 4, outputs: 3)]
    let layers = sizes.enumerated().map { i, size in
      (
        inputs: Self.random(8, size.inputs, seed: UInt64(i)),
        outputs: Self.random(8, size.outputs, seed: UInt64(10 + i)).map { $0.map { $0 / 8 } }
      )
    }
    func run<Rule: ObjectiveRule<Double>>(_ rule: Rule) throws {
      var θ = try Self.start(sizes)
      θ.scale(by: 1e308)
      var optimizer = try Optimizer(rule, for: θ)
      let objective = GivenLayers(layers: layers, stiffness: 1)
      for _ in 1...3 {
        try optimizer.step(&θ, on: objective)
        let isFinite = θ.values.allSatisfy(\.isFinite)
        #expect(isFinite)
      }
    }
    try run(KFAC<Double>(damping: 1e-6, klClip: 0))
    try run(KFAC<Double>(damping: 1e-6))
    try run(EKFAC<Double>(damping: 1e-6))
  }

  /// Linear regression: A ⊗ I is the Fisher information itself, so that one undamped step solves it, however badly the
  /// inputs are scaled.
  @Test func solvesLinearRegressionInOneStep() throws {
    let (count, inputs, outputs) = (20, 4, 2)
    var x = Self.random(count, inputs, seed: 1)
    for i in x.indices { x[i][2] = 1000 * x[i][2] + 5 }
    let y = Self.random(count, outputs, seed: 2)
    var θ = try Self.start([(inputs, outputs)])
    let objective = Regression(x: x, y: y)
    var optimizer = try Optimizer(
      KFAC<Double>(learningRate: 1, momentum: 0, damping: 1e-24, split: .equal, klClip: 0), for: θ)
    var gradient = ParameterVector<Double>(zeros: θ.layout)
    _ = try objective.value(at: θ, gradient: &gradient)
    let largest = gradient.values.reduce(0) { max($0, abs($1)) }
    try optimizer.step(&θ, on: objective)
    _ = try objective.value(at: θ, gradient: &gradient)
    // At the solution the gradient is zero to rounding, which the inputs' scales magnify.
    #expect(gradient.values.allSatisfy { abs($0) < 1e-9 * largest }, "\(gradient.values) \(largest)")
  }

  /// A run that goes on from a checkpoint has the same bits, whatever the step and the number of threads.
  @Test func resumesExactly() throws {
    let sizes = [(inputs: 6, outputs: 5)]
    let rule = KFAC<Double>(statisticsInterval: 2, inverseInterval: 3)
    func objective(_ t: Int) -> GivenLayers {
      GivenLayers(layers: [(Self.random(9, 6, seed: UInt64(t)), Self.random(9, 5, seed: UInt64(50 + t)))])
    }
    var θ = try Self.start(sizes)
    var optimizer = try Optimizer(rule, for: θ, threads: 1)
    var checkpoints: [Checkpoint<Double>] = []
    for t in 1...9 {
      checkpoints.append(try optimizer.checkpoint(θ))
      try optimizer.step(&θ, on: objective(t))
    }
    for first in 1...9 {
      var x = ParameterVector<Double>(zeros: θ.layout)
      var other = try Optimizer(rule, for: x, threads: 3)
      try other.restore(checkpoints[first - 1], into: &x)
      for t in first...9 { try other.step(&x, on: objective(t)) }
      #expect(x == θ)
    }
  }

  /// Numbers near the largest one leave θ and the state finite, and the factors as they were.
  @Test(arguments: [1e160, 1e300])
  func largeStatisticsMakeNoNaN(size: Double) throws {
    var θ = try Self.start([(3, 2)])
    var optimizer = try Optimizer(KFAC<Double>(), for: θ)
    let ordinary = GivenLayers(layers: [(Self.random(4, 3, seed: 1), Self.random(4, 2, seed: 2))])
    var large = ordinary
    large.layers[0].inputs = large.layers[0].inputs.map { $0.map { $0 * size } }
    for objective in [large, ordinary, large, ordinary] {
      try optimizer.step(&θ, on: objective)
      #expect(θ.values.allSatisfy { $0.isFinite })
      _ = try optimizer.checkpoint(θ)
    }
  }

  /// What it cannot step is refused, and nothing changes.
  @Test func refusals() throws {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("vector", [5])]))
    var optimizer = try Optimizer(KFAC<Double>(), for: θ)
    #expect(throws: ObjectiveError.noLayers(method: "kfac")) { try optimizer.step(&θ, on: GivenLayers(layers: [])) }
    #expect(throws: ObjectiveError.lacks(.layers, objective: "a gradient alone", method: "kfac")) {
      try optimizer.step(&θ, gradient: θ)
    }
    #expect(optimizer.stepCount == 0)
    #expect(throws: RuleError.self) { try Optimizer(KFAC<Double>(damping: 0), for: θ) }
  }
}
