import Descent
import DescentCatalogue
import DescentData
import DescentNetworks
import Foundation

/// A run in which everything has been checked: data are loaded, the model is built, the optimizer is configured.
public struct RunPlan: Sendable {
  /// What was asked for, with every default filled in.
  public private(set) var configuration: RunConfiguration
  public let dataset: Dataset
  public let model: any Model
  /// Samples in a step, as in the configuration.
  public let batchSize: Int
  private let method: ConfiguredMethod

  public var stepsPerEpoch: Int { Self.steps(dataset.train.count, batchSize) }
  public var parameterCount: Int { model.layout.blocks.reduce(0) { $0 + $1.count } }
  public var stepCount: Int { stepsPerEpoch * configuration.epochs }

  /// Checks `configuration`, the cheap parts first, and loads what it names. Writes nothing.
  ///
  /// - Throws: An error that names the option, file or layer at fault and the remedy.
  public init(_ configuration: RunConfiguration) throws {
    var cache = DatasetCache()
    try self.init(configuration, data: &cache)
  }

  /// The plan of a run that is evaluated and not trained: its data may be too few or too uniform to train on.
  init(evaluating configuration: RunConfiguration) throws {
    var cache = DatasetCache()
    try self.init(configuration, data: &cache, trains: false)
  }

  /// The same, with a cache of data that other runs have loaded.
  init(_ configuration: RunConfiguration, data: inout DatasetCache, trains: Bool = true) throws {
    try configuration.checkNumbers()
    let optimizerSpec = try OptimizerSpec(parsing: configuration.optimizer)
    // The number of steps does not matter here: this checks names and ranges of options before the slow loading of
    // data.
    _ = try optimizerSpec.configured(for: configuration, steps: 1_000_000_000)
    let modelSpec = try ModelSpec(parsing: configuration.model)

    dataset = try data.load(configuration.data, from: configuration.dataFolder)
    let given = configuration.batchSize
    batchSize = min(given ?? RunConfiguration.standardBatchSize, dataset.train.count)
    // The default is lowered for a small data set. A number that the user gave is not, unless nothing is trained.
    if let given, given > batchSize, trains {
      throw RunError.invalidOption(
        "--batch", value: "\(given)",
        allowed: "at most the \(dataset.train.count) training examples of \(dataset.name)")
    }
    let batches = Self.steps(dataset.train.count, batchSize)
    let mostEpochs = RunConfiguration.mostSteps / batches
    guard configuration.epochs <= mostEpochs else {
      throw RunError.invalidOption(
        "--epochs", value: "\(configuration.epochs)", allowed: "at most \(mostEpochs) of \(counted(batches, "step"))")
    }
    model = try modelSpec.model(for: dataset)
    if trains, model.classCount != nil { try Self.checkClasses(of: dataset) }
    let steps = batches * configuration.epochs
    method = try optimizerSpec.configured(
      for: configuration, steps: steps, onSparseRows: dataset.isSparse,
      giving: BatchObjective.capabilities(of: model, isSparse: dataset.isSparse))
    try Self.checkBlocks(method, configuration)
    var complete = configuration
    complete.batchSize = batchSize
    complete.optimizer = optimizerSpec.spec.description
    complete.model = modelSpec.spec.description
    self.configuration = complete
    do throws(MemoryShortage) { try MemoryBudget.require(byteCount) } catch {
      throw RunError.mismatch(
        "model '\(complete.model)' with \(parameterCount.grouped) parameters for '\(dataset.name)' is too large to train "
          + "with '\(optimizerSpec.spec.name)' in batches of \(batchSize): \(error); make the model or --batch smaller, or "
          + "choose a method with less state")
    }
  }

