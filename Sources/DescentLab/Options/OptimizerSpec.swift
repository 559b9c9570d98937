import Descent
import DescentCatalogue

/// A method of the catalogue by name, with options: its own, and those that every method has.
struct OptimizerSpec: Sendable {
  /// With the values of all options: what repeats it.
  let spec: OptionSpec
  /// What a step of the method sees.
  var kind: Method.Kind { method.kind }
  /// Whether a step depends on which extents of a parameter are inputs and which outputs.
  var dependsOnAxes: Bool { method.dependsOnAxes || common.centralizes || common.adaptiveClip != nil }
  private let method: Method
  private let settings: [(name: String, value: String)]
  private let common: Method.Additions

  /// - Throws: ``OptionSpecError`` or `MethodError`.
  init(parsing text: String) throws {
    let written = try OptionSpec(parsing: text)
    let given = written.options.map { (name: OptionSpec.expanded($0.key), value: $0.value) }
    let (method, rest) = try Catalogue.method(named: written.name, settings: given)
    let resolved = try OptionSpec(
      name: method.name, options: rest.map { OptionSpec.Option(key: $0.name, value: $0.value) }
    ).resolved(against: method.options.map(\.name) + Self.commonOptions)
    self.method = method
    settings = resolved.options.filter { !Self.commonOptions.contains($0.key) }.map { ($0.key, $0.value) }
    let common = resolved.options.filter { Self.commonOptions.contains($0.key) }
    self.common = try Self.additions(common)
    let values = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
    spec = OptionSpec(
      name: method.name,
      options: method.options.map { OptionSpec.Option(key: $0.name, value: values[$0.name] ?? $0.standard) } + common)
  }

  /// The options of every method: Lookahead's period and rate, gradient centralization, λ of adaptive clipping, the bound
  /// of each element of the gradient, the coefficient of the L2 penalty, the state's format.
  static let commonOptions = ["lookahead", "lookaheadRate", "centralize", "adaptiveClip", "clip", "penalty", "state"]

  private static func additions(_ options: [OptionSpec.Option]) throws(RunError) -> Method.Additions {
    var result = Method.Additions()
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
        result.lookahead = Method.Lookahead(period: period, rate: result.lookahead?.rate ?? 0.5)
      case "lookaheadRate":
        let rate = try read(option, "a number in [0, 1]", Double(option.value))
        result.lookahead = Method.Lookahead(period: result.lookahead?.period ?? 5, rate: rate)
      case "state":
        let formats = Method.StateFormat.allCases.map(\.rawValue).joined(separator: " or ")
        result.state = try read(option, formats, Method.StateFormat(rawValue: option.value.lowercased()))
      case "centralize": result.centralizes = try read(option, "true or false", Bool(option.value.lowercased()))
      case "penalty":
        result.penalty = try read(option, "a number of at least 0, such as 1e-4", Double(option.value))
      case "clip": result.clip = try read(option, "a positive number, such as 1", Double(option.value))
      default: result.adaptiveClip = try read(option, "a positive number, such as 0.01", Double(option.value))
      }
    }
    return result
  }

  /// The method with its options checked, if it is one for finite sums.
  /// - Throws: `RuleError` that names the option, or ``RunError`` for options that are for gradients alone.
  func sumMethod(steps: Int) throws -> (any SumMethod<Double>)? {
    guard let sum = try method.sumMethod(settings, steps: steps) else { return nil }
    guard common == Method.Additions() else {
      throw RunError.conflict(
        "\(Self.commonOptions.joined(separator: ", ")) are for methods that step with a gradient, and '\(method.name)' "
          + "asks for more: leave them out")
    }
    return sum
  }

  /// The method with its options checked.
  ///
  /// - Parameters:
  ///   - configuration: Whose weight decay and average are added.
  ///   - steps: The run's number of steps: what schedules stretch over.
  /// - Throws: `RuleError`, or ``RunError`` if two options contradict each other.
  func configured(for configuration: RunConfiguration, steps: Int) throws -> ConfiguredMethod {
    try configured(average: configuration.average, weightDecay: configuration.weightDecay, steps: steps)
  }

  /// The method with its options checked, and with what the command's own options add to it.
  ///
  /// - Parameter hasCurvature: Whether the diagonal of the Hessian is given, which a few methods divide by.
  func configured(
    average: String?, weightDecay: Double? = nil, steps: Int, hasCurvature: Bool = false
  ) throws -> ConfiguredMethod {
    if method.curvatureSlot != nil, !hasCurvature {
      throw RunError.conflict(
        "'\(method.name)' divides by the curvature, the diagonal of the Hessian, which no command computes yet: choose "
          + "another optimizer, or give it from a program of your own (optimizer.assign)")
    }
    var settings = settings
    var additions = common
    additions.average = try average.map { try Average(parsing: $0) }
    if let decay = weightDecay {
      if method.options.contains(where: { $0.name == "weightDecay" }) {
        // The method's own option, as AdamW has.
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
        additions.decay = decay
      }
    }
    do throws(RuleError) {
      return try method.configured(settings, steps: steps, with: additions)
    } catch {
      guard let weightDecay, case .invalidOption(_, "weightDecay", let problem) = error else { throw error }
      throw RunError.conflict("--weight-decay \(weightDecay) with '\(method.name)': \(problem)")
    }
  }

  /// Whether nobody has asked for the values of `given`: a run is saved with the values of all options.
  private static func isStandard(_ given: [(name: String, value: String)], of own: [Method.Option]) -> Bool {
    // What AdamW and SGDW were saved with before their decay was coupled to the rate.
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
