/// Why a parameter group is refused.
public enum GroupError: Error, Hashable, CustomStringConvertible {
  /// The pattern matches no parameter's name.
  case noMatch(pattern: String, names: [String])
  /// The method steps all parameters as one.
  case wholeVector(rule: String)

  public var description: String {
    switch self {
    case .noMatch(let pattern, let names):
      "no parameter matches '\(pattern)'; there are: \(names.joined(separator: ", "))"
    case .wholeVector(let rule):
      "\(rule) steps all parameters as one: none can have options of its own or be frozen"
    }
  }
}
