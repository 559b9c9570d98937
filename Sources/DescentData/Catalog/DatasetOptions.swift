/// What a user wrote for a data set, `NAME` or `NAME:option=value,option=value`, read option by option.
struct DatasetOptions {
  let name: String
  private var values: [String: String] = [:]
  private var known: [String] = []

  /// - Throws: ``DataError/invalidOption(_:value:dataset:allowed:)`` for an option without a value, or that is given twice.
  init(_ text: String) throws(DataError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(parts[0])
    guard parts.count == 2 else { return }
    for option in parts[1].split(separator: ",") {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        throw .invalidOption(String(option), value: "", dataset: name, allowed: "written as option=value")
      }
      guard values.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
        throw .invalidOption(String(pair[0]), value: String(pair[1]), dataset: name, allowed: "given once, not twice")
      }
    }
  }

  mutating func string(_ option: String) -> String? {
    known.append(option)
    return values[option]
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

  mutating func choice(_ option: String, default standard: String, of choices: [String]) throws(DataError) -> String {
    guard let text = string(option) else { return standard }
    guard choices.contains(text) else {
      throw .invalidOption(option, value: text, dataset: name, allowed: "one of \(choices.joined(separator: ", "))")
    }
    return text
  }

  /// Refuses options that nothing has asked for.
  func finish() throws(DataError) {
    if let unknown = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unknownOption(unknown, dataset: name, known: known)
    }
  }
}
