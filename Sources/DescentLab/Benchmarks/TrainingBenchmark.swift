/// The time of one training step of a model: loss, gradient and update, on random data.
public struct TrainingBenchmark: Codable, Hashable, Sendable {
  /// The model's name.
  public let model: String
  public let batch: Int
  public let threads: Int
  public let parameters: Int
  /// The median of the steps.
  public let millisecondsPerStep: Double
  /// Their mean: what counts for methods of which some steps are longer, as those with new inverses are.
  public let mean: Double
  /// The fastest step.
  public let fastest: Double

  enum CodingKeys: String, CodingKey {
    case model, batch, threads, parameters
    case millisecondsPerStep = "ms_per_step"
    case mean = "ms_per_step_mean"
    case fastest = "ms_per_step_fastest"
  }

  /// Makes `steps` steps on a batch of random inputs, after a few steps to warm up.
  /// - Throws: An error that names the option at fault.
  public init(_ step: TrainingStep, steps: Int = 100) throws {
    try Self.check(steps: steps)
    let workload = try TrainingWorkload(step)
    for _ in 0..<5 { try workload.step() }
    let times = try Stopwatch.rounds(steps, workload.step).map { $0 * 1e3 }
    model =
      workload.spec.description + (step.isSparse ? " (sparse)" : "")
      + (step.updatesInBackward ? " (updated in backward)" : "")
    batch = step.batch
    threads = step.threads
    parameters = workload.parameterCount
    millisecondsPerStep = times[times.count / 2]
    mean = times.reduce(0, +) / Double(times.count)
    fastest = times[0]
  }

  static func check(steps: Int) throws(RunError) {
    guard 1...1_000_000 ~= steps else {
      throw .invalidOption("--steps", value: "\(steps)", allowed: "from 1 to 1000000")
    }
  }

  /// One line of JSON.
  public func json() -> String { JSON.line(self) }

  public static let header = ["model", "batch", "threads", "parameters", "ms/step", "mean", "fastest"]
  public var row: [String] {
    [
      model, "\(batch)", "\(threads)", parameters.grouped, threeDigits(millisecondsPerStep), threeDigits(mean),
      threeDigits(fastest),
    ]
  }
}
