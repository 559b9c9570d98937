import Descent

/// Reads a user's text for a data set, `NAME` or `NAME:option=value,option=value`, option by option.
struct DatasetOptions {
  private let spec: OptionSpec
  private var known: [String] = []
  var name: String { spec.name }

  /// - Throws: ``DataError/malformed(_:)``.
  init(_ text: String) throws(DataError) {
    do throws(OptionSpecError) { spec = try OptionSpec(parsing: text) } catch { throw .malformed(error) }
  }

  mutating func string(_ option: String) -> String? {
    known.append(option)
    return spec.options.first { Names.canonical($0.key) == Names.canonical(option) }?.value
  }

  mutating func integer<T: FixedWidthInteger>(
    _ option: String, default standard: T, in range: ClosedRange<T>
  ) throws(DataError) -> T {
    guard let text = string(option) else { return standard }
    guard let number = T(text), range.contains(number) else {
      throw .invalidOption(
        option, value: text, dataset: name,
        allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func flag(_ option: String, default standard: Bool) throws(DataError) -> Bool {
    try choice(option, default: "\(standard)", of: ["true", "false"]) == "true"
  }

  mutating func choice(_ option: String, default standard: String, of choices: [String]) throws(DataError) -> String {
    guard let text = string(option) else { return standard }
    guard choices.contains(text) else {
      throw .invalidOption(option, value: text, dataset: name, allowed: "one of \(choices.joined(separator: ", "))")
    }
    return text
  }

  /// Reads the options of a set of square images that the program draws, which must fit into the memory.
  mutating func readDrawn(
    seed: inout UInt64, train: inout Int, test: inout Int, side: Int
  ) throws(DataError) {
    seed = try integer("seed", default: seed, in: 0...UInt64.max)
    train = try integer("train", default: train, in: 1...10_000_000)
    test = try integer("test", default: test, in: 1...10_000_000)
    try finish()
    do throws(MemoryShortage) { try MemoryBudget.require(Double(side * side) * Double(train + test)) } catch {
      throw .tooLarge(dataset: name, error)
    }
  }

  /// Refuses options that the data set has not read.
  func finish() throws(DataError) {
    do throws(UnknownName) { _ = try spec.resolved(against: known) } catch { throw .unknown(error) }
  }
}
