/// The arguments of one call in a schedule's text, taken one by one.
public struct ScheduleArguments {
  let name: String
  // All text is split by scalars, so that a combining mark does not hide the comma or parenthesis before it.
  private var positional: [String] = []
  private var labelled: [String: String] = [:]
  private let steps: Int?
  /// Sums of all step counts that fit into a schedule's text stay far from overflow.
  private static let largestCount = Double(largestStepCount)

  init(_ text: String, steps: Int?) throws(ScheduleError) {
    let scalars = text.unicodeScalars
    guard let open = scalars.firstIndex(of: "("), scalars.last == ")", open != text.startIndex else {
      throw ScheduleError("'\(text)' is neither a number nor a schedule; write for example 0.001 or cosine(0.1)")
    }
    name = String(scalars[..<open]).lowercased()
    self.steps = steps
    for argument in try Self.split(scalars[scalars.index(after: open)...].dropLast()) {
      if let (label, value) = Self.sides(of: argument, at: "=") {
        guard labelled.updateValue(value, forKey: label.lowercased()) == nil else {
          throw ScheduleError("\(name): '\(label)' is given twice: keep one")
        }
      } else {
        positional.append(argument)
      }
    }
  }

  /// Splits at the commas outside inner parentheses.
  private static func split(_ text: Substring.UnicodeScalarView) throws(ScheduleError) -> [String] {
    var parts = [String.UnicodeScalarView()]
    var depth = 0
    for scalar in text {
      if scalar == "(" { depth += 1 }
      if scalar == ")" { depth -= 1 }
      guard depth >= 0 else { break }
      if scalar == ",", depth == 0 { parts.append(.init()) } else { parts[parts.count - 1].append(scalar) }
    }
    guard depth == 0 else { throw ScheduleError("the parentheses in '(\(Substring(text)))' do not match") }
    return parts.filter { !$0.isEmpty }.map { String($0) }
  }

  /// The text before and behind the first `mark` outside parentheses; nil if there is none.
  private static func sides(of text: String, at mark: Unicode.Scalar) -> (before: String, behind: String)? {
    let scalars = text.unicodeScalars
    guard let index = scalars.firstIndex(of: mark), !scalars[..<index].contains("(") else { return nil }
    return (String(scalars[..<index]), String(scalars[scalars.index(after: index)...]))
  }

  private mutating func text(_ label: String) -> String? {
    if let value = labelled.removeValue(forKey: label) { return value }
    // Only the leading value may stand without its label.
    guard label == "α" || label == "n" || label == "value" || label == "by" || label == "schedule" else { return nil }
    return positional.isEmpty ? nil : positional.removeFirst()
  }

  /// A number.
  ///
  /// - Parameters:
  ///   - label: What stands before its `=`. `α`, the leading value, may stand without it.
  ///   - standard: The value if it is not given; nil if it must be.
  public mutating func number(_ label: String, default standard: Double? = nil) throws(ScheduleError) -> Double {
    guard let text = text(label) else {
      if let standard { return standard }
      throw ScheduleError("\(name) needs \(label)")
    }
    guard let value = Double(text), value.isFinite else {
      throw ScheduleError("\(name): '\(text)' is no number for \(label)")
    }
    return value
  }

  /// A whole number, at most 2⁴⁸ in magnitude.
  public mutating func integer(_ label: String, default standard: Int? = nil) throws(ScheduleError) -> Int {
    guard let text = text(label) else {
      if let standard { return standard }
      throw ScheduleError("\(name) needs \(label), a number of steps")
    }
    guard let value = Int(text) else { throw ScheduleError("\(name): '\(text)' is no whole number for \(label)") }
    guard abs(Double(value)) <= Self.largestCount else {
      throw ScheduleError("\(name): \(label) is \(value); it must be at most \(Int(Self.largestCount))")
    }
    return value
  }

  /// A number of steps; the run's, if it is not given.
  public mutating func stepCount(_ label: String) throws(ScheduleError) -> Int { try integer(label, default: steps) }

  /// The next argument of the form `n:text`; nil if the next one has another form.
  public mutating func pair() throws(ScheduleError) -> (Int, String)? {
    guard let first = positional.first, let (before, behind) = Self.sides(of: first, at: ":") else { return nil }
    positional.removeFirst()
    guard let steps = Int(before), abs(Double(steps)) <= Self.largestCount else {
      throw ScheduleError("\(name): '\(before)' is no whole number of steps up to \(Int(Self.largestCount))")
    }
    return (steps, behind)
  }

  /// A schedule, for the steps of the run after the first `done`.
  public mutating func schedule(after done: Int) throws(ScheduleError) -> Schedule {
    guard let text = labelled.removeValue(forKey: "rate") ?? text("schedule") else {
      throw ScheduleError("\(name) needs a schedule as its last argument")
    }
    return try Schedule(text, steps: steps.map { max(1, $0 - done) })
  }

  func finish() throws(ScheduleError) {
    if let rest = positional.first ?? labelled.keys.sorted().first {
      throw ScheduleError("\(name) does not take '\(rest)'")
    }
  }
}
