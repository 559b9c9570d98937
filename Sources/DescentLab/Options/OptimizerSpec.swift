import Descent
import DescentCatalogue

/// A method of the catalogue by name, with options: its own, and `lookahead` and `lookaheadRate`, which all have.
struct OptimizerSpec: Sendable {
  /// With the values of all options: what repeats it.
  let spec: OptionSpec
  /// What a step of the method sees.
  var kind: Method.Kind { method.kind }
  private let method: Method
  private let settings: [(name: String, value: String)]
  private let lookahead: Method.Lookahead?

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
    lookahead = try Self.lookahead(common)
    let values = Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
    spec = OptionSpec(
      name: method.name,
      options: method.options.map { OptionSpec.Option(key: $0.name, value: values[$0.name] ?? $0.standard) } + common)
  }

  private static let commonOptions = ["lookahead", "lookaheadRate"]

  private static func lookahead(_ options: [OptionSpec.Option]) throws(RunError) -> Method.Lookahead? {
    guard !options.isEmpty else { return nil }
    var result = Method.Lookahead()
    for option in options {
      if option.key == "lookahead" {
        guard let period = Int(option.value) else {
          throw .invalidOption(option.key, value: option.value, allowed: "a number of steps, such as 5")
        }
        result.period = period
      } else {
        guard let rate = Double(option.value) else {
          throw .invalidOption(option.key, value: option.value, allowed: "a number in [0, 1]")
        }
        result.rate = rate
      }
    }
    return result
  }

  /// The method with its options checked, if it is one for finite sums.
  /// - Throws: `RuleError`, or ``RunError`` if an option does not go with such a method.
  func sumMethod(steps: Int) throws -> (any SumMethod<Double>)? {
    let result = try method.sumMethod(settings, steps: steps)
    guard result == nil || lookahead == nil else {
      throw RunError.conflict("'\(method.name)' asks a finite sum for more than gradients: leave out lookahead")
    }
    return result
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
  func configured(average: String?, weightDecay: Double? = nil, steps: Int) throws -> ConfiguredMethod {
    var settings = settings
    var additions = Method.Additions(lookahead: lookahead)
    additions.average = try average.map { try Average(parsing: $0) }
    if let decay = weightDecay {
      if method.options.contains(where: { $0.name == "weightDecay" }) {
        // AdamW's own option, in the meaning that the command's option has everywhere.
        let own = method.options.filter { $0.name == "weightDecay" || $0.name == "decayCoupling" }
        guard settings.allSatisfy({ set in own.allSatisfy { $0.name != set.name || $0.standard == set.value } }) else {
          throw RunError.conflict(
            "--weight-decay and the options weightDecay and decayCoupling of '\(method.name)' say the same: give one of them"
          )
        }
        settings += [("weightDecay", "\(decay)"), ("decayCoupling", DecayCoupling.learningRate.rawValue)]
      } else {
        additions.decay = decay
      }
    }
    return try method.configured(settings, steps: steps, with: additions)
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
