extension Optimizer {
  /// A slot of the state as a vector of its own, for example `adam/m`.
  /// - Throws: ``SlotError`` if the rule has no such slot.
  public func slot(_ name: String) throws(SlotError) -> ParameterVector<Rule.Scalar> {
    let slots = Rule.slots
    guard let index = slots.firstIndex(of: name) else {
      throw .unknownSlot(name, rule: Rule.name, slots: slots)
    }
    return state.vector(slot: index, layout: layout)
  }

  /// Replaces a slot of the state.
  /// - Throws: ``SlotError`` if the rule has no such slot or the vector's layout differs.
  public mutating func assign(_ vector: ParameterVector<Rule.Scalar>, toSlot name: String) throws(SlotError) {
    let slots = Rule.slots
    guard let index = slots.firstIndex(of: name) else {
      throw .unknownSlot(name, rule: Rule.name, slots: slots)
    }
    if let difference = layout.difference(from: vector.layout) { throw .mismatch(slot: name, difference) }
    if !isKnownUniquelyReferenced(&state) { state = state.copy() }
    state.assign(vector, slot: index)
    if name == Rule.curvatureSlot { lacksCurvature = false }
  }
}

extension Optimizer where Rule: AveragingRule {
  /// The average of the parameters: for evaluation. Before the first step it is θ₀.
  public var averagedParameters: ParameterVector<Rule.Scalar> {
    state.vector(slot: Rule.slots.firstIndex(of: Rule.averageSlot)!, layout: layout)
  }
}

/// Why a slot of an optimizer's state is refused.
public enum SlotError: Error, Hashable, CustomStringConvertible {
  case unknownSlot(String, rule: String, slots: [String])
  case mismatch(slot: String, String)

  public var description: String {
    switch self {
    case .unknownSlot(let name, let rule, let slots):
      "\(rule) has no slot '\(name)'; it has: \(slots.isEmpty ? "none" : slots.joined(separator: ", "))"
    case .mismatch(let slot, let difference): "slot '\(slot)' has another layout: \(difference)"
    }
  }
}
