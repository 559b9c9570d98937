import Descent
import Testing

@testable import DescentNetworks

@Suite struct BlockGradientTests {
  static let noise = RandomStream(seed: 3, name: "noise")

  static let cases: [(name: String, shape: [Int], options: [String: String])] = [
    ("logistic", [8, 8, 1], [:]), ("mlp", [8, 8, 1], ["hidden": "37-20", "dropout": "0.3"]),
    ("smallcnn", [12, 12, 1], [:]),
    ("vae", [5, 5, 1], ["hidden": "19", "latent": "3"]),
  ]

  /// Stepping block by block gives parameters and state the same bits as the whole gradient.
  @Test(arguments: cases)
  func sameBitsAsTheWholeGradient(_ name: String, _ shape: [Int], _ options: [String: String]) throws {
    let model = try ModelCatalogue.model(named: name, inputShape: shape, classCount: 3, options: options)
    let batch = Self.batch(shape, 7)
    try expectSameBits(model, batch)
  }

  @Test func sparseRows() throws {
    let model = try ModelCatalogue.model(named: "mlp", inputShape: [11], classCount: 2, options: ["hidden": "6"])
    let rows = try SparseRows(
      rowStarts: [0, 2, 2, 5], columns: [1, 10, 0, 3, 4], values: [1, -2, 0.5, 1, 3], columnCount: 11)
    try expectSameBits(model, Batch(inputs: .sparse(rows), labels: [0, 1, 1]))
  }

  /// One parameter is shared by two operations, one is in a frozen group, and one is used by no operation.
  @Test func sharedFrozenAndUnusedParameters() throws {
    let model = try SharedWeights()
    let batch = Batch(inputs: .dense(randomValues(6 * 4), shape: [6, 4]), labels: [])
    try expectSameBits(model, batch) { try $0.freeze("b") }
    var θ = model.initialParameters(seed: 1)
    let start = θ
    var optimizer = try Optimizer(Adam(), for: θ)
    optimizer.stepsByBlock = true
    try optimizer.step(&θ, on: BatchObjective(batch, of: model, on: Engine(), noise: Self.noise))
    #expect(try θ.values(of: "unused") == start.values(of: "unused"))
    #expect(try θ.values(of: "W") != start.values(of: "W"))
  }

  @Test func refusals() throws {
    let model = try ModelCatalogue.model(named: "logistic", inputShape: [4], classCount: 2)
    var θ = model.initialParameters(seed: 1)
    let start = θ
    let engine = Engine()
    let batch = Batch(inputs: .dense(randomValues(8), shape: [2, 4]), labels: [0, 1])
    func step(_ stepper: inout some Stepper<Float>, _ batch: Batch) throws {
      try stepper.step(&θ, on: BatchObjective(batch, of: model, on: engine, noise: Self.noise))
    }
    var optimizer = try Optimizer(Adam(), for: θ)
    optimizer.stepsByBlock = true
    optimizer.transforms = [ClipByGlobalNorm(1)]
    #expect(throws: BlockStepError.transform("ClipByGlobalNorm")) { try step(&optimizer, batch) }
    optimizer.transforms = []
    var shampoo = try Optimizer(Shampoo(), for: θ)
    shampoo.stepsByBlock = true
    #expect(throws: BlockStepError.method("shampoo")) { try step(&shampoo, batch) }
    var wrong = batch
    wrong.labels = [0, 2]
    #expect(throws: NetworkError.label(2, example: 1, classCount: 2)) { try step(&optimizer, wrong) }
    #expect(θ == start && optimizer.stepCount == 0)
    let other = try ModelCatalogue.model(named: "logistic", inputShape: [5], classCount: 2)
    #expect(throws: NetworkError.self) {
      try optimizer.step(&θ, on: BatchObjective(batch, of: other, on: engine, noise: Self.noise))
    }
    try step(&optimizer, batch)
    #expect(optimizer.stepCount == 1 && θ != start)
  }

  private static func batch(_ shape: [Int], _ count: Int) -> Batch {
    var batch = randomBatch([count] + shape, labels: (0..<Int32(count)).map { $0 % 3 })
    if case .dense(let values, let shape) = batch.inputs {
      batch.inputs = .dense(values.map { abs($0).truncatingRemainder(dividingBy: 1) }, shape: shape)
    }
    return batch
  }

  private func expectSameBits(
    _ model: some Model, _ batch: Batch, _ change: (inout Optimizer<Adam<Float>>) throws -> Void = { _ in }
  ) throws {
    let engine = Engine(threadCount: 1)
    var whole = model.initialParameters(seed: 1)
    var byBlock = whole
    var g = ParameterVector<Float>(zeros: model.layout)
    var first = try Optimizer(Adam(), for: whole)
    try change(&first)
    var second = first
    second.stepsByBlock = true
    for number in 0..<3 {
      let noise = Self.noise.substream(UInt64(number))
      let expected = try engine.gradient(of: model, batch, at: whole, into: &g, noise: noise)
      try first.step(&whole, gradient: g)
      let objective = BatchObjective(batch, of: model, on: engine, noise: noise)
      #expect(try second.step(&byBlock, on: objective).value == expected.loss)
      #expect(objective.result == expected)
    }
    #expect(whole == byBlock && first.stepCount == second.stepCount)
    for slot in Adam<Float>.slots { #expect(try first.slot(slot) == second.slot(slot)) }
  }
}

/// ‖f(f(x W + b) W + b) − x‖² with the same W and b twice.
private struct SharedWeights: Model {
  let layout: ParameterLayout
  let inputShape = [4]
  var classCount: Int? { nil }
  private let parameters: ParameterList
  private let weight, bias: Parameter

  init() throws {
    var parameters = ParameterList()
    weight = parameters.declare("W", shape: [4, 4], initializer: .glorotUniform)
    bias = parameters.declare("b", shape: [4], initializer: .zeros)
    _ = parameters.declare("unused", shape: [5], initializer: .heNormal)
    layout = try parameters.layout()
    self.parameters = parameters
  }

  func initialParameters(seed: UInt64) -> ParameterVector<Float> {
    parameters.initialValues(seed: seed, layout: layout)
  }

  func loss(of input: Tensor, labels: [Int32], on tape: Tape) throws(NetworkError) -> Loss {
    let h = try tape.linear(input, weight: weight, bias: bias, activation: .tanh)
    return try tape.squaredError(tape.linear(h, weight: weight, bias: bias, activation: .tanh), targets: input)
  }
}
