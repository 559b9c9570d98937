import Descent
import Testing

@testable import DescentNetworks

/// K-BFGS and K-BFGS(L) on networks of the engine.
@Suite struct KBFGSNetworkTests {
  private static let models: [(name: String, shape: [Int], options: [String: String])] = [
    ("mlp", [9], ["hidden": "12-7", "activation": "tanh"]), ("smallcnn", [8, 8, 1], [:]),
    ("autoencoder", [4, 4, 1], ["layers": "7-3"]),
  ]

  /// The loss of one batch before and after 50 steps.
  private func losses<Rule: ObjectiveRule<Float>>(_ i: Int, _ rule: Rule) throws -> (first: Double, last: Double) {
    let (name, shape, options) = Self.models[i]
    let model = try ModelCatalogue.model(named: name, inputShape: shape, classCount: 3, options: options)
    let count = 12
    let values = randomValues(count * shape.reduce(1, *)).map { model.classCount == nil ? abs($0) : $0 }
    let batch = Batch(
      inputs: .dense(values, shape: [count] + shape), labels: (0..<Int32(count)).map { ($0 * $0 + 1) % 3 })
    let noise = RandomStream(seed: 3, name: "noise")
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: noise)
    var θ = model.initialParameters(seed: 2)
    var optimizer = try Optimizer(rule, for: θ)
    var g = ParameterVector<Float>(zeros: θ.layout)
    let first = try objective.value(at: θ, gradient: &g)
    for _ in 0..<50 { try optimizer.step(&θ, on: objective) }
    return (first, try objective.value(at: θ, gradient: &g))
  }

  @Test(arguments: models.indices)
  func lowersTheLossOfABatch(_ i: Int) throws {
    let results = [
      try losses(i, KBFGS<Float>(pairDecay: 0)), try losses(i, KBFGSL<Float>(KBFGS(pairDecay: 0))),
      try losses(i, KBFGSL<Float>(history: 5)), try losses(i, KBFGS<Float>()),
    ]
    for (first, last) in results { #expect(last < 0.9 * first, "\(results)") }
  }
}
