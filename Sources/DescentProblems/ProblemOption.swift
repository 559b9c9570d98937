import Descent

/// An option of a problem: the values it takes, its default and its meaning.
public struct ProblemOption: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case choice([String])
    case text
  }

  public let name: String
  /// Its default value.
  public let standard: String
  public private(set) var meaning: String
  let kind: Kind
  /// The condition on another option under which it has an effect.
  private(set) var requirement: OptionCondition?

  /// The values it takes, in words.
  public var domain: String {
    switch kind {
    case .integer(let range): "a whole number in \(range.lowerBound)...\(range.upperBound)"
    case .number(let range): "a number in \(range.lowerBound)...\(range.upperBound)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .text: "text"
    }
  }

  static func integer(_ name: String, _ standard: Int, in range: ClosedRange<Int>, _ meaning: String) -> Self {
    Self(name: name, standard: "\(standard)", meaning: meaning, kind: .integer(range))
  }

  static func number(_ name: String, _ standard: Double, in range: ClosedRange<Double>, _ meaning: String) -> Self {
    Self(name: name, standard: "\(standard)", meaning: meaning, kind: .number(range))
  }

  static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ standard: Choice, _ meaning: String
  ) -> Self {
    Self(name: name, standard: standard.rawValue, meaning: meaning, kind: .choice(Choice.allCases.map(\.rawValue)))
  }

  static func flag(_ name: String, _ standard: Bool, _ meaning: String) -> Self {
    Self(name: name, standard: "\(standard)", meaning: meaning, kind: .choice(["true", "false"]))
  }

  static func text(_ name: String, _ standard: String, _ meaning: String) -> Self {
    Self(name: name, standard: standard, meaning: meaning, kind: .text)
  }

  /// This option, but with an effect only if another option has a certain value.
  func requiring(_ condition: OptionCondition) -> Self {
    var option = self
    option.meaning += "; needs \(condition)"
    option.requirement = condition
    return option
  }

  func takes(_ text: String) -> Bool {
    switch kind {
    case .integer(let range): Int(text).map(range.contains) ?? false
    case .number(let range): Double(text).map(range.contains) ?? false
    case .choice(let names): names.contains(text)
    case .text: true
    }
  }
}

/// The values of a problem's options, each within its domain.
public struct ProblemOptions: Sendable {
  let problem: String
  private var values: [String: String]
  private let rows: RowSource?

  /// - Parameters:
  ///   - problem: The type of the problem, whose options are known.
  ///   - given: Values of options by name; the others get their defaults.
  ///   - rows: Finds data sets by name.
  /// - Throws: ``ProblemError/unknown(_:)``, ``ProblemError/option(problem:name:value:domain:)``, or
  ///   ``ProblemError/withoutEffect(problem:name:needs:)``.
  public init(
    of problem: any NamedProblem.Type, _ given: [String: String] = [:], rows: RowSource? = nil
  ) throws(ProblemError) {
    self.problem = problem.name
    self.rows = rows
    values = [:]
    for option in problem.options { values[option.name] = given[option.name] ?? option.standard }
    let names = problem.options.map(\.name)
    if let name = given.keys.sorted().first(where: { !names.contains($0) }) {
      throw .unknown(UnknownName(name, kind: "option", of: problem.name, known: names))
    }
    for option in problem.options where !option.takes(self[option.name]) {
      throw .option(problem: problem.name, name: option.name, value: self[option.name], domain: option.domain)
    }
    for option in problem.options {
      guard let needs = option.requirement, self[option.name] != option.standard else { continue }
      if !needs.isMet({ values[$0] }) {
        throw .withoutEffect(problem: problem.name, name: option.name, needs: "\(needs)")
      }
    }
  }

  /// An option's value as text, from which the problem can be made again.
  public subscript(_ name: String) -> String {
    guard let value = values[name] else { preconditionFailure("problem '\(problem)' declares no option '\(name)'") }
    return value
  }

  func integer(_ name: String) -> Int { Int(self[name])! }
  func number(_ name: String) -> Double { Double(self[name])! }
  func flag(_ name: String) -> Bool { self[name] == "true" }
  func seed(_ name: String = "seed") -> UInt64 { UInt64(integer(name)) }

  func choice<Choice: RawRepresentable<String>>(_ name: String, of _: Choice.Type = Choice.self) -> Choice {
    Choice(rawValue: self[name])!
  }

  /// The examples of the data set that option `name` names.
  func labeledRows(_ name: String) throws(ProblemError) -> LabeledRows {
    guard let rows else {
      throw .option(
        problem: problem, name: name, value: self[name], domain: "without data sets: give the catalogue their source")
    }
    return try rows(self[name])
  }

  /// The error for an option's value that is within its domain but still not allowed.
  func refusal(_ name: String, _ domain: String) -> ProblemError {
    .option(problem: problem, name: name, value: self[name], domain: domain)
  }
}
