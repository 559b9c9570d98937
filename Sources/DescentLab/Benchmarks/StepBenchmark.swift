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
  private static let warmUp = 12
  /// What multiplies and decomposes matrices, at the same cost for each, is timed on no more than this.
  private static let manyParameters = 1 << 20
  private static let slowNanoseconds = 100.0
  /// A round does not go on for longer.
  private static let secondsPerRound = 1.0

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

    func measure(_ parameters: Int) throws -> [Double] {
      let layout = try Self.layout(parameters, seesShapes: spec.kind == .tensor)
      var θ = Self.noise(layout, "parameters")
      let g = Self.noise(layout, "gradient")
      let optimizer = try method.optimizer(for: θ, threads: threads)
      // Some methods only collect gradients at first.
      for _ in 0..<Self.warmUp { try optimizer.step(&θ, gradient: g) }
      let step = try Stopwatch.rounds(1) { try optimizer.step(&θ, gradient: g) }[0]
      let repetitions = max(1, min(Self.elementsPerRound / parameters, Int(Self.secondsPerRound / max(step, 1e-9))))
      return try Stopwatch.rounds(step > Self.secondsPerRound ? 2 : Self.rounds) {
        for _ in 0..<repetitions { try optimizer.step(&θ, gradient: g) }
      }.map { $0 * 1e9 / Double(repetitions) / Double(parameters) }
    }
    var parameters = parameters
    var times = try measure(min(parameters, Self.manyParameters))
    if times[0] < Self.slowNanoseconds, parameters > Self.manyParameters {
      times = try measure(parameters)
    } else {
      parameters = min(parameters, Self.manyParameters)
    }
    self.method = spec.spec.name
    self.parameters = parameters
    self.threads = threads
    nanosecondsPerParameter = times[times.count / 2]
    fastest = times[0]
  }

  /// A vector, or as many matrices of 1024 × 1024 as there are parameters for; a smaller one for fewer.
  private static func layout(_ parameters: Int, seesShapes: Bool) throws -> ParameterLayout {
    guard seesShapes, parameters >= 4 else { return try ParameterLayout([("x", [parameters])]) }
    let side = min(1024, Int(Double(parameters).squareRoot()))
    let count = parameters / (side * side)
    let rest = parameters - count * side * side
    return try ParameterLayout((0..<count).map { ("x\($0)", [side, side]) } + (rest > 0 ? [("rest", [rest])] : []))
  }

  private static func noise(_ layout: ParameterLayout, _ name: String) -> ParameterVector<Float> {
    var vector = ParameterVector<Float>(zeros: layout)
    var stream = RandomStream(seed: 1, name: name)
    vector.withUnsafeMutableElements { all in
      for block in layout.blocks {
        let elements = UnsafeMutableBufferPointer(rebasing: all[block.elements])
        stream.fillUniform(elements)
        for i in elements.indices { elements[i] = 0.1 * (elements[i] - 0.5) }
      }
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
