/// For diagnostics: when ε, and not the mean square of the gradients, decides how long an element's step is.
///
/// The step is divided by √(c s + ε') + ε, where s is a slot of the state and c corrects its bias. ε dominates if c s
/// < ε² or c s < ε'. Such an element is stepped as by gradient descent with the rate α / ε.
public struct EpsilonThreshold: Hashable, Sendable {
  /// The slot s, without the rule's name: `v`.
  public let slot: String
  /// ε dominates if s is less than this number: max(ε², ε') / c ≥ 0.
  public let value: Double

  /// - Parameters:
  ///   - slot: The slot's name, without the rule's.
  ///   - correction: c > 0.
  ///   - epsilon: ε ≥ 0 beside the root.
  ///   - epsilonRoot: ε' ≥ 0 inside it.
  public init(
    _ slot: String, correction: Double = 1, epsilon: Double, epsilonRoot: Double = 0
  ) {
    self.slot = slot
    value = max(epsilon * epsilon, epsilonRoot) / correction
  }

  /// For Adam's mean square v with a constant β₂.
  init(_ slot: String, epsilon: Double, _ form: EpsilonForm, beta2: Double, at t: Int) {
    self.init(
      slot, correction: form == .hat ? 1 : 1 / Schedule.constant(beta2).oneMinusProduct(through: t), epsilon: epsilon)
  }
}

/// How the elements of a state compare with ε after a step.
public struct EpsilonShare: Hashable, Sendable {
  /// Number of elements for which ε dominates, by block of the layout.
  public let counts: [Int]
}

extension Optimizer {
  public var epsilonShare: EpsilonShare? {
    let thresholds = rules.map { $0.epsilonThreshold(at: max(1, stepCount)) }
    guard let first = thresholds[0], let slot = slots.first(where: { $0.hasSuffix("/\(first.slot)") }),
      let vector = state.slot(slot)
    else { return nil }
    // Groups differ in their options, not in their slots.
    let bounds = layout.blocks.map { block in
      thresholds[groups.lastIndex { $0.contains(block.name) }.map { $0 + 1 } ?? 0]?.value ?? 0
    }
    return EpsilonShare(counts: vector.countsByBlock(below: bounds))
  }
}
