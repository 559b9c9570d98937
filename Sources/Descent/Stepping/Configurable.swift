/// A method with a name and options, by which it is configured from text, checked, listed and saved.
public protocol Configurable: Sendable, Codable {
  /// The method's name: lower-case letters and digits. The type's own name unless the method says otherwise.
  static var name: String { get }

  /// The method's options. None unless the method says otherwise.
  static var options: [RuleOption<Self>] { get }

  /// Checks that every option's value is in its domain.
  func validate() throws(RuleError)
}

extension Configurable {
  public static var name: String {
    String(String(describing: Self.self).prefix { $0 != "<" }).lowercased()
  }

  public static var options: [RuleOption<Self>] { [] }

  /// Sets the option called `name` (case does not matter; `lr` and `eps` stand for `learningRate` and `epsilon`) from text.
  ///
  /// - Parameters:
  ///   - name: The option's name.
  ///   - text: Its value: a number, a schedule, `true`, or one of the option's choices.
  ///   - steps: The run's number of steps, for schedules that do not say theirs.
  /// - Throws: ``RuleError`` that names the option and what is possible.
  public mutating func setOption(_ name: String, to text: String, steps: Int? = nil) throws(RuleError) {
    let key = ["lr": "learningrate", "eps": "epsilon"][name.lowercased()] ?? name.lowercased()
    guard let option = Self.options.first(where: { $0.name.lowercased() == key }) else {
      let known = Self.options.map(\.name)
      throw .unknownOption(
        rule: Self.name, option: name, nearest: nearestName(to: key, among: known), known: known)
    }
    do {
      try option.read(&self, text, steps)
    } catch {
      guard case .invalidOption(_, let option, let problem) = error else { throw error }
      throw .invalidOption(rule: Self.name, option: option, problem: problem)
    }
    if let problem = option.problem(self) {
      throw .invalidOption(rule: Self.name, option: option.name, problem: problem)
    }
  }

  /// This method with options given as text, checked.
  package func with(_ settings: [(name: String, value: String)], steps: Int?) throws(RuleError) -> Self {
    var rule = self
    for (name, value) in settings { try rule.setOption(name, to: value, steps: steps) }
    try rule.validate()
    return rule
  }

  public func validate() throws(RuleError) { try validateOptions() }

  func validateOptions() throws(RuleError) {
    for option in Self.options {
      if let problem = option.problem(self) {
        throw .invalidOption(rule: Self.name, option: option.name, problem: problem)
      }
    }
  }
}
