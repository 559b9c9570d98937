import Descent

/// Why a problem is refused.
public enum ProblemError: Error, Hashable, CustomStringConvertible {
  /// A problem or an option that does not exist.
  case unknown(UnknownName)
  case option(problem: String, name: String, value: String, domain: String)
  /// An option has no effect unless another is set.
  case withoutEffect(problem: String, name: String, needs: String)
  /// A problem cannot be made of these examples; `reason` names them and the remedy.
  case data(String)

  public var description: String {
    switch self {
    case .unknown(let name): "\(name)"
    case .option(let problem, let name, let value, let domain):
      "problem '\(problem)': \(name) is '\(value)', but must be \(domain)"
    case .withoutEffect(let problem, let name, let needs):
      "problem '\(problem)': \(name) has no effect without \(needs): set that too, or leave \(name) out"
    case .data(let reason): reason
    }
  }
}
