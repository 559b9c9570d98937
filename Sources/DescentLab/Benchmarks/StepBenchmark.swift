import Descent
import DescentCatalogue

/// The time of one step of an optimizer, without a network.
public struct StepBenchmark: Codable, Hashable, Sendable {
  /// The method's name.
  public let method: String
  public let parameters: Int
  public let threads: Int
  /// Median of the rounds.
  public let nanosecondsPerParameter: Double
  /// Fastest round.
  public let fastest: Double

  enum CodingKeys: String, CodingKey {
    case method, parameters, threads
    case nanosecondsPerParameter = "ns_per_parameter"
    case fastest = "ns_per_parameter_fastest"
  }

  /// Elements stepped in one round, so that the clock's precision does not matter.
  private static let elementsPerRound = 1 << 25
  private static let rounds = 7

  /// Steps a vector of `parameters` elements, first to warm up, then in rounds.
  ///
  /// - Parameters:
  ///   - optimizer: Name and options: `adam:beta2=0.99`.
  ///   - parameters: Elements, at least 1.
  ///   - threads: At least 1.
  ///   - average: The average kept beside the parameters, if any: `0.999`, `polyak`.
  ///   - weightDecay: λ of decoupled decay, times the learning rate.
  /// - Throws: An error that names the option at fault.
  public init(
    optimizer: String, parameters: Int, threads: Int, average: String? = nil, weightDecay: Double? = nil
  ) throws {
    let count = Self.elementsPerRound * 64
    guard 1...count ~= parameters else {
      throw RunError.invalidOption("--parameters", value: "\(parameters)", allowed: "from 1 to \(count)")
    }
    guard 1...1024 ~= threads else {
      throw RunError.invalidOption("--threads", value: "\(threads)", allowed: "from 1 to 1024")
    }
    var configuration = RunConfiguration.standard
    configuration.average = average
    configuration.weightDecay = weightDecay
    let spec = try OptimizerSpec(parsing: optimizer)
    let method = try spec.configured(for: configuration, steps: 1_000_000)

    var θ = try Self.noise(parameters, "parameters")
    let g = try Self.noise(parameters, "gradient")
    let optimizer = try method.optimizer(for: θ, threads: threads)
    let repetitions = max(2, Self.elementsPerRound / parameters)
    try optimizer.step(&θ, gradient: g)
    let times = try Stopwatch.rounds(Self.rounds) {
      for _ in 0..<repetitions { try optimizer.step(&θ, gradient: g) }
    }.map { $0 * 1e9 / Double(repetitions) / Double(parameters) }
    self.method = spec.spec.name
    self.parameters = parameters
    self.threads = threads
    nanosecondsPerParameter = times[times.count / 2]
    fastest = times[0]
  }

  private static func noise(_ count: Int, _ name: String) throws -> ParameterVector<Float> {
    var vector = ParameterVector<Float>(zeros: try ParameterLayout([("x", [count])]))
    var stream = RandomStream(seed: 1, name: name)
    vector.withUnsafeMutableElements { all in
      let elements = UnsafeMutableBufferPointer(rebasing: all[..<count])
      stream.fillUniform(elements)
      for i in elements.indices { elements[i] = 0.1 * (elements[i] - 0.5) }
    }
    return vector
  }

  /// One line of JSON.
  public func json() -> String { jsonLine(self) }

  public static let header = ["optimizer", "parameters", "threads", "ns/parameter", "fastest"]
  public var row: [String] {
    [method, parameters.grouped, "\(threads)", threeDigits(nanosecondsPerParameter), threeDigits(fastest)]
  }
}
