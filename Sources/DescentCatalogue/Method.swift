import Descent

/// A method of the catalogue: what it is, its options, and how to make an optimizer of it from text.
public struct Method: Sendable {
  /// The letters and digits of its paper's name, in lower case.
  public let name: String
  /// One line.
  public let summary: String
  /// Authors, year and place of the equations.
  public let paper: String
  /// Bytes of state for each parameter, in `Float`.
  public let stateBytesPerParameter: Int
  /// What it can be given.
  public let options: [Option]

  private let configureBody:
    @Sendable ([(name: String, value: String)], Int?, Additions) throws(RuleError) -> ConfiguredMethod

  /// One option of a method.
  public struct Option: Hashable, Sendable, Codable {
    public let name: String
    public let standard: String
    public let domain: String
    public let summary: String
  }

  /// What is computed in the rule's own pass besides the rule.
  public struct Additions: Hashable, Sendable, Codable {
    /// λ of decoupled decay: θ ← θ − λ α θ when coupled to the learning rate, as torch has it, or θ ← θ − λ θ.
    public var decay: Double
    public var decayCoupling: DecayCoupling
    /// λ of the objective's ½ λ ‖θ‖².
    public var penalty: Double
    /// The average of θ that is kept.
    public var average: Average?

    public init(
      decay: Double = 0, decayCoupling: DecayCoupling = .learningRate, penalty: Double = 0, average: Average? = nil
    ) {
      self.decay = decay
      self.decayCoupling = decayCoupling
      self.penalty = penalty
      self.average = average
    }
  }

  /// The method whose rule is `Rule`, made by `standard` with the paper's options.
  @inline(__always)
  init<Rule: UpdateRule>(
    _ standard: @escaping @Sendable @autoclosure () -> Rule, paper: String, _ summary: String
  ) where Rule.Scalar == Float {
    name = Rule.name
    self.summary = summary
    self.paper = paper
    stateBytesPerParameter = Rule.stateBytesPerParameter
    let rule = standard()
    options = Rule.options.map {
      Option(name: $0.name, standard: $0.text(in: rule), domain: $0.domain, summary: $0.summary)
    }
    configureBody = { settings, steps, additions throws(RuleError) in
      var rule = standard()
      for (name, value) in settings { try rule.setOption(name, to: value, steps: steps) }
      try rule.validate()
      return try ConfiguredMethod(rule, additions)
    }
  }

  /// The method with options given as text.
  ///
  /// - Parameters:
  ///   - settings: Names and values; `lr` and `eps` stand for `learningRate` and `epsilon`.
  ///   - steps: The run's number of steps, for schedules that do not say theirs.
  ///   - additions: Decay, penalty and averaging.
  /// - Throws: `RuleError` that names the option.
  public func configured(
    _ settings: [(name: String, value: String)] = [], steps: Int? = nil, with additions: Additions = Additions()
  ) throws(RuleError) -> ConfiguredMethod {
    try configureBody(settings, steps, additions)
  }
}

/// A method with its options checked, ready to make optimizers.
public struct ConfiguredMethod: Sendable {
  private let makeBody: @Sendable (ParameterVector<Float>, Int) throws -> AnyOptimizer<Float>

  /// An optimizer of parameters that start at `θ`.
  public func optimizer(
    for θ: ParameterVector<Float>, threads: Int = processorCount
  ) throws -> AnyOptimizer<Float> {
    try makeBody(θ, threads)
  }

  @inline(__always)
  init<Rule: UpdateRule>(_ rule: Rule, _ additions: Method.Additions) throws(RuleError) where Rule.Scalar == Float {
    if additions.decay == 0 && additions.penalty == 0 {
      try self.init(rule, additions.average)
    } else {
      try self.init(
        rule.decayed(by: additions.decay, coupling: additions.decayCoupling).penalized(by: additions.penalty),
        additions.average)
    }
  }

  @inline(__always)
  private init<Rule: UpdateRule>(
    _ rule: Rule, _ average: Average?
  ) throws(RuleError) where Rule.Scalar == Float {
    try rule.validate()
    if let average {
      let rule = rule.averaged(average)
      try rule.validate()
      makeBody = { AnyOptimizer(try Optimizer(rule, for: $0, threads: $1)) }
    } else {
      makeBody = { AnyOptimizer(try Optimizer(rule, for: $0, threads: $1)) }
    }
  }
}
