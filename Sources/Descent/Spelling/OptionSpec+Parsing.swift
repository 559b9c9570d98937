extension OptionSpec {
  /// Parses `text`.
  /// - Throws: ``OptionSpecError`` if `text` has no name, an option has no key or value, a key occurs twice, or
  ///   parentheses or quotes do not match.
  public init(parsing text: String) throws(OptionSpecError) {
    // Scalars, not characters: a combining mark after a comma makes one character of both.
    let scalars = text.unicodeScalars
    let colon = scalars.firstIndex(of: ":") ?? scalars.endIndex
    self.init(name: Self.trimmed(scalars[..<colon]))
    guard !name.isEmpty else { throw .missingName(text) }
    guard colon < scalars.endIndex else { return }
    let list = scalars[scalars.index(after: colon)...]
    guard !Self.trimmed(list).isEmpty else { return }
    var keys: Set<String> = []
    for part in try Self.parts(of: list, in: text) {
      let equals = part.firstIndex(of: "=") ?? part.endIndex
      let key = Self.trimmed(part[..<equals])
      let value = Self.trimmed(part[equals...].dropFirst())
      guard !key.isEmpty, !value.isEmpty else { throw .incompleteOption(Self.trimmed(part), of: text) }
      guard keys.insert(Names.canonical(Names.full(key))).inserted else { throw .repeatedOption(key, of: text) }
      options.append(Option(key: key, value: try Self.unquoted(value, in: text)))
    }
  }

  /// `value` as ``init(parsing:)`` reads it after an equals sign: in quotes if it would be misread without them.
  static func quoted(_ value: String) -> String {
    let list = ("x=" + value).unicodeScalars[...]
    let isPlain =
      (try? parts(of: list, in: value).count) == 1 && trimmed(value.unicodeScalars[...]) == value && !value.isEmpty
    if isPlain, value.unicodeScalars.first != "\"" { return value }
    var quoted = String.UnicodeScalarView("\"".unicodeScalars)
    for scalar in value.unicodeScalars { quoted += scalar == "\"" ? [scalar, scalar] : [scalar] }
    quoted.append("\"")
    return String(quoted)
  }

  /// The parts between commas that stand neither within parentheses nor in quotes.
  private static func parts(
    of list: Substring.UnicodeScalarView, in text: String
  ) throws(OptionSpecError) -> [Substring.UnicodeScalarView] {
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
      guard depth >= 0 else { throw .unbalancedParentheses(text) }
    }
    guard place != .quoted else { throw .unbalancedQuotes(text) }
    guard depth == 0 else { throw .unbalancedParentheses(text) }
    return parts + [list[start...]]
  }

  private static func unquoted(_ value: String, in whole: String) throws(OptionSpecError) -> String {
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
        guard scalars[next] == "\"" else { throw .unbalancedQuotes(whole) }
        text.append("\"")
        index = scalars.index(after: next)
      }
    }
    throw .unbalancedQuotes(whole)
  }

  private static func trimmed(_ text: Substring.UnicodeScalarView) -> String {
    let start = text.drop { $0.properties.isWhitespace }
    let end = start.lastIndex { !$0.properties.isWhitespace }.map(start.index(after:)) ?? start.startIndex
    return String(start[..<end])
  }
}
