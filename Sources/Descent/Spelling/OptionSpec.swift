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

  public var description: String {
    options.isEmpty
      ? name : "\(name):" + options.map { "\($0.key)=\(Self.quoted($0.value))" }.joined(separator: ",")
  }

  /// The spec with each key replaced by the matching key of `known`; `lr` and `eps` stand for `learningRate` and
  /// `epsilon`.
  /// - Throws: ``UnknownName`` for an option that is not among them.
  public func resolved(against known: [String]) throws(UnknownName) -> OptionSpec {
    var result = OptionSpec(name: name)
    for option in options {
      guard let key = Names.find(Names.full(option.key), in: known) else {
        throw UnknownName(option.key, kind: "option", of: name, known: known)
      }
      result.options.append(Option(key: key, value: option.value))
    }
    return result
  }

  /// The options' values by name.
  package var values: [String: String] { Dictionary(uniqueKeysWithValues: options.map { ($0.key, $0.value) }) }

  /// The name that `text` starts with.
  package static func name(of text: String) -> String { String(text.unicodeScalars.prefix { $0 != ":" }) }
}

/// The reason for which an option spec is refused.
public enum OptionSpecError: Error, Hashable, CustomStringConvertible {
  case missingName(String)
  case incompleteOption(String, of: String)
  case repeatedOption(String, of: String)
  case unbalancedParentheses(String)
  case unbalancedQuotes(String)

  public var description: String {
    switch self {
    case .missingName(let text): "'\(text)' starts with no name: write name:option=value,option=value"
    case .incompleteOption(let option, let text):
      "'\(option)' in '\(text)' is no option: write option=value, separated by commas; a value that holds a "
        + "comma stands in double quotes, file=\"a,b.txt\""
    case .repeatedOption(let key, let text): "option '\(key)' occurs twice in '\(text)': keep one"
    case .unbalancedParentheses(let text):
      "the parentheses in '\(text)' do not match: close each one that is opened, or write the value in double quotes"
    case .unbalancedQuotes(let text):
      "the quotes in '\(text)' do not match: write option=\"value\", and a quote within the value twice"
    }
  }
}
