/// `name:option=value,option=value`, taken apart: the syntax of command lines, data sets and configurations.
///
/// A value may hold commas in parentheses: `lr=warmup(100,cosine(0.1))`. Any text may stand in double quotes, in which
/// a quote is written twice: `train="a,b.txt"`.
package struct OptionText {
  package enum Malformed: Error, Hashable {
    case noName
    /// An option without a name, without `=` or without a value.
    case incompleteOption(String)
    case unbalancedParentheses
    /// A quote that does not end, or something after one that does.
    case unbalancedQuotes
  }

  package private(set) var name: String
  /// In the order written, with keys that may repeat.
  package private(set) var options: [(key: String, value: String)] = []

  package init(_ text: String) throws(Malformed) {
    // Scalars, not characters: a combining mark after a comma makes one character of both.
    let scalars = text.unicodeScalars
    let colon = scalars.firstIndex(of: ":") ?? scalars.endIndex
    name = Self.trimmed(scalars[..<colon])
    guard !name.isEmpty else { throw .noName }
    guard colon < scalars.endIndex else { return }
    let list = scalars[scalars.index(after: colon)...]
    guard !Self.trimmed(list).isEmpty else { return }
    for part in try Self.parts(of: list) {
      let equals = part.firstIndex(of: "=") ?? part.endIndex
      let key = Self.trimmed(part[..<equals])
      let value = Self.trimmed(part[equals...].dropFirst())
      guard !key.isEmpty, !value.isEmpty else { throw .incompleteOption(Self.trimmed(part)) }
      options.append((key, try Self.unquoted(value)))
    }
  }

  /// `value` as ``init(_:)`` reads it after an equals sign: in quotes if it would be misread without them.
  package static func quoted(_ value: String) -> String {
    let list = ("x=" + value).unicodeScalars[...]
    let isPlain = (try? parts(of: list).count) == 1 && trimmed(value.unicodeScalars[...]) == value && !value.isEmpty
    if isPlain, value.unicodeScalars.first != "\"" { return value }
    var quoted = String.UnicodeScalarView("\"".unicodeScalars)
    for scalar in value.unicodeScalars { quoted += scalar == "\"" ? [scalar, scalar] : [scalar] }
    quoted.append("\"")
    return String(quoted)
  }

  /// The parts between commas that stand neither within parentheses nor in quotes.
  private static func parts(of list: Substring.UnicodeScalarView) throws(Malformed) -> [Substring.UnicodeScalarView] {
    enum Place { case key, beforeValue, value, quoted, afterQuote }
    var parts: [Substring.UnicodeScalarView] = []
    var place = Place.key
    var depth = 0
    var start = list.startIndex
    for index in list.indices {
      let scalar = list[index]
      switch (place, scalar) {
      case (.quoted, "\""): place = .afterQuote
      case (.quoted, _): break
      // The second of two quotes in a row reopens the text.
      case (.beforeValue, "\""), (.afterQuote, "\""): place = .quoted
      case (_, ",") where depth == 0:
        parts.append(list[start..<index])
        start = list.index(after: index)
        place = .key
      case (_, "("): depth += 1
      case (_, ")"): depth -= 1
      case (.key, "="): place = .beforeValue
      default: break
      }
      if place == .beforeValue, scalar != "=", !scalar.properties.isWhitespace { place = .value }
      guard depth >= 0 else { throw .unbalancedParentheses }
    }
    guard place != .quoted else { throw .unbalancedQuotes }
    guard depth == 0 else { throw .unbalancedParentheses }
    return parts + [list[start...]]
  }

  private static func unquoted(_ value: String) throws(Malformed) -> String {
    let scalars = value.unicodeScalars
    guard scalars.first == "\"" else { return value }
    var text = String.UnicodeScalarView()
    var index = scalars.index(after: scalars.startIndex)
    while index < scalars.endIndex {
      let next = scalars.index(after: index)
      if scalars[index] != "\"" {
        text.append(scalars[index])
        index = next
      } else if next == scalars.endIndex {
        return String(text)
      } else {
        guard scalars[next] == "\"" else { throw .unbalancedQuotes }
        text.append("\"")
        index = scalars.index(after: next)
      }
    }
    throw .unbalancedQuotes
  }

  private static func trimmed(_ text: Substring.UnicodeScalarView) -> String {
    let start = text.drop { $0.properties.isWhitespace }
    let end = start.lastIndex { !$0.properties.isWhitespace }.map(start.index(after:)) ?? start.startIndex
    return String(start[..<end])
  }
}
