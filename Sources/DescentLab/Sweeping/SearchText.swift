/// A text in which search functions stand where values vary: `warmup(100,cosine(log(1e-3,1e-1)))`.
struct SearchText: Hashable, Sendable {
  /// What stands before, between and behind the ranges.
  private let pieces: [String]
  let ranges: [SearchRange]

  /// - Parameters:
  ///   - text: A value, with search functions anywhere in it or nowhere.
  ///   - option: Whose value it is, for messages.
  /// - Throws: ``SearchError``.
  init(parsing text: String, of option: String) throws(SearchError) {
    var pieces = [""]
    var ranges: [SearchRange] = []
    var rest = text[...]
    while let first = rest.first {
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      guard !word.isEmpty else {
        pieces[pieces.count - 1].append(first)
        rest.removeFirst()
        continue
      }
      rest.removeFirst(word.count)
      let name = word.lowercased()
      guard SearchRange.functions.contains(name), rest.first == "(" else {
        pieces[pieces.count - 1] += word
        continue
      }
      let arguments = try Self.arguments(&rest, of: text, option)
      for argument in arguments where try !Self(parsing: argument, of: option).ranges.isEmpty {
        throw .nested(argument, in: text, option: option)
      }
      ranges.append(try SearchRange(name, arguments, of: option))
      pieces.append("")
    }
    self.pieces = pieces
    self.ranges = ranges
  }

  /// The text with the first of `values` in place of the ranges.
  func filled(with values: some Collection<String>) -> String {
    zip(pieces, values.prefix(ranges.count)).map { $0 + $1 }.joined() + pieces[ranges.count]
  }

  /// Takes "(…)" from the start of `rest`, and returns what stands between its commas.
  private static func arguments(
    _ rest: inout Substring, of text: String, _ option: String
  ) throws(SearchError) -> [String] {
    var parts = [""]
    var depth = 0
    while let character = rest.popFirst() {
      if character == ")" { depth -= 1 }
      if depth == 0, character == ")" { return parts.map { String($0.drop(while: \.isWhitespace)) } }
      if depth == 1, character == "," {
        parts.append("")
      } else if depth > 0, !(character.isWhitespace && depth == 1) {
        parts[parts.count - 1].append(character)
      }
      if character == "(" { depth += 1 }
    }
    throw .unbalanced(text, option: option)
  }
}

/// Why a search is refused.
public enum SearchError: Error, Hashable, CustomStringConvertible {
  case invalidRange(String, option: String, allowed: String)
  case nested(String, in: String, option: String)
  case unbalanced(String, option: String)
  case nothingToSearch(String)
  case needsPoints(String, option: String)
  case tooManyTrials(String)

  public var description: String {
    switch self {
    case .invalidRange(let text, let option, let allowed): "\(option) is '\(text)', but must be \(allowed)"
    case .nested(let inner, let text, let option):
      "\(option) is '\(text)', in which the search function '\(inner)' stands within another: take it out"
    case .unbalanced(let text, let option):
      "\(option) is '\(text)', in which the parentheses do not match: close each one that is opened"
    case .nothingToSearch(let optimizer):
      "nothing varies with --optimizer \(optimizer): write a search function (\(SearchRange.functions.joined(separator: ", "))) for a "
        + "value, such as lr=log(1e-4,1e-1), or choose --search grid to try it once"
    case .needsPoints(let text, let option):
      "a grid needs a number of points for \(option): write \(text.dropLast()),5) for five, or choose another --search"
    case .tooManyTrials(let reason): reason
    }
  }
}
