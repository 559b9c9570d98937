extension Optimizer {
  /// The names of the slots of the state: of its parts that are vectors like θ.
  public var slots: [String] { state.slots }

  /// A slot of the state as a vector of its own, for example `adam/m`.
  /// - Throws: ``SlotError`` if the rule has no such slot.
  public func slot(_ name: String) throws(SlotError) -> ParameterVector<Rule.Scalar> {
    guard let slot = state.slot(name) else {
      throw .unknown(UnknownName(name, kind: "slot", of: Rule.name, known: slots))
    }
    return slot
  }

  /// Replaces a slot of the state.
  /// - Throws: ``SlotError`` if the rule has no such slot or the vector's layout differs.
  public mutating func assign(_ vector: ParameterVector<Rule.Scalar>, toSlot name: String) throws(SlotError) {
    guard slots.contains(name) else { throw .unknown(UnknownName(name, kind: "slot", of: Rule.name, known: slots)) }
    if let difference = layout.difference(from: vector.layout) { throw .mismatch(slot: name, difference) }
    state.assign(vector, toSlot: name)
    if name == Rule.curvatureSlot { lacksCurvature = false }
  }

  /// The average of the parameters, for evaluation, if the method keeps one.
  public var average: ParameterVector<Rule.Scalar>? {
    (Rule.self as? any AveragingRule.Type).flatMap { state.slot($0.averageSlot) }
  }
}

extension Optimizer where Rule: AveragingRule {
  /// The average of the parameters: for evaluation. Before the first step it is θ₀.
  public var averagedParameters: ParameterVector<Rule.Scalar> { state.slot(Rule.averageSlot)! }
}

/// Why a slot of an optimizer's state is refused.
public enum SlotError: Error, Hashable, CustomStringConvertible {
  /// A slot that the method does not have.
  case unknown(UnknownName)
  case mismatch(slot: String, String)

  public var description: String {
    switch self {
    case .unknown(let name): "\(name)"
    case .mismatch(let slot, let difference): "slot '\(slot)' has another layout: \(difference)"
    }
  }
}
