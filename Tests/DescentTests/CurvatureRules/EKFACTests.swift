import Testing

@testable import Descent

/// EKFAC against its equations, evaluated with other code.
@Suite struct EKFACTests {
  private static func objective(_ t: Int, places: Int) -> GivenLayers {
    var stream = RandomStream(seed: UInt64(t), name: "EKFAC tests")
    func rows(_ n: Int) -> [[Double]] { (0..<6 * places).map { _ in (0..<n).map { _ in stream.normal() / 3 } } }
    return GivenLayers(layers: [(rows(3), rows(2))], places: places)
  }

  private static func start() throws -> ParameterVector<Double> {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("dense0.weight", [3, 2]), ("dense0.bias", [2])]))
    var stream = RandomStream(seed: 7, name: "EKFAC tests")
    θ.fill { stream.normal() }
    return θ
  }

  /// Row-major products of small matrices.
  private static func product(_ a: [Double], _ b: [Double], inner n: Int) -> [Double] {
    let (rows, columns) = (a.count / n, b.count / n)
    return (0..<rows * columns).map { k in
      (0..<n).reduce(0.0) { $0 + a[k / columns * n + $1] * b[$1 * columns + k % columns] }
    }
  }

  private static func transposed(_ a: [Double], columns: Int) -> [Double] {
    let rows = a.count / columns
    return a.indices.map { a[$0 % rows * columns + $0 / rows] }
  }

  /// Each example's gradient of the loss, inputs × outputs with the bias as the last row.
  private static func exampleGradients(_ objective: GivenLayers) -> [[Double]] {
    let (inputs, outputs) = objective.layers[0]
    let count = inputs.count / objective.places
    return (0..<count).map { example in
      var sum = [Double](repeating: 0, count: 8)
      for row in example * objective.places..<(example + 1) * objective.places {
        for (i, x) in (inputs[row] + [1]).enumerated() {
          for (j, d) in outputs[row].enumerated() { sum[i * 2 + j] += x * d * Double(count) }
        }
      }
      return sum
    }
  }

  /// The bases diagonalize the factors; S is the eigenvalues' products when they are renewed, and then moves towards the
  /// second moments of each example's gradient in them; the step divides by S + λ there.
  @Test(arguments: [1, 3])
  func stepsAsItsEquationsSay(places: Int) throws {
    var θ = try Self.start()
    let rule = EKFAC<Double>(
      learningRate: 0.2, momentum: 0.5, damping: 0.03, decay: 0.6, klClip: 0, statisticsInterval: 1, basisInterval: 3)
    var optimizer = try Optimizer(rule, for: θ)
    var momentum = [Double](repeating: 0, count: 8)
    var (oldA, oldG) = ((0..<16).map { $0 % 5 == 0 ? 1.0 : 0 }, [1.0, 0, 0, 1])
    var s = [Double](repeating: 0, count: 8)
    for t in 1...7 {
      let objective = Self.objective(t, places: places)
      let before = try θ.values(of: "dense0.weight") + θ.values(of: "dense0.bias")
      let examples = Self.exampleGradients(objective)
      for k in 0..<8 {
        let gradient = examples.reduce(0.0) { $0 + $1[k] } / Double(examples.count) + 0.1 * before[k]
        momentum[k] = 0.5 * momentum[k] + gradient
      }
      try optimizer.step(&θ, on: objective)
      let checkpoint = try optimizer.checkpoint(θ)
      func array(_ name: String) throws -> [Double] { try #require(checkpoint.arrays["ekfac/\(name)/0"]).values }
      let (a, g) = (try array("inputBases"), try array("outputBases"))

      // S before the bases were renewed, in the old ones.
      let ε = min(1 - 1 / Double(t), 0.6)
      for k in 0..<8 {
        let turned = examples.map {
          Self.product(Self.product(Self.transposed(oldA, columns: 4), $0, inner: 4), oldG, inner: 2)[k]
        }
        s[k] = ε * s[k] + (1 - ε) * turned.reduce(0.0) { $0 + $1 * $1 } / Double(examples.count)
      }
      if t % 3 == 1 {
        func eigenvalues(_ factor: [Double], _ basis: [Double], _ n: Int) -> [Double] {
          let turned = Self.product(
            Self.product(Self.transposed(basis, columns: n), factor, inner: n), basis, inner: n)
          for i in 0..<n {
            for j in 0..<n where i != j { #expect(abs(turned[i * n + j]) < 1e-13) }
          }
          return (0..<n).map { turned[$0 * n + $0] }
        }
        let (λA, λG) = (eigenvalues(try array("inputs"), a, 4), eigenvalues(try array("outputs"), g, 2))
        s = (0..<8).map { max(0, λA[$0 / 2]) * max(0, λG[$0 % 2]) }
      } else {
        #expect(a == oldA && g == oldG)
      }
      for (found, expected) in zip(try array("scales"), s) { #expect(abs(found - expected) < 1e-12, "step \(t)") }
      (oldA, oldG) = (a, g)

      let turned = Self.product(Self.product(Self.transposed(a, columns: 4), momentum, inner: 4), g, inner: 2)
      let scaled = zip(turned, s).map { $0 / ($1 + 0.03) }
      let direction = Self.product(
        Self.product(a, scaled, inner: 4), Self.transposed(g, columns: 2), inner: 2)
      let after = try θ.values(of: "dense0.weight") + θ.values(of: "dense0.bias")
      for k in 0..<8 { #expect(abs(after[k] - (before[k] - 0.2 * direction[k])) < 1e-11, "step \(t)") }
    }
  }

  @Test func resumesExactly() throws {
    let rule = EKFAC<Double>(statisticsInterval: 2, basisInterval: 3)
    var θ = try Self.start()
    var optimizer = try Optimizer(rule, for: θ, threads: 1)
    var checkpoints: [Checkpoint<Double>] = []
    for t in 1...7 {
      checkpoints.append(try optimizer.checkpoint(θ))
      try optimizer.step(&θ, on: Self.objective(t, places: 2))
    }
    for first in 1...7 {
      var x = ParameterVector<Double>(zeros: θ.layout)
      var other = try Optimizer(rule, for: x, threads: 3)
      try other.restore(checkpoints[first - 1], into: &x)
      for t in first...7 { try other.step(&x, on: Self.objective(t, places: 2)) }
      #expect(x == θ)
    }
  }

  @Test(arguments: [1e160, 1e300])
  func largeStatisticsMakeNoNaN(size: Double) throws {
    var θ = try Self.start()
    var optimizer = try Optimizer(EKFAC<Double>(basisInterval: 1), for: θ)
    var large = Self.objective(1, places: 1)
    large.layers[0].inputs = large.layers[0].inputs.map { $0.map { $0 * size } }
    for objective in [large, Self.objective(2, places: 1), large, Self.objective(3, places: 1)] {
      try optimizer.step(&θ, on: objective)
      #expect(θ.values.allSatisfy { $0.isFinite })
      _ = try optimizer.checkpoint(θ)
    }
  }
}
