/// Why a rule, or an option of one, is refused.
public enum RuleError: Error, Hashable, CustomStringConvertible {
  case unknownOption(rule: String, option: String, nearest: String?, known: [String])
  case invalidOption(rule: String, option: String, problem: String)
  case invalidState(rule: String)
  /// The method cannot be stepped by gradients alone.
  case needsTerms(rule: String)

  public var description: String {
    switch self {
    case .unknownOption(let rule, let option, let nearest, let known):
      "\(rule) has no option '\(option)'"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "; it has: \(known.joined(separator: ", "))")
    case .invalidOption(let rule, let option, let problem): "\(rule): \(option): \(problem)"
    case .needsTerms(let rule):
      "\(rule) asks a finite sum for more than one gradient a step: minimize the sum with it (descent minimize)"
    case .invalidState(let rule):
      "\(rule): its State must consist of properties of type Lane alone, or the rule must name its slots"
    }
  }
}
