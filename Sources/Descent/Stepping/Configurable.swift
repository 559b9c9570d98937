/// A method with a name and options, by which it is configured from text, checked, listed and saved.
public protocol Configurable: Sendable, Codable {
  /// The method's name: lower-case letters and digits. The type's own name unless the method says otherwise.
  static var name: String { get }

  /// The method's options. None unless the method says otherwise.
  static var options: [RuleOption<Self>] { get }

  /// Why only the method itself may move θ: weight decay and slow weights are then refused. Nil, the default, for a
  /// method that steps from wherever θ is.
  static var obstacleToMoving: String? { get }

  /// Why θ may not return to slow weights (``Lookahead``). By default ``obstacleToMoving``; a method that a small move
  /// does not harm, but a return does, says so here.
  static var obstacleToLookahead: String? { get }

  /// Checks that every option's value is in its domain and goes together with the others.
  func validate() throws(RuleError)
}

extension Configurable {
  public static var name: String {
    String(String(describing: Self.self).prefix { $0 != "<" }).lowercased()
  }

  public static var options: [RuleOption<Self>] { [] }

  public static var obstacleToMoving: String? { nil }
  public static var obstacleToLookahead: String? { obstacleToMoving }

  /// Sets the option called `name` (case and hyphens do not matter; `lr` and `eps` stand for `learningRate` and `epsilon`) from
  /// text.
  ///
  /// - Parameters:
  ///   - name: The option's name.
  ///   - text: Its value: a number, a schedule, `true`, or one of the option's choices.
  ///   - steps: The run's number of steps, for schedules that do not give their own.
  /// - Throws: ``RuleError`` that names the option and the possible values.
  public mutating func setOption(_ name: String, to text: String, steps: Int? = nil) throws(RuleError) {
    let option = try Self.option(named: name)
    var changed = self
    do {
      try option.read(&changed, text, steps)
    } catch {
      guard case .invalidOption(_, let option, let problem) = error else { throw error }
      throw .invalidOption(rule: Self.name, option: option, problem: problem)
    }
    if let problem = option.problem(changed) {
      throw .invalidOption(rule: Self.name, option: option.name, problem: problem)
    }
    self = changed
  }

  private static func option(named name: String) throws(RuleError) -> RuleOption<Self> {
    let full = Names.canonical(Names.full(name))
    if let option = options.first(where: { Names.canonical($0.name) == full }) { return option }
    throw .unknown(UnknownName(name, kind: "option", of: Self.name, known: options.map(\.name)))
  }

  /// This method with options given as text, checked.
  ///
  /// - Throws: ``RuleError`` also for an option that is given twice, or that changes nothing unless others are set.
  package func with(_ settings: [(name: String, value: String)], steps: Int?) throws(RuleError) -> Self {
    var rule = self
    var given: [String: RuleOption<Self>] = [:]
    for (name, value) in settings {
      let option = try Self.option(named: name)
      guard given.updateValue(option, forKey: option.name) == nil else {
        throw .repeatedOption(rule: Self.name, option: option.name)
      }
      try rule.setOption(name, to: value, steps: steps)
    }
    try rule.validate()
    for option in Self.options {
      guard given[option.name] != nil, let requirement = option.requirement, !requirement.isMet(rule) else { continue }
      // Saved runs list every option: one at its standard value asks for nothing.
      guard option.text(in: rule) != option.text(in: self) else { continue }
      throw .withoutEffect(rule: Self.name, option: option.name, needs: requirement.text)
    }
    return rule
  }

  public func validate() throws(RuleError) { try validateOptions() }

  func validateOptions() throws(RuleError) {
    for option in Self.options {
      if let problem = option.problem(self) ?? option.conflict(self) {
        throw .invalidOption(rule: Self.name, option: option.name, problem: problem)
      }
    }
  }

  /// Refuses a return to slow weights, if the method forbids it.
  static func checkLookahead() throws(RuleError) {
    guard let obstacleToLookahead else { return }
    throw .invalidOption(rule: name, option: "period", problem: "\(obstacleToLookahead): leave Lookahead out")
  }

  /// Refuses a decay of θ between two steps, if the method forbids it.
  static func checkDecaying() throws(RuleError) {
    guard let obstacleToMoving else { return }
    let hasOwn = options.contains { $0.name == "weightDecay" }
    let remedy =
      hasOwn ? "set the method's own option weightDecay" : "give a penalty λ instead, which adds λ θ to the gradient"
    throw .invalidOption(rule: name, option: "weightDecay", problem: "\(obstacleToMoving): \(remedy)")
  }
}
