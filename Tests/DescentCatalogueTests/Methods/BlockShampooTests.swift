import Descent
import DescentCatalogue
import Testing

/// `blockshampoo`: Shampoo with Distributed Shampoo's options, by name.
@Suite struct BlockShampooTests {
  private let layout = try! ParameterLayout([("kernel", [2, 2, 3, 4]), ("weight", [5, 4]), ("bias", [4])])

  private func vector(_ seed: Int) throws -> ParameterVector<Float> {
    var stream = RandomStream(seed: UInt64(seed), name: "block Shampoo")
    var vector = ParameterVector<Float>(zeros: layout)
    for block in layout.blocks {
      try vector.assign((0..<block.count).map { _ in Float(stream.normal()) }, to: block.name)
    }
    return vector
  }

  private func expectSame(_ rule: Shampoo<Float>, _ settings: [(name: String, value: String)]) throws {
    let (method, settings) = try Catalogue.method(named: "Block-Shampoo", settings: settings)
    var (θ, φ) = (try vector(0), try vector(0))
    var named = try method.configured(settings).optimizer(for: θ)
    var direct = try Optimizer(rule, for: φ)
    for t in 1...4 {
      try named.step(&θ, gradient: vector(t))
      try direct.step(&φ, gradient: vector(t))
    }
    #expect(θ == φ)
  }

  @Test func isShampooInBlocksWithAdamsNorms() throws {
    var rule = Shampoo<Float>(
      learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-12, preconditionEvery: 100, form: .merged,
      maximumSide: 1024, grafting: .adam)
    try expectSame(rule, [])
    // What is given counts, under any of its names.
    (rule.learningRate, rule.grafting, rule.maximumSide, rule.epsilon) = (0.1, .rmsprop, 3, 1e-6)
    try expectSame(rule, [("lr", "0.1"), ("Grafting", "rmsprop"), ("maximum-side", "3"), ("eps", "1e-6")])
  }

  /// Each block's first step has the length of Adam's: α √(its number of elements).
  @Test func theFirstStepIsAsLongAsAdams() throws {
    let (method, settings) = try Catalogue.method(named: "blockshampoo", settings: [("maximumSide", "4")])
    let layout = try ParameterLayout([("w", [8, 4])])
    var stream = RandomStream(seed: 1, name: "g")
    var (θ, g) = (ParameterVector<Double>(zeros: layout), ParameterVector<Double>(zeros: layout))
    try g.assign((0..<32).map { _ in stream.normal() }, to: "w")
    var optimizer = try method.configured(settings).optimizer(for: θ)
    try optimizer.step(&θ, gradient: g)
    for block in [θ.values[..<16], θ.values[16...]] {
      let norm = block.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - 0.001 * 4) < 1e-8)
    }
  }
}
