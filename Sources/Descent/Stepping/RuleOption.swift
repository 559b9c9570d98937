/// An option of an update rule: how it is read from text, which values it takes, what it means.
public struct RuleOption<Rule>: Sendable {
  /// The Swift property's name.
  public let name: String
  /// Its meaning in the paper's terms.
  public let summary: String
  /// The values it takes: `[0, 1)`, `true or false`.
  public let domain: String

  let read: @Sendable (inout Rule, _ text: String, _ steps: Int?) throws(RuleError) -> Void
  let write: @Sendable (Rule) -> String
  let problem: @Sendable (Rule) -> String?
  /// In words, how the option's value contradicts those of others; nil if it does not.
  var conflict: @Sendable (Rule) -> String? = { _ in nil }
  /// What other options must be for this one to have an effect.
  var requirement: Requirement?

  /// What other options must be for an option to have an effect: `adaptive=true`.
  struct Requirement: Sendable {
    let text: String
    let isMet: @Sendable (Rule) -> Bool
  }

  /// The option's value in `rule`, as text that sets it again.
  public func text(in rule: Rule) -> String { write(rule) }

  /// A schedule, or a number, whose values all lie in `interval`.
  public static func schedule(
    _ name: String, _ property: WritableKeyPath<Rule, Schedule> & Sendable, in interval: Interval, _ summary: String
  ) -> Self {
    Self(name: name, summary: summary, domain: "\(interval), or a schedule") { rule, text, steps throws(RuleError) in
      do throws(ScheduleError) {
        rule[keyPath: property] = try Schedule(text, steps: steps)
      } catch {
        throw .invalidOption(rule: "\(Rule.self)", option: name, problem: error.description)
      }
    } write: {
      $0[keyPath: property].description
    } problem: { rule in
      let rate = rule[keyPath: property]
      if let problem = rate.problem { return problem }
      let range = rate.range
      // A schedule may approach the open end of an interval, as 0.1 ÷ t approaches 0.
      let isConstant = range.lowerBound == range.upperBound
      let isInside = isConstant ? interval.contains(range.lowerBound) : interval.closureContains(range)
      guard isInside else { return "\(rate) is not in \(interval)" }
      return excess(range.lowerBound) ?? excess(range.upperBound)
    }
  }

  /// A number in `interval`.
  ///
  /// - Parameter isLimit: Whether it is only compared with other numbers, so that it may be larger than all of them.
  public static func number(
    _ name: String, _ property: WritableKeyPath<Rule, Double> & Sendable, in interval: Interval, isLimit: Bool = false,
    _ summary: String
  ) -> Self {
    Self(name: name, summary: summary, domain: "\(interval)") { rule, text, _ throws(RuleError) in
      guard let value = Double(text) else {
        throw .invalidOption(rule: "\(Rule.self)", option: name, problem: "'\(text)' is no number")
      }
      rule[keyPath: property] = value
    } write: {
      "\($0[keyPath: property])"
    } problem: {
      let value = $0[keyPath: property]
      guard interval.contains(value) else { return "\(value) is not in \(interval)" }
      return isLimit ? nil : excess(value)
    }
  }

  /// Why the rule's scalar cannot hold `value`; nil if it can. As infinity it would make NaN of a finite gradient.
  private static func excess(_ value: Double) -> String? {
    guard let limit = (Rule.self as? any SteppingRule.Type)?.largestNumber, value.magnitude > limit else { return nil }
    return "\(value) is larger than the parameters' type holds, \(limit)"
  }

  /// A whole number in `range`.
  public static func integer(
    _ name: String, _ property: WritableKeyPath<Rule, Int> & Sendable, in range: ClosedRange<Int>, _ summary: String
  ) -> Self {
    let (least, most) = (range.lowerBound, range.upperBound)
    return Self(name: name, summary: summary, domain: "\(least), \(least + 1), …, \(most)") {
      rule, text, _ throws(RuleError) in
      guard let value = Int(text) else {
        throw .invalidOption(
          rule: "\(Rule.self)", option: name, problem: "'\(text)' is not a whole number up to \(most)")
      }
      rule[keyPath: property] = value
    } write: {
      "\($0[keyPath: property])"
    } problem: {
      let value = $0[keyPath: property]
      if value < least { return "\(value) is less than \(least)" }
      return value > most ? "\(value) is more than \(most)" : nil
    }
  }

