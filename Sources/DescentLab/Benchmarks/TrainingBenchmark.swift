import Descent
import DescentCatalogue
import DescentNetworks

/// The time of one training step of a model: loss, gradient and update, on random data.
public struct TrainingBenchmark: Codable, Hashable, Sendable {
  /// The model's name.
  public let model: String
  public let batch: Int
  public let threads: Int
  public let parameters: Int
  /// Median of the steps.
  public let millisecondsPerStep: Double
  /// Fastest step.
  public let fastest: Double

  enum CodingKeys: String, CodingKey {
    case model, batch, threads, parameters
    case millisecondsPerStep = "ms_per_step"
    case fastest = "ms_per_step_fastest"
  }

  /// Takes `steps` steps on a batch of uniform inputs in [0, 1), after some to warm up.
  ///
  /// - Parameters:
  ///   - model: Name and options: `mlp:dropout=0.5`. Convolutional networks get 32×32×3 inputs, others 784.
  ///   - optimizer: Name and options.
  ///   - batch: Examples in a step.
  ///   - threads: Threads that compute.
  ///   - steps: Steps that are timed.
  /// - Throws: An error that names the option at fault.
  public init(model: String, optimizer: String = "adam", batch: Int, threads: Int, steps: Int = 100) throws {
    for (option, value, limit) in [
      ("--batch", batch, 65_536), ("--threads", threads, 1024), ("--steps", steps, 1_000_000),
    ] where !(1...limit ~= value) {
      throw RunError.invalidOption(option, value: "\(value)", allowed: "from 1 to \(limit)")
    }
    let spec = try ModelSpec(parsing: model)
    let inputShape = spec.spec.name.hasSuffix("cnn") ? [32, 32, 3] : [784]
    let network = try spec.model(inputShape: inputShape, classCount: 10)
    let method = try OptimizerSpec(parsing: optimizer).configured(for: .standard, steps: 1_000_000)

    var stream = RandomStream(seed: 1, name: "benchmark")
    var inputs = [Float](repeating: 0, count: batch * inputShape.reduce(1, *))
    inputs.withUnsafeMutableBufferPointer { stream.fillUniform($0) }
    let labels = (0..<batch).map { _ in Int32(stream.integer(below: 10)) }
    let examples = Batch(inputs: .dense(inputs, shape: [batch] + inputShape), labels: labels)

    let engine = Engine(threadCount: threads)
    var θ = network.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: network.layout)
    let optimizer = try method.optimizer(for: θ, threads: threads)
    var step: UInt64 = 0
    func takeStep() throws {
      _ = try engine.gradient(of: network, examples, at: θ, into: &g, noise: stream.substream(step))
      try optimizer.step(&θ, gradient: g)
      step += 1
    }
    for _ in 0..<5 { try takeStep() }
    let times = try Stopwatch.rounds(steps, takeStep).map { $0 * 1e3 }
    self.model = spec.spec.description
    self.batch = batch
    self.threads = threads
    parameters = network.layout.parameterCount
    millisecondsPerStep = times[times.count / 2]
    fastest = times[0]
  }

  /// One line of JSON.
  public func json() -> String { jsonLine(self) }

  public static let header = ["model", "batch", "threads", "parameters", "ms/step", "fastest"]
  public var row: [String] {
    [model, "\(batch)", "\(threads)", parameters.grouped, threeDigits(millisecondsPerStep), threeDigits(fastest)]
  }
}
