import Descent

/// Why a problem is refused.
public enum ProblemError: Error, Hashable, CustomStringConvertible {
  case unknownProblem(String, known: [String])
  case unknownOption(problem: String, name: String, known: [String])
  case option(problem: String, name: String, value: String, domain: String)
  /// An option has no effect unless another is set.
  case withoutEffect(problem: String, name: String, needs: String)
  /// A problem cannot be made of these examples; `reason` names them and the remedy.
  case data(String)

  public var description: String {
    switch self {
    case .unknownProblem(let name, let known):
      "there is no problem '\(name)': "
        + (nearestName(to: name, among: known).map { "did you mean '\($0)'? " } ?? "")
        + "(there are: \(known.joined(separator: ", ")))"
    case .unknownOption(let problem, let name, let known):
      known.isEmpty
        ? "problem '\(problem)' has no options, so '\(name)' cannot be set"
        : "problem '\(problem)' has no option '\(name)'; there are: \(known.joined(separator: ", "))"
    case .option(let problem, let name, let value, let domain):
      "problem '\(problem)': \(name) is '\(value)', but must be \(domain)"
    case .withoutEffect(let problem, let name, let needs):
      "problem '\(problem)': \(name) has no effect without \(needs): set that too, or leave \(name) out"
    case .data(let reason): reason
    }
  }
}