  /// The approximate number of bytes that the run needs beside its data: for the parameters, the gradient, a batch with
  /// its activations and their gradients, and twice the method's state, because a checkpoint copies the state.
  public var byteCount: Double {
    let vectors = 1 + (configuration.updateInBackward == true ? 0 : 1)
    let inputs = dataset.isSparse ? 0 : model.inputShape.reduce(1, *)
    let example = Double(inputs + 2 * model.activationCount)
    return Double(MemoryLayout<Float>.size)
      * (Double(vectors * model.layout.paddedCount) + Double(batchSize) * example)
      + 2 * method.stateByteCount(of: model.layout)
  }

  /// The same run with another seed.
  func with(seed: UInt64) -> RunPlan {
    var plan = self
    plan.configuration.seed = seed
    return plan
  }

  /// The run's optimizer for parameters that start at `θ`.
  package func optimizer(for θ: ParameterVector<Float>) throws -> AnyOptimizer<Float> {
    var optimizer = try method.optimizer(for: θ, threads: configuration.threads)
    optimizer.stepsByBlock = configuration.updateInBackward == true
    // The guard needs the whole gradient, which never exists at once if parameters are stepped one by one.
    if !optimizer.stepsByBlock { optimizer.transforms.insert(NonFiniteGuard(), at: 0) }
    if let norm = configuration.clipNorm {
      optimizer.transforms.append(ClipByGlobalNorm(norm, threads: configuration.threads))
    }
    return optimizer
  }

  /// Throws if all examples to train on are of one class, whatever the format of their files.
  static func checkClasses(of dataset: Dataset) throws(RunError) {
    guard let label = dataset.train.labels.first, dataset.train.labels.allSatisfy({ $0 == label }) else { return }
    throw RunError.mismatch(
      "all examples of '\(dataset.name)' are of one class, \(dataset.classNames?[Int(label)] ?? "\(label)"), so there is "
        + "nothing to tell apart: take data with two classes or more")
  }

  /// Throws if the run shall update in the backward pass but cannot be stepped block by block.
  private static func checkBlocks(_ method: ConfiguredMethod, _ configuration: RunConfiguration) throws {
    guard configuration.updateInBackward == true else { return }
    if configuration.clipNorm != nil {
      throw RunError.conflict(
        "--clip-norm needs the gradient of all parameters at once, which --update-in-backward never has: give one of them"
      )
    }
    if let obstacle = try method.optimizer(for: ParameterVector<Float>([0])).obstacleToBlocks {
      throw RunError.conflict("--update-in-backward: \(obstacle)")
    }
  }

  private static func steps(_ examples: Int, _ batchSize: Int) -> Int { (examples + batchSize - 1) / batchSize }
}

/// A model by name, with options.
struct ModelSpec: Sendable {
  let spec: OptionSpec
  private let entry: ModelCatalogue.Entry
  var takesSparseInput: Bool { entry.takesSparseInput }

  /// - Throws: `OptionSpecError`, or `UnknownName` for a model or an option that does not exist.
  init(parsing text: String) throws {
    let written = try OptionSpec(parsing: text)
    entry = try ModelCatalogue.entry(named: written.name)
    spec = try OptionSpec(name: entry.name, options: written.options).resolved(against: entry.options.map(\.name))
  }

  /// The model for the examples and classes of `dataset`.
  func model(for dataset: Dataset) throws -> any Model {
    guard entry.takesSparseInput || !dataset.isSparse else {
      let able = ModelCatalogue.entries.filter(\.takesSparseInput).map(\.name)
      throw RunError.mismatch(
        "model '\(spec.name)' takes no sparse rows such as those of '\(dataset.name)': "
          + "choose one of \(able.joined(separator: ", "))")
    }
    return try model(inputShape: dataset.inputShape, classCount: dataset.classCount)
  }

  /// The model for examples of `inputShape`.
  func model(inputShape: [Int], classCount: Int) throws -> any Model {
    try ModelCatalogue.model(
      named: spec.name, inputShape: inputShape, classCount: classCount,
      options: spec.values)
  }
}
