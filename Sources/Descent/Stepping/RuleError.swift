/// Why a rule, or an option of one, is refused.
public enum RuleError: Error, Hashable, CustomStringConvertible {
  case unknownOption(rule: String, option: String, nearest: String?, known: [String])
  case invalidOption(rule: String, option: String, problem: String)
  case invalidState(rule: String)
  /// The rule's state must not be stored in fewer bits.
  case cannotQuantize(rule: String, reason: String)
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
    case .cannotQuantize(let rule, let reason):
      "the state of \(rule) cannot be quantized: \(reason); step it with its state in float32"
    case .invalidState(let rule):
      "\(rule): its State must consist of properties of type Lane alone, or the rule must name its slots"
    }
  }
}
