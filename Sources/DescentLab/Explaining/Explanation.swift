import Descent
import DescentCatalogue

/// What an optimizer does in a step, in words, and how fast the memory lets it be.
public struct Explanation: Sendable {
  /// The method's name and paper, and what it does besides the pass.
  public let heading: String
  /// Equations, coefficients, state, traffic and operations.
  public let update: UpdateExplanation
  /// Bytes read and written for a parameter in most steps.
  public var bytes: Int { update.phases.map { $0.bytesRead + $0.bytesWritten }.max() ?? 0 }

  /// - Parameters:
  ///   - text: The optimizer with options, as for a training; `weightDecay` and `average` may be among them:
  ///     `adam:lr=0.001,weightDecay=0.01`.
  ///   - precision: Of θ.
  ///   - average: An average that is kept, as for a training.
  ///   - weightDecay: λ of decoupled decay.
  ///   - step: The step whose coefficients are shown.
  /// - Throws: An error that names the option at fault, or says why the method cannot be explained.
  public init(
    _ text: String, precision: Precision = .float, average: String? = nil, weightDecay: Double? = nil, step: Int = 1
  ) throws {
    guard step >= 1 else { throw RunError.invalidOption("--step", value: "\(step)", allowed: "1 or more") }
    var written = try OptionSpec(parsing: text)
    let own = try Catalogue.method(named: written.name).method.options.map(\.name)
    // Among the options these are written as a method's own, if it has none of the name.
    func take(_ name: String) -> String? {
      guard !own.contains(name),
        let i = written.options.firstIndex(where: { Names.canonical($0.key) == Names.canonical(name) })
      else { return nil }
      return written.options.remove(at: i).value
    }
    let (average, decay) = (take("average") ?? average, take("weightDecay"))
    let weightDecay =
      try decay.map { (text) throws(RunError) in
        guard let decay = Double(text) else { throw .invalidOption("weightDecay", value: text, allowed: "a number") }
        return decay
      } ?? weightDecay
    let spec = try OptimizerSpec(parsing: written.description)
    let rules = try spec.tracedRules(average: average, weightDecay: weightDecay)
    heading = Self.heading(spec)
    let formulas = try Self.formulas(rules.wide)
    update =
      switch precision {
      case .float: try Self.explain(rules.narrow, formulas, step)
      case .double: try Self.explain(rules.wide, formulas, step)
      }
  }

  private static func heading(_ spec: OptimizerSpec) -> String {
    var lines = ["\(spec.method.name): \(spec.method.summary) (\(spec.method.paper))"]
    if let sharpness = spec.common.sharpness {
      lines.append(
        "Each gradient is that at the worst point within \(sharpness.radius) of θ"
          + (sharpness.isAdaptive ? ", measured relative to the parameters' magnitudes." : "."))
    }
    if spec.common.centralizes {
      lines.append("Before a step, the gradient of each output's weights is made to sum to zero.")
    }
    if spec.common.adaptiveClip != nil {
      lines.append("Before a step, the gradient of each output's weights is clipped relative to the weights' norm.")
    }
    if let state = spec.common.state {
      lines.append("Between steps, the state is stored as \(state.rawValue); it is counted in full here.")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func formulas(_ rule: any ElementRule<Traced<Double>>) throws(RuleError) -> CoefficientFormulas {
    func open(_ rule: some ElementRule<Traced<Double>>) throws(RuleError) -> CoefficientFormulas {
      try CoefficientFormulas(of: rule)
    }
    return try open(rule)
  }

  private static func explain<Base: LaneScalar>(
    _ rule: any ElementRule<Traced<Base>>, _ formulas: CoefficientFormulas, _ step: Int
  ) throws(RuleError) -> UpdateExplanation {
    func open(_ rule: some ElementRule<Traced<Base>>) throws(RuleError) -> UpdateExplanation {
      try UpdateExplanation(of: rule, formulas: formulas, at: step)
    }
    return try open(rule)
  }

  /// The time that memory of this speed takes for a parameter.
  ///
  /// - Parameter bandwidth: Bytes read and written per second, in 10⁹.
  public func floor(bandwidth: Double) -> Double { Double(bytes) / bandwidth }

  /// The bandwidth of this machine's memory for a step with as much state, in 10⁹ bytes per second.
  ///
  /// - Parameters:
  ///   - parameters: Size of the vector.
  ///   - threads: Threads that share a step.
  public func measuredBandwidth(parameters: Int, threads: Int) throws -> Double {
    try FloorBenchmark(slots: update.slots.count, parameters: parameters, threads: threads).gigabytesPerSecond
  }

  /// All of it as plain text, with the floor that memory sets.
  ///
  /// - Parameters:
  ///   - bandwidth: In 10⁹ bytes per second.
  ///   - source: Where that number is from: `measured here`.
  public func text(bandwidth: Double? = nil, source: String = "") -> String {
    var text = heading + "\n" + update.text()
    if let bandwidth {
      text +=
        "Floor: \(fixed(floor(bandwidth: bandwidth), digits: 3)) ns for a parameter, at \(fixed(bandwidth, digits: 1)) "
        + "GB/s (\(source)).\n"
    }
    return text
  }
}
