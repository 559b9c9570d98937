/// The time of an element-wise step's memory traffic, without its arithmetic.
public struct FloorBenchmark: Codable, Hashable, Sendable {
  /// The number of state vectors.
  public let slots: Int
  public let parameters: Int
  public let threads: Int
  /// The median of the rounds.
  public let nanosecondsPerParameter: Double
  /// The fastest round.
  public let fastest: Double
  /// Bytes read and written per second, in 10⁹, at the median.
  public let gigabytesPerSecond: Double

  enum CodingKeys: String, CodingKey {
    case slots, parameters, threads
    case nanosecondsPerParameter = "ns_per_parameter"
    case fastest = "ns_per_parameter_fastest"
    case gigabytesPerSecond = "gb_per_second"
  }

  /// - Throws: ``RunError`` that names the option at fault.
  public init(slots: Int, parameters: Int, threads: Int) throws {
    for (option, value, range) in [
      ("--slots", slots, 0...64), ("--parameters", parameters, 1...1 << 31), ("--threads", threads, 1...1024),
    ] where !(range ~= value) {
      throw RunError.invalidOption(
        option, value: "\(value)", allowed: "from \(range.lowerBound) to \(range.upperBound)")
    }
    let floor = StepFloor(parameters: parameters, slots: slots, threads: threads)
    for _ in 0..<3 { floor.step() }
    let times = (0..<9).map { _ in Stopwatch.secondsPerRun(for: 0.1, floor.step) * 1e9 / Double(parameters) }.sorted()
    self.slots = slots
    self.parameters = parameters
    self.threads = threads
    nanosecondsPerParameter = times[times.count / 2]
    fastest = times[0]
    gigabytesPerSecond = Double(StepFloor.bytesPerParameter(slots: slots)) / nanosecondsPerParameter
  }

  /// One line of JSON.
  public func json() -> String { JSON.line(self) }

  public static let header = ["state vectors", "parameters", "threads", "ns/parameter", "fastest", "GB/s"]
  public var row: [String] {
    [
      "\(slots)", parameters.grouped, "\(threads)", threeDigits(nanosecondsPerParameter), threeDigits(fastest),
      fixed(gigabytesPerSecond, digits: 1),
    ]
  }
}
