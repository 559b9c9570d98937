import Descent

/// Reads a user's text for a data set, `NAME` or `NAME:option=value,option=value`, option by option.
struct DatasetOptions {
  let name: String
  private var values: [String: String] = [:]
  private var known: [String] = []

  /// - Throws: ``DataError`` if an option has no value or is given twice, or quotes or parentheses are not in pairs.
  init(_ text: String) throws(DataError) {
    let written: OptionText
    do throws(OptionText.Malformed) { written = try OptionText(text) } catch {
      switch error {
      case .noName: throw .unknownDataset("", known: Dataset.available.map(\.name))
      case .incompleteOption(let option):
        throw .incompleteOption(option, dataset: text)
      case .unbalancedParentheses, .unbalancedQuotes: throw .unbalancedOptions(dataset: text)
      }
    }
    name = written.name
    for (key, value) in written.options {
      guard values.updateValue(value, forKey: key) == nil else {
        throw .repeatedOption(key, dataset: name)
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

  /// Refuses options that the data set has not read.
  func finish() throws(DataError) {
    if let unknown = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unknownOption(unknown, dataset: name, known: known)
    }
  }
}
