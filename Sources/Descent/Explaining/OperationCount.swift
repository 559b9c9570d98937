/// How many operations of a kind a step does for an element. What is the same for all elements is computed once a step, and
/// not counted.
public struct OperationCount: Hashable, Sendable {
  /// Kinds of operations that take about as long.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case sum = "addition or subtraction"
    case product = "multiplication"
    case quotient = "division"
    case root = "square root"
    case comparison = "comparison or selection"
    case function = "other function"
  }

  public let kind: Kind
  public let count: Int

  /// In words: `2 multiplications`.
  public var text: String {
    let words = kind.rawValue.split(separator: " ").map {
      $0 == "or" ? "or" : $0 == "other" || $0 == "square" ? "\($0)" : "\($0)s"
    }
    return "\(count) " + (count == 1 ? kind.rawValue : words.joined(separator: " "))
  }
}

extension UpdateGraph {
  /// The operations for an element, by kind; kinds that do not occur are left out.
  public var operationCounts: [OperationCount] {
    OperationCount.Kind.allCases.compactMap { kind in
      let count = nodes.indices.filter { !isUniform[$0] && nodes[$0].kind == kind }.count
      return count == 0 ? nil : OperationCount(kind: kind, count: count)
    }
  }

  /// All operations for an element.
  public var operationCount: Int { operationCounts.reduce(0) { $0 + $1.count } }

  /// The slots that a step reads, and those that it writes.
  var slotTraffic: (reads: Int, writes: Int) {
    let writes = state.indices.filter { nodes[state[$0]] != .state($0) }.count
    let reads = Set(nodes.compactMap { if case .state(let slot) = $0 { slot } else { nil } }).filter { slot in
      // A slot that only stays as it is need not be read.
      nodes.contains { $0.operands.contains { nodes[$0] == .state(slot) } }
        || state.indices.contains { $0 != slot && nodes[state[$0]] == .state(slot) }
        || nodes[parameter] == .state(slot)
    }
    return (reads.count, writes)
  }
}

extension UpdateGraph.Node {
  /// What it counts as; nil for inputs and constants.
  fileprivate var kind: OperationCount.Kind? {
    switch self {
    case .parameter, .gradient, .state, .coefficient, .constant: nil
    case .unary(let operation, _):
      switch operation {
      case .negate: .sum
      case .squareRoot: .root
      case .magnitude, .sign: .comparison
      case .exponential, .logarithm, .cubeRoot, .sigmoid: .function
      }
    case .binary(let operation, _, _):
      switch operation {
      case .add, .subtract: .sum
      case .multiply: .product
      case .divide, .quotientOrZero: .quotient
      case .maximum, .minimum, .atMost, .atLeast: .comparison
      }
    case .select: .comparison
    case .power, .fusedMultiplyAdd: .function
    }
  }
}
