/// An option's text with search functions in place of the values that vary: `warmup(100,cosine(log(1e-3,1e-1)))`.
struct SearchText: Hashable, Sendable {
  /// The text before, between and behind the ranges.
  private let pieces: [String]
  let ranges: [SearchRange]
  /// The place of each range.
  private let places: [SearchPlace]

  /// - Parameters:
  ///   - text: A value, with search functions anywhere in it or nowhere.
  ///   - option: The option's name, for messages.
  /// - Throws: ``SearchError``.
  init(parsing text: String, of option: String) throws(SearchError) {
    var pieces = [""]
    var ranges: [SearchRange] = []
    var places: [SearchPlace] = []
    var place = SearchPlace()
    var rest = text.unicodeScalars[...]
    while let first = rest.first {
      let word = rest.prefix { $0.properties.isAlphabetic || "0"..."9" ~= $0 || $0 == "_" }
      guard !word.isEmpty else {
        pieces[pieces.count - 1].unicodeScalars.append(first)
        place.pass(first)
        rest.removeFirst()
        continue
      }
      rest.removeFirst(word.count)
      let name = String(word).lowercased()
      guard SearchRange.functions.contains(name), rest.first == "(" else {
        pieces[pieces.count - 1] += String(word)
        place.pass(word: name)
        continue
      }
      let arguments = try Self.arguments(&rest, of: text, option)
      for argument in arguments where try !Self(parsing: argument, of: option).ranges.isEmpty {
        throw .nested(argument, in: text, option: option)
      }
      ranges.append(try SearchRange(name, arguments, of: option))
      places.append(place.followed(by: rest.first { !$0.properties.isWhitespace }))
      pieces.append("")
    }
    self.pieces = pieces
    self.ranges = ranges
    self.places = places
  }

  /// The text with its ranges replaced by the first of `values`.
  func filled(with values: some Collection<String>) -> String {
    zip(pieces, values.prefix(ranges.count)).map { $0 + $1 }.joined() + pieces[ranges.count]
  }

  /// The name of each range's values, if the whole text is the value of the option `name`.
  func names(_ name: String) -> [String] {
    var counts: [String: Int] = [:]
    return places.map { place in
      let name = place.name(name)
      counts[name, default: 0] += 1
      return counts[name] == 1 ? name : "\(name) \(counts[name]!)"
    }
  }

  /// Removes "(…)" from the start of `rest` and returns the arguments between its commas.
  private static func arguments(
    _ rest: inout Substring.UnicodeScalarView, of text: String, _ option: String
  ) throws(SearchError) -> [String] {
    var parts: [String.UnicodeScalarView] = [.init()]
    var depth = 0
    while let scalar = rest.popFirst() {
      if scalar == ")" { depth -= 1 }
      if depth == 0, scalar == ")" { return parts.map { String($0.drop(while: \.properties.isWhitespace)) } }
      if depth == 1, scalar == "," {
        parts.append(.init())
      } else if depth > 0, !(scalar.properties.isWhitespace && depth == 1) {
        parts[parts.count - 1].append(scalar)
      }
      if scalar == "(" { depth += 1 }
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
