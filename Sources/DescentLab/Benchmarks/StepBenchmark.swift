import Descent
import DescentCatalogue

/// The time of one step of an optimizer, without a network.
public struct StepBenchmark: Codable, Hashable, Sendable {
  /// The optimizer as it was given, with its options.
  public let method: String
  public let parameters: Int
  public let threads: Int
  /// The median of the rounds.
  public let nanosecondsPerParameter: Double
  /// The fastest round.
  public let fastest: Double

  enum CodingKeys: String, CodingKey {
    case method, parameters, threads
    case nanosecondsPerParameter = "ns_per_parameter"
    case fastest = "ns_per_parameter_fastest"
  }

  /// Elements stepped in one round, so that the clock's precision does not matter.
  private static let elementsPerRound = 1 << 25
  private static let rounds = 7
  private static let warmUp = 12
  /// The largest number of parameters for slow methods, which multiply and decompose matrices of one size.
  private static let manyParameters = 1 << 20
  private static let slowNanoseconds = 100.0
  /// A round takes about this long at most.
  private static let secondsPerRound = 1.0

  /// Steps a vector, first to warm up, then in rounds.
  /// - Throws: An error that names the option at fault.
  public init(_ step: OptimizerStep) throws {
    try step.checkNumbers()
    func measure(_ parameters: Int) throws -> [Double] {
      var step = step
      step.parameters = parameters
      let workload = try OptimizerWorkload(step)
      // Some methods only collect gradients at first.
      for _ in 0..<Self.warmUp { try workload.step() }
      let once = try Stopwatch.rounds(1, workload.step)[0]
      let repetitions = max(1, min(Self.elementsPerRound / parameters, Int(Self.secondsPerRound / max(once, 1e-9))))
      return try Stopwatch.rounds(once > Self.secondsPerRound ? 2 : Self.rounds) {
        for _ in 0..<repetitions { try workload.step() }
      }.map { $0 * 1e9 / Double(repetitions) / Double(parameters) }
    }
    var parameters = step.parameters
    var times = try measure(min(parameters, Self.manyParameters))
    if times[0] < Self.slowNanoseconds, parameters > Self.manyParameters {
      times = try measure(parameters)
    } else {
      parameters = min(parameters, Self.manyParameters)
    }
    // With its options: some of them, such as the state's format, change the speed.
    method = step.optimizer
    self.parameters = parameters
    threads = step.threads
    nanosecondsPerParameter = times[times.count / 2]
    fastest = times[0]
  }

  /// One line of JSON.
  public func json() -> String { JSON.line(self) }

  public static let header = ["optimizer", "parameters", "threads", "ns/parameter", "fastest"]
  public var row: [String] {
    [method, parameters.grouped, "\(threads)", threeDigits(nanosecondsPerParameter), threeDigits(fastest)]
  }
}
