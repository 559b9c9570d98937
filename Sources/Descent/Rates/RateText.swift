extension Schedule: CustomStringConvertible {
  /// The rate as text that ``init(_:steps:)`` reads: `cosine(0.1, over=1000)`.
  public var description: String {
    switch self {
    case .constant(let α): "\(α)"
    case .inverseSquareRoot(let α): "inversesqrt(\(α))"
    case .inverse(let α): "inverse(\(α))"
    case .inversePower(let α, let power): "inversepower(\(α), power=\(power))"
    case .halfLife(let from, let to, let over): "halflife(\(from), to=\(to), over=\(over))"
    case .inverseTime(let α, let decay, let power): "inversetime(\(α), decay=\(decay), power=\(power))"
    case .exponential(let α, let factor): "exponential(\(α), factor=\(factor))"
    case .linear(let from, let to, let over): "linear(\(from), to=\(to), over=\(over))"
    case .polynomial(let from, let to, let over, let power):
      "polynomial(\(from), to=\(to), power=\(power), over=\(over))"
    case .cosine(let α, let to, let over): "cosine(\(α), to=\(to), over=\(over))"
    case .cosineRestarts(let α, let to, let period, let multiplier):
      "cosinerestarts(\(α), to=\(to), period=\(period), multiplier=\(multiplier))"
    case .piecewise(let initial, let pieces):
      "piecewise(\((["\(initial)"] + pieces.map { "\($0.after):\($0.value)" }).joined(separator: ", ")))"
    case .oneCycle(let peak, let over, let rising, let divisor, let finalDivisor):
      "onecycle(\(peak), over=\(over), rising=\(rising), divisor=\(divisor), finaldivisor=\(finalDivisor))"
    case .warmup(let steps, let then): "warmup(\(steps), \(then))"
    case .joined(let phases, let last):
      "joined(\((phases.map { "\($0.steps):\($0.rate)" } + ["\(last)"]).joined(separator: ", ")))"
    case .scaled(let rate, let factor): "scaled(\(rate), by=\(factor))"
    case .shifted(let rate, let steps): "shifted(\(rate), by=\(steps))"
    case .complement(let rate): "complement(\(rate))"
    }
  }

  /// Reads a rate: a number, or a name with arguments, for example `warmup(100, cosine(0.1))`.
  ///
  /// - Parameters:
  ///   - text: What ``description`` writes, or one of ``forms``.
  ///   - steps: Number of steps of the run: a schedule without `over=` covers all of them.
  /// - Throws: ``ScheduleError`` that names the problem and the possible forms.
  public init(_ text: String, steps: Int? = nil) throws(ScheduleError) {
    guard text.utf8.count <= 1000 else { throw ScheduleError("a rate of more than 1000 characters is not read") }
    let text = String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace }))
    if let value = Double(text) {
      self = .constant(value)
    } else {
      var arguments = try RateArguments(text, steps: steps)
      self = try Self.make(&arguments)
      try arguments.finish()
    }
    if let problem { throw ScheduleError("'\(text)': \(problem)") }
  }

  /// The schedules' forms, as a user writes them.
  public static let forms = [
    "0.001", "inversesqrt(α)", "inverse(α)", "inversepower(α, power=s)", "inversetime(α, decay=a, power=1)",
    "exponential(α, factor=a)", "halflife(β, to=γ, over=n)", "linear(α, to=0, over=n)",
    "polynomial(α, to=0, power=1, over=n)", "cosine(α, to=0, over=n)",
    "cosinerestarts(α, to=0, period=n, multiplier=1)", "piecewise(α, n:β, m:γ)",
    "onecycle(α, over=n, rising=0.3, divisor=25, finaldivisor=10000)", "warmup(n, rate)", "joined(n:rate, rate)",
    "scaled(rate, by=a)", "shifted(rate, by=n)", "complement(rate)",
  ]

  private static func make(_ a: inout RateArguments) throws(ScheduleError) -> Schedule {
    switch a.name {
    case "constant": return .constant(try a.number("value"))
    case "inversesqrt": return .inverseSquareRoot(try a.number("α"))
    case "inverse": return .inverse(try a.number("α"))
    case "inversepower": return .inversePower(try a.number("α"), power: try a.number("power"))
    case "halflife":
      return .halfLife(from: try a.number("α"), to: try a.number("to"), over: try a.stepCount("over"))
    case "inversetime":
      return .inverseTime(try a.number("α"), decay: try a.number("decay"), power: try a.number("power", default: 1))
    case "exponential": return .exponential(try a.number("α"), factor: try a.number("factor"))
    case "linear":
      return .linear(from: try a.number("α"), to: try a.number("to", default: 0), over: try a.stepCount("over"))
    case "polynomial":
      return .polynomial(
        from: try a.number("α"), to: try a.number("to", default: 0), over: try a.stepCount("over"),
        power: try a.number("power", default: 1))
    case "cosine":
      return .cosine(try a.number("α"), to: try a.number("to", default: 0), over: try a.stepCount("over"))
    case "cosinerestarts":
      return .cosineRestarts(
        try a.number("α"), to: try a.number("to", default: 0), period: try a.stepCount("period"),
        multiplier: try a.integer("multiplier", default: 1))
    case "piecewise":
      let initial = try a.number("α")
      var pieces: [Piece] = []
      while let (after, value) = try a.pair() {
        guard let value = Double(value) else { throw ScheduleError("'\(value)' in piecewise is no number") }
        pieces.append(Piece(after: after, value: value))
      }
      return .piecewise(initial, pieces)
    case "onecycle":
      return .oneCycle(
        peak: try a.number("α"), over: try a.stepCount("over"), rising: try a.number("rising", default: 0.3),
        divisor: try a.number("divisor", default: 25), finalDivisor: try a.number("finaldivisor", default: 1e4))
    case "warmup":
      let steps = try a.integer("n")
      return .warmup(steps, then: try a.rate(after: steps))
    case "joined":
      var phases: [Phase] = []
      var done = 0
      while let (steps, text) = try a.pair() {
        phases.append(Phase(steps: steps, rate: try Schedule(text, steps: steps)))
        done += steps
      }
      return .joined(phases, last: try a.rate(after: done))
    case "scaled": return .scaled(try a.rate(after: 0), by: try a.number("by"))
    case "complement": return .complement(try a.rate(after: 0))
    case "shifted": return .shifted(try a.rate(after: 0), by: try a.integer("by"))
    default:
      throw ScheduleError("there is no schedule '\(a.name)'; there are: \(forms.joined(separator: ", "))")
    }
  }
}

