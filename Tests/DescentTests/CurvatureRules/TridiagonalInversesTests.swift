import Testing

@testable import Descent

/// The block-tridiagonal inverse of K-FAC's paper.
@Suite struct TridiagonalInversesTests {
  private static let sizes = [(inputs: 4, outputs: 3), (inputs: 3, outputs: 2), (inputs: 2, outputs: 2)]
  private static let count = 9

  private static func start() throws -> ParameterVector<Double> {
    let shapes = sizes.enumerated().flatMap { i, size in
      [("dense\(i).weight", [size.inputs, size.outputs]), ("dense\(i).bias", [size.outputs])]
    }
    var θ = ParameterVector<Double>(zeros: try ParameterLayout(shapes))
    var stream = RandomStream(seed: 9, name: "tridiagonal")
    θ.fill { stream.normal() }
    return θ
  }

  private static func layers(_ seed: Int) -> [(inputs: [[Double]], outputs: [[Double]])] {
    sizes.enumerated().map { i, size in
      (
        random(count, size.inputs, seed: UInt64(10 * seed + i)),
        random(count, size.outputs, seed: UInt64(10 * seed + i + 5)).map { $0.map { $0 / Double(count) } }
      )
    }
  }

  private static func objective(
    _ layers: [(inputs: [[Double]], outputs: [[Double]])], at θ: ParameterVector<Double>, places: Int = 1
  ) -> StepObjective<Double> {
    StepObjective(
      GivenLayers(layers: layers, places: places), layout: θ.layout, message: .gradient, transforms: [], exchange: nil,
      memory: nil)
  }

  /// E[x yᵀ] over the rows.
  private static func moment(_ x: [[Double]], _ y: [[Double]], _ scale: Double) -> [[Double]] {
    scaled(product(transposed(x), y), scale)
  }

