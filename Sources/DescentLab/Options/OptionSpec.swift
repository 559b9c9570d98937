import Descent

/// A name with options, as on a command line: `adam:lr=cosine(0.1),beta2=0.99`.
///
/// A value may contain commas within parentheses, `lr=warmup(100,cosine(0.1))`, and anything in double quotes:
/// `train="a,b.txt"`.
public struct OptionSpec: Hashable, Sendable, CustomStringConvertible {
  public struct Option: Hashable, Sendable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  public var name: String
  /// The options in the order in which they were written; each key occurs once.
  public var options: [Option]

  public init(name: String, options: [Option] = []) {
    self.name = name
    self.options = options
  }

  /// Parses `text`.
  /// - Throws: ``OptionSpecError`` if `text` has no name, an option has no key or value, a key occurs twice, or
  ///   parentheses or quotes do not match.
  public init(parsing text: String) throws(OptionSpecError) {
    let written: OptionText
    do throws(OptionText.Malformed) { written = try OptionText(text) } catch {
      switch error {
      case .noName: throw .missingName(text)
      case .incompleteOption(let option): throw .incompleteOption(option, of: text)
      case .unbalancedParentheses: throw .unbalancedParentheses(text)
      case .unbalancedQuotes: throw .unbalancedQuotes(text)
      }
    }
    name = written.name
    options = []
    var known: Set<String> = []
    for (key, value) in written.options {
      guard known.insert(NameMatching.canonical(Self.expanded(key))).inserted else {
        throw .repeatedOption(key, of: text)
      }
      options.append(Option(key: key, value: value))
    }
  }

  public var description: String {
    options.isEmpty
      ? name : "\(name):" + options.map { "\($0.key)=\(OptionText.quoted($0.value))" }.joined(separator: ",")
  }

  /// The spec with each key replaced by the matching key of `known`; `lr` and `eps` stand for `learningRate` and
  /// `epsilon`.
  /// - Throws: ``OptionSpecError/unknownOption(_:of:known:)``.
  public func resolved(against known: [String]) throws(OptionSpecError) -> OptionSpec {
    var result = OptionSpec(name: name)
    for option in options {
      guard let key = NameMatching.find(Self.expanded(option.key), in: known) else {
        throw .unknownOption(option.key, of: name, known: known)
      }
      result.options.append(Option(key: key, value: option.value))
    }
    return result
  }

  /// The name that `text` starts with.
  package static func name(of text: String) -> String { String(text.unicodeScalars.prefix { $0 != ":" }) }

  /// `lr` and `eps` in full.
  static func expanded(_ key: String) -> String {
    switch NameMatching.canonical(key) {
    case "lr": "learningRate"
    case "eps": "epsilon"
    default: key
    }
  }
}

/// The reason for which an option spec is refused.
public enum OptionSpecError: Error, Hashable, CustomStringConvertible {
  case missingName(String)
  case incompleteOption(String, of: String)
  case repeatedOption(String, of: String)
  case unbalancedParentheses(String)
  case unbalancedQuotes(String)
  case unknownOption(String, of: String, known: [String])

  public var description: String {
    switch self {
    case .missingName(let text): "'\(text)' starts with no name: write name:option=value,option=value"
    case .incompleteOption(let option, let text):
      "'\(option)' in '\(text)' is no option: write option=value, separated by commas"
    case .repeatedOption(let key, let text): "option '\(key)' occurs twice in '\(text)': keep one"
    case .unbalancedParentheses(let text):
      "the parentheses in '\(text)' do not match: close each one that is opened, or write the value in double quotes"
    case .unbalancedQuotes(let text):
      "the quotes in '\(text)' do not match: write option=\"value\", and a quote within the value twice"
    case .unknownOption(let key, let name, let known):
      if known.isEmpty {
        "'\(name)' has no option '\(key)': it takes none"
      } else {
        "'\(name)' has no option '\(key)': \(NameMatching.suggestion(for: key, in: known, also: known.contains("learningRate") ? ["lr", "eps"] : []))"
      }
    }
  }
}
