import Descent
import DescentCatalogue
import DescentNetworks

/// The model of a timed training step, and the number of random examples in its batch.
public struct TrainingStep: Hashable, Sendable {
  /// Name and options: `mlp:dropout=0.5`. Convolutional networks get 32×32×3 inputs, others 784.
  public var model: String
  /// Name and options.
  public var optimizer: String
  /// Examples in a step, at least 1.
  public var batch: Int
  /// Threads that compute, at least 1.
  public var threads: Int
  /// Whether the inputs are sparse rows, as in bags of words: 130 of 10,000 features, 2 classes.
  public var isSparse: Bool
  /// Whether each parameter is stepped as soon as its gradient is complete.
  public var updatesInBackward: Bool

  public init(
    _ model: String, optimizer: String = "adam", batch: Int = 128, threads: Int, isSparse: Bool = false,
    updatesInBackward: Bool = false
  ) {
    self.updatesInBackward = updatesInBackward
    self.model = model
    self.optimizer = optimizer
    self.batch = batch
    self.threads = threads
    self.isSparse = isSparse
  }
}

/// A model with a batch of random examples and an optimizer, ready to step: loss, gradient and update.
final class TrainingWorkload {
  /// The model with the values of all options.
  let spec: OptionSpec
  private let network: any Model
  private let examples: Batch
  private let engine: Engine
  private var optimizer: AnyOptimizer<Float>
  private let noise = RandomStream(seed: 1, name: "noise")
  private var θ: ParameterVector<Float>
  private var steps: UInt64 = 0

  var parameterCount: Int { network.layout.parameterCount }

  /// - Throws: An error that names the option at fault.
  init(_ step: TrainingStep) throws {
    for (option, value, limit) in [("--batch", step.batch, 65_536), ("--threads", step.threads, 1024)]
    where !(1...limit ~= value) {
      throw RunError.invalidOption(option, value: "\(value)", allowed: "from 1 to \(limit)")
    }
    let model = try ModelSpec(parsing: step.model)
    spec = model.spec
    let shape = step.isSparse ? [SparseExamples.features] : Self.inputShape(of: spec.name)
    let classes = step.isSparse ? SparseExamples.classes : 10
    if step.isSparse, !model.takesSparseInput {
      throw RunError.conflict(
        "model '\(spec.name)' takes no sparse rows: leave --sparse out, or choose logistic or mlp")
    }
    network = try model.model(inputShape: shape, classCount: classes)
    let method = try OptimizerSpec(parsing: step.optimizer).configured(for: .standard, steps: 1_000_000)
    var stream = RandomStream(seed: 1, name: "benchmark")
    let inputs =
      try step.isSparse
      ? Batch.Inputs.sparse(SparseExamples.rows(step.batch, from: &stream))
      : Self.dense([step.batch] + shape, from: &stream)
    examples = Batch(
      inputs: inputs, labels: (0..<step.batch).map { _ in Int32(stream.integer(below: classes)) })
    engine = Engine(threadCount: step.threads)
    θ = network.initialParameters(seed: 1)
    optimizer = try method.optimizer(for: θ, threads: step.threads)
    optimizer.stepsByBlock = step.updatesInBackward
  }

  func step() throws {
    try optimizer.step(&θ, on: BatchObjective(examples, of: network, on: engine, noise: noise.substream(steps)))
    steps += 1
  }

  /// The matrix products and convolutions of a step; nil for sparse inputs, whose products oneDNN does not compute.
  static func floor(of step: TrainingStep) throws -> ProductFloor? {
    guard !step.isSparse else { return nil }
    let model = try ModelSpec(parsing: step.model)
    let network = try model.model(inputShape: inputShape(of: model.spec.name), classCount: 10)
    return try ProductFloor(of: network, batch: step.batch, threads: step.threads)
  }

  private static func inputShape(of model: String) -> [Int] { model.hasSuffix("cnn") ? [32, 32, 3] : [784] }

  private static func dense(_ shape: [Int], from stream: inout RandomStream) -> Batch.Inputs {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    values.withUnsafeMutableBufferPointer { stream.fillUniform($0) }
    return .dense(values, shape: shape)
  }
}

/// Rows with as many nonzeros as a short text has words.
private enum SparseExamples {
  static let features = 10_000
  static let nonzeros = 130
  static let classes = 2

  static func rows(_ count: Int, from stream: inout RandomStream) throws -> SparseRows {
    var columns: [Int32] = []
    for _ in 0..<count {
      var row: Set<Int32> = []
      while row.count < nonzeros { row.insert(Int32(stream.integer(below: features))) }
      columns += row.sorted()
    }
    var values = [Float](repeating: 0, count: columns.count)
    values.withUnsafeMutableBufferPointer { stream.fillUniform($0) }
    return try SparseRows(
      rowStarts: (0...count).map { $0 * nonzeros }, columns: columns, values: values, columnCount: features)
  }
}
