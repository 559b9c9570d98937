import Synchronization

extension Schedule: CustomStringConvertible, Codable {
  /// The schedule as text that ``init(_:steps:)`` reads: `cosine(0.1, to=0.0, over=1000)`.
  public var description: String { function.text }

  /// Reads a schedule: a number, or a name with arguments, for example `warmup(100, cosine(0.1))`.
  ///
  /// - Parameters:
  ///   - text: What ``description`` writes, or one of ``forms``.
  ///   - steps: Number of steps of the run: a schedule without `over=` covers all of them.
  /// - Throws: ``ScheduleError`` that names the problem and the possible forms.
  public init(_ text: String, steps: Int? = nil) throws(ScheduleError) {
    try Self.checkLength(of: text)
    let text = String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace }))
    if let value = Double(text) {
      self = .constant(value)
    } else {
      var arguments = try ScheduleArguments(text, steps: steps)
      guard let function = Self.functions.first(where: { $0.name == arguments.name }) else {
        throw ScheduleError(
          "there is no schedule '\(arguments.name)'; there are: \(Self.forms.joined(separator: ", "))")
      }
      self = Schedule(try function.init(&arguments))
      try arguments.finish()
    }
    if let problem { throw ScheduleError("'\(text)': \(problem)") }
    // What is written must be readable: a checkpoint says more than a user, who may leave defaults out.
    try Self.checkLength(of: description)
  }

  private static func checkLength(of text: String) throws(ScheduleError) {
    guard text.utf8.count > 1000 else { return }
    throw ScheduleError("a schedule of more than 1000 characters, with all its arguments, is not read")
  }

  /// Makes a schedule of one's own readable, from option texts and from checkpoints.
  /// - Throws: ``ScheduleError`` if its name is taken by another, or is none.
  public static func register(_ function: any ScheduleFunction.Type) throws(ScheduleError) {
    let name = function.name
    guard !name.isEmpty, name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }),
      Double(name) == nil
    else {
      throw ScheduleError("'\(name)' is no name of a schedule: use lower-case letters and digits before a parenthesis")
    }
    if let other = functions.first(where: { $0.name == name }), other != function {
      throw ScheduleError("there is a schedule '\(name)' already: choose another name")
    }
    registered.withLock { if !$0.contains(where: { $0 == function }) { $0.append(function) } }
  }

  /// The schedules' forms, as a user writes them.
  public static var forms: [String] { ["0.001"] + functions.dropFirst().map { $0.form } }

  private static let registered = Mutex<[any ScheduleFunction.Type]>([])

  /// All schedules that can be read: the package's, and the registered ones.
  private static var functions: [any ScheduleFunction.Type] {
    let own: [any ScheduleFunction.Type] = [
      Constant.self, InverseSquareRoot.self, Inverse.self, InversePower.self, InverseTime.self, Exponential.self,
      HalfLife.self, Linear.self, Polynomial.self, Cosine.self, CosineRestarts.self, Piecewise.self, OneCycle.self,
      Warmup.self, Joined.self, Scaled.self, Shifted.self, Complement.self,
    ]
    return own + registered.withLock { $0 }
  }

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
    do throws(ScheduleError) { try Self.checkLength(of: description) } catch {
      throw EncodingError.invalidValue(
        self, .init(codingPath: encoder.codingPath, debugDescription: error.description))
    }
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Why a schedule is refused.
public struct ScheduleError: Error, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
