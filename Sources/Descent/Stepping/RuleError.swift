/// Why a rule, or an option of one, is refused.
public enum RuleError: Error, Hashable, CustomStringConvertible {
  /// An option that does not exist.
  case unknown(UnknownName)
  case invalidOption(rule: String, option: String, problem: String)
  /// An option that is given twice.
  case repeatedOption(rule: String, option: String)
  /// An option that changes nothing unless others are set.
  case withoutEffect(rule: String, option: String, needs: String)
  case invalidState(rule: String)
  /// The rule's state must not be stored in fewer bits.
  case cannotQuantize(rule: String, reason: String)
  /// The rule's update cannot be written as a graph of operations.
  case cannotBeTraced(rule: String, reason: String)
  /// The method cannot be stepped by gradients alone.
  case needsTerms(rule: String)
  /// The method divides by a curvature that was not given.
  case needsCurvature(rule: String, slot: String)
  /// The method's state does not fit into the memory.
  case stateTooLarge(rule: String, MemoryShortage)

  public var description: String {
    switch self {
    case .unknown(let name): "\(name)"
    case .invalidOption(let rule, let option, let problem): "\(rule): \(option): \(problem)"
    case .repeatedOption(let rule, let option): "\(rule): option '\(option)' is given twice: keep one"
    case .withoutEffect(let rule, let option, let needs):
      "\(rule): \(option) has no effect without \(needs): set that too, or leave \(option) out"
    case .needsCurvature(let rule, let slot):
      "\(rule) divides by the diagonal of the curvature, which a gradient does not tell: step on an objective that gives it, "
        + "or give it before the first step, optimizer.assign(h, toSlot: \"\(slot)\")"
    case .needsTerms(let rule):
      "\(rule) asks a finite sum for more than one gradient a step: minimize the sum with it (descent minimize)"
    case .stateTooLarge(let rule, let shortage):
      "the state of \(rule) is too large: \(shortage); keep less of it by the method's options, or choose another method"
    case .cannotQuantize(let rule, let reason):
      "the state of \(rule) cannot be quantized: \(reason); step it with its state in float32"
    case .cannotBeTraced(let rule, let reason):
      "\(rule) cannot be read as a graph of operations: \(reason); step it with its own type, in its own pass"
    case .invalidState(let rule):
      "\(rule): its State must consist of properties of type Lane alone, or the rule must name its slots"
    }
  }
}