  /// True or false.
  public static func flag(
    _ name: String, _ property: WritableKeyPath<Rule, Bool> & Sendable, _ summary: String
  ) -> Self {
    Self(name: name, summary: summary, domain: "true or false") { rule, text, _ throws(RuleError) in
      guard let value = Bool(text.lowercased()) else {
        throw .invalidOption(rule: "\(Rule.self)", option: name, problem: "'\(text)' is neither true nor false")
      }
      rule[keyPath: property] = value
    } write: {
      "\($0[keyPath: property])"
    } problem: { _ in
      nil
    }
  }

  /// A value with a text form of its own, which refuses values out of range.
  static func text<Value: LosslessStringConvertible & Sendable>(
    _ name: String, _ property: WritableKeyPath<Rule, Value> & Sendable, domain: String, _ summary: String
  ) -> Self {
    Self(name: name, summary: summary, domain: domain) { rule, text, _ throws(RuleError) in
      guard let value = Value(text) else {
        throw .invalidOption(rule: "\(Rule.self)", option: name, problem: "'\(text)' is not \(domain)")
      }
      rule[keyPath: property] = value
    } write: {
      $0[keyPath: property].description
    } problem: {
      let text = $0[keyPath: property].description
      return Value(text) == nil ? "\(text) is not \(domain)" : nil
    }
  }

  /// One of an enumeration's cases, by name.
  public static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ property: WritableKeyPath<Rule, Choice> & Sendable, _ summary: String
  ) -> Self {
    let names = Choice.allCases.map(\.rawValue)
    return Self(name: name, summary: summary, domain: names.joined(separator: ", ")) {
      rule, text, _ throws(RuleError) in
      guard let value = Choice.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
        throw .invalidOption(
          rule: "\(Rule.self)", option: name,
          problem: "'\(text)' is not among: \(names.joined(separator: ", "))")
      }
      rule[keyPath: property] = value
    } write: {
      $0[keyPath: property].rawValue
    } problem: { _ in
      nil
    }
  }

  /// λ ≥ 0 of a weight decay: a step takes away the share `factor` λ of θ.
  ///
  /// - Parameter factor: The largest factor of λ in a step: the learning rate's ``Schedule/base``, if λ is coupled to it.
  static func decay(
    _ name: String, _ property: WritableKeyPath<Rule, Double> & Sendable, _ summary: String,
    factor: @escaping @Sendable (Rule) -> Double
  ) -> Self {
    var option = number(name, property, in: .nonNegative, summary)
    option.conflict = { rule in
      let (λ, factor) = (rule[keyPath: property], factor(rule))
      guard λ * factor > 1 else { return nil }
      return "\(λ) times \(factor), the largest learning rate, is \(λ * factor); it must be at most 1, or a step would "
        + "turn the parameters' signs"
    }
    return option
  }

  /// This option, which has an effect only if `isMet` holds: otherwise text that sets it is refused.
  ///
  /// - Parameters:
  ///   - text: What it needs, as a user writes it: `adaptive=true`, `momentum above 0`.
  ///   - isMet: Whether a rule has that.
  public func requiring(_ text: String, _ isMet: @escaping @Sendable (Rule) -> Bool) -> Self {
    var option = Self(
      name: name, summary: "\(summary); needs \(text)", domain: domain, read: read, write: write, problem: problem)
    option.conflict = conflict
    option.requirement = Requirement(text: text, isMet: isMet)
    return option
  }

  /// The same option of a rule that holds this one's rule as `base`.
  public func lifted<Wrapper>(through base: WritableKeyPath<Wrapper, Rule> & Sendable) -> RuleOption<Wrapper> {
    var option = RuleOption<Wrapper>(name: name, summary: summary, domain: domain) {
      wrapper, text, steps throws(RuleError) in
      try read(&wrapper[keyPath: base], text, steps)
    } write: {
      write($0[keyPath: base])
    } problem: {
      problem($0[keyPath: base])
    }
    option.conflict = { [conflict] in conflict($0[keyPath: base]) }
    option.requirement = requirement.map { requirement in
      .init(text: requirement.text) { requirement.isMet($0[keyPath: base]) }
    }
    return option
  }
}