  /// What defines it: the inverse of F⁻¹ has the blocks A ⊗ G of layers and of neighbors, and F⁻¹ none but the same.
  @Test(arguments: [DampingSplit.trace, .equal], [0.3, 1e-4])
  func itsInverseHasTheFactorsOfNeighbors(split: DampingSplit, λ: Double) throws {
    let θ = try Self.start()
    let layers = Self.layers(1)
    var objective = Self.objective(layers, at: θ)
    var batch = LayerBatch<Double>(of: θ.layout, .tridiagonal)
    var gradient = θ
    _ = try batch.value(at: θ, of: &objective, gradient: &gradient, labels: .given, share: 1)
    var (factors, neighbors) = (KroneckerFactors<Double>(of: θ.layout), NeighborFactors<Double>(of: θ.layout))
    factors.move(to: batch.moments, keeping: 0)
    try neighbors.move(to: batch.rows, keeping: 0, on: objective)
    var inverses = TridiagonalInverses<Double>(of: θ.layout)
    inverses.invert(factors, neighbors, damping: λ, split: split, threads: 2)

    let n = θ.layout.parameterCount
    var names: [String] = []
    for i in Self.sizes.indices { names += ["dense\(i).weight", "dense\(i).bias"] }
    var columns: [[Double]] = []
    for k in 0..<n {
      var (unit, place) = (ParameterVector<Double>(zeros: θ.layout), k)
      for name in names {
        var values = try unit.values(of: name)
        if values.indices.contains(place) { values[place] = 1 }
        place -= values.count
        try unit.assign(values, to: name)
      }
      try inverses.precondition(&unit, on: objective)
      columns.append(try names.flatMap { try unit.values(of: $0) })
    }
    for i in 0..<n {
      for j in 0..<n {
        #expect(abs(columns[i][j] - columns[j][i]) < 1e-10 * abs(columns[i][i] * columns[j][j]).squareRoot())
      }
    }
    let fisher = inverse(columns)

    let extended = layers.map { $0.inputs.map { $0 + [1] } }
    let scale = 1 / Double(Self.count)
    let starts = Self.sizes.indices.map { i in Self.sizes[..<i].reduce(0) { $0 + ($1.inputs + 1) * $1.outputs } }
    func damped(_ i: Int) -> (a: [[Double]], g: [[Double]]) {
      var a = Self.moment(extended[i], extended[i], scale)
      var g = Self.moment(layers[i].outputs, layers[i].outputs, Double(Self.count))
      func mean(_ m: [[Double]]) -> Double { m.indices.reduce(0) { $0 + m[$1][$1] } / Double(m.count) }
      let π = split == .equal ? 1 : (mean(a) / mean(g)).squareRoot()
      for k in a.indices { a[k][k] += π * λ.squareRoot() }
      for k in g.indices { g[k][k] += λ.squareRoot() / π }
      return (a, g)
    }
    func expectBlock(_ i: Int, _ j: Int, _ a: [[Double]], _ g: [[Double]]) {
      for r in a.indices {
        for c in a[0].indices {
          for p in g.indices {
            for q in g[0].indices {
              let found = fisher[starts[i] + r * g.count + p][starts[j] + c * g[0].count + q]
              #expect(abs(found - a[r][c] * g[p][q]) < 1e-9, "\(i) \(j)")
            }
          }
        }
      }
    }
    for i in Self.sizes.indices { expectBlock(i, i, damped(i).a, damped(i).g) }
    for i in 0..<2 {
      expectBlock(
        i, i + 1, Self.moment(extended[i], extended[i + 1], scale),
        Self.moment(layers[i].outputs, layers[i + 1].outputs, Double(Self.count)))
    }
    for i in starts[0]..<starts[1] { for j in starts[2]..<n { #expect(abs(columns[i][j]) < 1e-12) } }
  }

  /// Averages of several batches, and a share of the examples.
  @Test func factorsOfNeighborsAreAveraged() throws {
    let θ = try Self.start()
    var batch = LayerBatch<Double>(of: θ.layout, .tridiagonal)
    var neighbors = NeighborFactors<Double>(of: θ.layout)
    var a = Array(repeating: [Double](repeating: 0, count: 4), count: 5)
    var g = Array(repeating: [Double](repeating: 0, count: 2), count: 3)
    for (seed, ε, share) in [(1, 0.0, 1.0), (2, 0.7, 1), (3, 0.25, 0.4)] {
      let layers = Self.layers(seed)
      var (objective, gradient) = (Self.objective(layers, at: θ), θ)
      _ = try batch.value(at: θ, of: &objective, gradient: &gradient, labels: .given, share: share)
      try neighbors.move(to: batch.rows, keeping: ε, on: objective)
      let taken = share == 1 ? 9 : 4
      let x = layers[0].inputs.prefix(taken).map { $0 + [1] }
      let y = layers[1].inputs.prefix(taken).map { $0 + [1] }
      a = sum(scaled(a, ε), Self.moment(x, y, (1 - ε) / Double(taken)))
      g = sum(
        scaled(g, ε),
        Self.moment(
          Array(layers[0].outputs.prefix(taken)), Array(layers[1].outputs.prefix(taken)), (1 - ε) * 81 / Double(taken)))
    }
    for (found, right) in zip(neighbors.inputs[0].values, a.joined()) { #expect(abs(found - right) < 1e-14) }
    for (found, right) in zip(neighbors.outputs[0].values, g.joined()) { #expect(abs(found - right) < 1e-14) }
  }

  @Test func convolutionsAreRefused() throws {
    let θ = try Self.start()
    var batch = LayerBatch<Double>(of: θ.layout, .tridiagonal)
    var (objective, gradient) = (Self.objective(Self.layers(1), at: θ, places: 3), θ)
    let refusal = CurvatureError.usedAtManyPlaces(layer: 1, count: 3)
    #expect(throws: refusal) {
      try batch.value(at: θ, of: &objective, gradient: &gradient, labels: .given, share: 1)
    }
    #expect("\(refusal)".contains("structure=diagonal"))
  }
}
