import Descent
import DescentCatalogue
import DescentNetworks

/// A method of the catalogue by name, with its own options and the options that every method has.
package struct OptimizerSpec: Sendable {
  /// The name with the values of all options, which is enough to repeat it.
  let spec: OptionSpec
  /// Whether a step of the method sees elements, tensors or all parameters.
  var kind: Method.Kind { method.kind }
  /// Whether a step depends on which axes of a parameter are inputs and which are outputs.
  var dependsOnAxes: Bool { method.dependsOnAxes || common.centralizes || common.adaptiveClip != nil }
  let method: Method
  private let settings: [(name: String, value: String)]
  let common: Method.Composition

  /// - Throws: `OptionSpecError`, `UnknownName` or `MethodError`.
  package init(parsing text: String) throws {
    let written = try OptionSpec(parsing: text)
    let given = written.options.map { (name: $0.key, value: $0.value) }
    let (method, rest) = try Catalogue.method(named: written.name, settings: given)
    let resolved: OptionSpec
    do throws(UnknownName) {
      resolved = try OptionSpec(
        name: method.name, options: rest.map { OptionSpec.Option(key: $0.name, value: $0.value) }
      ).resolved(
        against: method.options.map(\.name) + Self.commonOptions
          + (Catalogue.choosingOptions[method.name] ?? []).compactMap { $0.last?.name })
    } catch {
      guard ["weightdecay", "wd"].contains(Names.canonical(error.name)) else { throw error }
      throw RunError.conflict(
        "'\(method.name)' has no option '\(error.name)': decoupled decay around any method is --weight-decay λ, and "
          + "penalty=λ adds λ θ to the gradient")
    }
    self.method = method
    settings = resolved.options.filter { !Self.commonOptions.contains($0.key) }.map { ($0.key, $0.value) }
    let common = resolved.options.filter { Self.commonOptions.contains($0.key) }
    self.common = try Self.composition(common)
    let values = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
    spec = OptionSpec(
      name: method.name,
      options: method.options.map { OptionSpec.Option(key: $0.name, value: values[$0.name] ?? $0.standard) } + common)
  }

  /// The options of every method: Lookahead's period and rate, gradient centralization, λ of adaptive clipping, the
  /// bound for each element of the gradient, the coefficient of the L2 penalty, the state's format, and the radius of SAM or
  /// ASAM.
  static let commonOptions = [
    "lookahead", "lookaheadRate", "centralize", "adaptiveClip", "clip", "penalty", "state", "sam", "asam",
  ]

  private static func composition(_ options: [OptionSpec.Option]) throws(RunError) -> Method.Composition {
    var result = Method.Composition()
    func read<Value>(
      _ option: OptionSpec.Option, _ allowed: String, _ value: Value?
    ) throws(RunError) -> Value {
      guard let value else { throw .invalidOption(option.key, value: option.value, allowed: allowed) }
      return value
    }
    for option in options {
      switch option.key {
      case "lookahead":
        let period = try read(option, "a number of steps, such as 5", Int(option.value))
        result.lookahead = Method.SlowWeights(period: period, rate: result.lookahead?.rate ?? 0.5)
      case "lookaheadRate":
        let rate = try read(option, "a number in [0, 1]", Double(option.value))
        result.lookahead = Method.SlowWeights(period: result.lookahead?.period ?? 5, rate: rate)
      case "state":
        let formats = Method.StateFormat.allCases.map(\.rawValue).joined(separator: " or ")
        result.state = try read(option, formats, Method.StateFormat(rawValue: option.value.lowercased()))
      case "centralize": result.centralizes = try read(option, "true or false", Bool(option.value.lowercased()))
      case "penalty":
        result.penalty = try read(option, "a number of at least 0, such as 1e-4", Double(option.value))
      case "sam", "asam":
        guard result.sharpness == nil else { throw .conflict("sam and asam say the same: give one of them") }
        let radius = try read(option, "a radius of at least 0, such as 0.05 (sam) or 0.5 (asam)", Double(option.value))
        result.sharpness = SharpnessAware(radius: radius, isAdaptive: option.key == "asam")
      case "clip": result.clip = try read(option, "a positive number, such as 1", Double(option.value))
      default: result.adaptiveClip = try read(option, "a positive number, such as 0.01", Double(option.value))
      }
    }
    return result
  }

  /// The method with its options checked, if it is a method for finite sums; otherwise nil.
  /// - Throws: `RuleError` that names the option, or ``RunError`` for options that only methods with gradients have.
  func sumMethod(steps: Int) throws -> (any SumMethod<Double>)? {
    guard let sum = try method.sumMethod(settings, steps: steps) else { return nil }
    guard common == Method.Composition() else {
      throw RunError.conflict(
        "\(Self.commonOptions.joined(separator: ", ")) are for methods that step with a gradient, and '\(method.name)' "
          + "asks for more: leave them out")
    }
    return sum
  }

  /// The method with its options checked.
  ///
  /// - Parameters:
  ///   - configuration: The configuration whose weight decay and average are added.
  ///   - steps: The run's number of steps, over which schedules stretch.
  ///   - isSparse: Whether the model reads sparse rows, for messages.
  ///   - capabilities: What a batch of the model can give besides a gradient.
  /// - Throws: `RuleError`, `ObjectiveError`, or ``RunError`` if two options contradict each other.
  func configured(
    for configuration: RunConfiguration, steps: Int,
    onSparseRows isSparse: Bool = false, giving capabilities: Set<ObjectiveCapability> = BatchObjective.capabilities
  ) throws -> ConfiguredMethod {
    try configured(
      average: configuration.average, weightDecay: configuration.weightDecay, steps: steps,
      on: "model '\(configuration.model)'" + (isSparse ? " on sparse rows" : ""), giving: capabilities)
  }

  /// The method with its options checked, and with the command's own options added.
  ///
  /// - Parameters:
  ///   - objective: What is stepped on, for messages.
  ///   - capabilities: What that can give besides a gradient.
  package func configured(
    average: String?, weightDecay: Double? = nil, steps: Int, on objective: String = "a gradient alone",
    giving capabilities: Set<ObjectiveCapability> = []
  ) throws -> ConfiguredMethod {
    let (settings, composition) = try completed(average: average, weightDecay: weightDecay)
    let configured: ConfiguredMethod
    do throws(RuleError) {
      configured = try method.configured(settings, steps: steps, with: composition)
    } catch {
      guard let weightDecay, case .invalidOption(_, "weightDecay", let problem) = error else { throw error }
      throw RunError.conflict("--weight-decay \(weightDecay) with '\(method.name)': \(problem)")
    }
    try configured.needs.check(capabilities, of: objective, for: method.name)
    return configured
  }

  /// The element-wise method with its options and the command's own, to be read.
  func tracedRules(average: String?, weightDecay: Double?) throws -> Method.TracedRules {
    let (settings, composition) = try completed(average: average, weightDecay: weightDecay)
    return try method.tracedRules(settings, with: composition)
  }

  /// The method's options and composition, with the command's own.
  private func completed(
    average: String?, weightDecay: Double?
  ) throws(RunError) -> (settings: [(name: String, value: String)], composition: Method.Composition) {
    var settings = settings
    var composition = common
    composition.average = try average.map { (text) throws(RunError) in try Average(parsing: text) }
    if let decay = weightDecay {
      if method.options.contains(where: { $0.name == "weightDecay" }) {
        // The method has an option of its own for it, like AdamW.
        let own = method.options.filter { $0.name == "weightDecay" || $0.name == "decayCoupling" }
        let given = settings.filter { set in own.contains { $0.name == set.name } }
        guard Self.isStandard(given, of: own) else {
          throw RunError.conflict(
            "--weight-decay and \(own.map(\.name).joined(separator: ", ")) of '\(method.name)' say the same: give one of them"
          )
        }
        settings.removeAll { set in own.contains { $0.name == set.name } }
        settings.append(("weightDecay", "\(decay)"))
      } else {
        composition.decay = decay
      }
    }
    return (settings, composition)
  }

  /// Whether `given` has only default values. Such options need not be the user's: a run is saved with all options.
  private static func isStandard(_ given: [(name: String, value: String)], of own: [Method.Option]) -> Bool {
    // The defaults with which AdamW and SGDW were saved before their decay was coupled to the rate.
    let former = ["weightDecay": "1e-05", "decayCoupling": "independent"]
    return given.allSatisfy { set in own.contains { $0.name == set.name && $0.standard == set.value } }
      || given.count == 2 && given.allSatisfy { former[$0.name] == $0.value }
  }
}

extension Average {
  /// Reads `0.999`, `polyak` or `polyak:1000`.
  /// - Throws: ``RunError/invalidOption(_:value:allowed:)``.
  init(parsing text: String) throws(RunError) {
    guard let average = Average(text) else {
      throw .invalidOption(
        "--average", value: text,
        allowed:
          "a decay between 0 and 1 such as 0.999, 'polyak' for the mean, or 'polyak:STEP' for that from a step on")
    }
    self = average
  }
}
