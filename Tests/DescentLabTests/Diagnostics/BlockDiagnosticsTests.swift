import Descent
import DescentCatalogue
import Testing

@testable import DescentLab

@Suite struct BlockDiagnosticsTests {
  private let layout = try! ParameterLayout([("weight", [3, 30]), ("bias", [2])])

  private func vector(_ weight: [Float], _ bias: [Float]) throws -> ParameterVector<Float> {
    var x = ParameterVector<Float>(zeros: layout)
    try x.assign(weight + Array(repeating: 0, count: 90 - weight.count), to: "weight")
    try x.assign(bias, to: "bias")
    return x
  }

  @Test func sumsAreThoseOfEachBlock() throws {
    let x = try vector([1, -2, 3], [4, 5])
    let y = try vector([2, 2, 0], [1, -1])
    #expect(x.sumsOfSquaresByBlock() == [14, 41])
    #expect(x.dotsByBlock(y) == [-2, -1])
    #expect(x.squaredDistancesByBlock(to: y) == [26, 45])
    // 87 zeros and the −2; padding does not count.
    #expect(x.countsByBlock(below: [1, 4.5]) == [88, 1])
    #expect(x.countsByBlock(below: [0, 0]) == [0, 0])
    // Numbers that are nearly the same: the difference is exact.
    let close = try vector([1.0000001], [0, 0])
    let difference = Double(Float(1.0000001) - 1)
    #expect(try close.squaredDistancesByBlock(to: vector([1], [0, 0])) == [difference * difference, 0])
  }

  /// g = (3, 4), θ = (6, 8) → (6.3, 7.6): ‖Δθ‖ = 0.5, ‖Δθ‖/‖θ‖ = 0.05, RMS[Δθ]/RMS[g] = 0.1.
  @Test func valuesAreThoseOfTheDefinitions() throws {
    let block = BlockDiagnostics(
      name: "dense1.weight", squaredGradient: 25, squaredParameters: 100, squaredUpdate: 0.25, elementCount: 8,
      dominatedCount: 2, noise: GradientNoise(signal: 4, trace: 32, batchSize: 16))
    let values = Dictionary(uniqueKeysWithValues: block.values.map { ($0.metric, $0.value) })
    #expect(
      values == [
        .gradientNorm: 5, .updateNorm: 0.5, .relativeUpdate: 0.05, .effectiveStep: 0.1, .epsilonShare: 0.25,
        .gradientSignal: 4, .gradientNoise: 32, .signalToNoise: 2, .noiseScale: 8,
      ])
    let total = BlockDiagnostics.total([
      block,
      BlockDiagnostics(
        name: "bias", squaredGradient: 11, squaredParameters: 44, squaredUpdate: 0.11, elementCount: 2,
        dominatedCount: 1, noise: GradientNoise(signal: -1, trace: 1, batchSize: 16)),
    ])
    #expect(total.squaredGradient == 36 && total.elementCount == 10 && total.dominatedCount == 3)
    #expect(total.noise == GradientNoise(signal: 3, trace: 33, batchSize: 16))
  }

  @Test func whatIsNoNumberIsLeftOut() {
    let block = BlockDiagnostics(
      name: "b", squaredGradient: 0, squaredParameters: 0, squaredUpdate: 0, elementCount: 1, dominatedCount: nil,
      noise: nil)
    #expect(block.values.map(\.metric) == [.gradientNorm, .updateNorm])
  }

  @Test func tagsNameMetricAndParameter() {
    for metric in DiagnosticMetric.allCases {
      for name in ["", "dense1.weight", "a/b"] {
        let parsed = DiagnosticMetric.parse(metric.tag(of: name))
        #expect(parsed?.metric == metric && parsed?.block == name)
      }
    }
    #expect(DiagnosticMetric.gradientNorm.tag(of: "dense1.weight") == "diagnostics/gradient_norm/dense1.weight")
    #expect(DiagnosticMetric.parse("train/loss") == nil)
  }

  @Test func batchesHaveHalves() throws {
    let batch = Batch(inputs: .dense([1, 2, 3, 4, 5, 6], shape: [3, 2, 1]), labels: [7, 8, 9])
    let (first, second) = try #require(batch.halves)
    guard case .dense(let a, let shape) = first.inputs, case .dense(let b, let rest) = second.inputs else {
      Issue.record("dense examples have dense halves")
      return
    }
    #expect(a == [1, 2] && shape == [1, 2, 1] && first.labels == [7])
    #expect(b == [3, 4, 5, 6] && rest == [2, 2, 1] && second.labels == [8, 9])
    #expect(Batch(inputs: .dense([1, 2], shape: [1, 2]), labels: [0]).halves == nil)
  }
}

@Suite struct EpsilonShareTests {
  /// After one step √v̂ = |g|: elements below ε are counted, and so are zeros; also with an average or an 8-bit state.
  @Test(arguments: [
    ("adam", 3), ("adamw", 3), ("nadam", 3), ("radam", -1), ("rmsprop", 4),
    ("adagrad", 3), ("sgd", -1), ("lion", -1), ("shampoo", -1), ("adam:epsilonForm=hat", 6),
  ])
  func countsTheElementsThatEpsilonDominates(_ method: String, _ expected: Int) throws {
    let g = try ParameterVector<Float>([1, -0.5, 0, 0.09, -0.001, 0.2])
    let spec = try OptionSpec(parsing: method)
    let options = spec.options.map { (name: $0.key, value: $0.value) }
    let (catalogued, resolved) = try Catalogue.method(named: spec.name, settings: options)
    var settings = resolved
    // RMSProp's v after a step is 0.1 g², with no correction; Adam's hat form compares with v = 0.001 g².
    if catalogued.options.contains(where: { $0.name == "epsilon" }) { settings.append(("epsilon", "0.1")) }
    var θ = g
    var optimizer = try catalogued.configured(settings, steps: 10).optimizer(for: θ)
    try optimizer.step(&θ, gradient: g)
    #expect(optimizer.epsilonShare?.counts == (expected < 0 ? nil : [expected]))
  }

  /// A made-up state: √v̂ is just below ε, just above it, and far above.
  @Test func followsTheStateAndItsCorrection() throws {
    var θ = try ParameterVector<Float>([0, 0, 0])
    var optimizer = try Optimizer(Adam<Float>(beta2: 0.5, epsilon: 1e-4).averaged(0.9), for: θ)
    try optimizer.step(&θ, gradient: try ParameterVector<Float>([0, 0, 0]))
    // At t = 1, v̂ = 2 v: √v̂ < 1e-4 where v < 5e-9.
    try optimizer.assign(try ParameterVector<Float>([4.9e-9, 5.1e-9, 1]), toSlot: "adam/v")
    #expect(optimizer.epsilonShare?.counts == [1])
    optimizer.rule.base.epsilon = 2e-4
    #expect(optimizer.epsilonShare?.counts == [2])
    try optimizer.group("x") { $0.base.epsilon = 0 }
    #expect(optimizer.epsilonShare?.counts == [0])
  }

  /// If a method says where ε dominates, it has the slot that it names.
  @Test func namesSlotsThatThereAre() throws {
    var θ = try ParameterVector<Float>([1, 2])
    var count = 0
    for method in Catalogue.methods where method.kind == .element {
      var optimizer = try method.configured(steps: 10).optimizer(for: θ)
      if let slot = optimizer.curvatureSlot { try optimizer.assign(θ, toSlot: slot) }
      try optimizer.step(&θ, gradient: θ)
      if optimizer.epsilonShare != nil { count += 1 }
    }
    #expect(count >= 20)
  }
}