extension Schedule: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(try container.decode(String.self))
    } catch let error as ScheduleError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  /// Writes the text form: exact, because numbers are written with enough digits to tell them apart.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Why a rate is refused.
public struct ScheduleError: Error, Hashable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// The arguments of one call in a rate's text, taken one by one.
private struct RateArguments {
  let name: String
  // All text is split by scalars, so that a combining mark does not hide the comma or parenthesis before it.
  private var positional: [String] = []
  private var labelled: [String: String] = [:]
  private let steps: Int?
  /// Sums of all step counts that fit into a rate's text stay far from overflow.
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
    guard label == "α" || label == "n" || label == "value" || label == "by" || label == "rate" else { return nil }
    return positional.isEmpty ? nil : positional.removeFirst()
  }

  mutating func number(_ label: String, default standard: Double? = nil) throws(ScheduleError) -> Double {
    guard let text = text(label) else {
      if let standard { return standard }
      throw ScheduleError("\(name) needs \(label)")
    }
    guard let value = Double(text) else { throw ScheduleError("\(name): '\(text)' is no number for \(label)") }
    return value
  }

  mutating func integer(_ label: String, default standard: Int? = nil) throws(ScheduleError) -> Int {
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

  mutating func stepCount(_ label: String) throws(ScheduleError) -> Int { try integer(label, default: steps) }

  mutating func pair() throws(ScheduleError) -> (Int, String)? {
    guard let first = positional.first, let (before, behind) = Self.sides(of: first, at: ":") else { return nil }
    positional.removeFirst()
    guard let steps = Int(before), abs(Double(steps)) <= Self.largestCount else {
      throw ScheduleError("\(name): '\(before)' is no whole number of steps up to \(Int(Self.largestCount))")
    }
    return (steps, behind)
  }

  mutating func rate(after done: Int) throws(ScheduleError) -> Schedule {
    guard let text = text("rate") else { throw ScheduleError("\(name) needs a rate as its last argument") }
    return try Schedule(text, steps: steps.map { max(1, $0 - done) })
  }

  func finish() throws(ScheduleError) {
    if let rest = positional.first ?? labelled.keys.sorted().first {
      throw ScheduleError("\(name) does not take '\(rest)'")
    }
  }
}
