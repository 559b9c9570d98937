/// Finds operations of a graph that are done in one loop: each intermediate number that only one operation uses then stays
/// in a register. The operations and their order are the same, so the bits are, too.
struct LoopFusion {
  private let graph: UpdateGraph
  private let largest: Double
  /// The loop whose result each node is; nil for inputs, uniform numbers, and nodes within a loop.
  private(set) var steps: [BlockProgramBuilder.Step?]
  private var useCount: [Int]

  init(_ graph: UpdateGraph, largest: Double) {
    self.graph = graph
    self.largest = largest
    useCount = Array(repeating: 0, count: graph.nodes.count)
    for result in graph.state + [graph.parameter] { useCount[result] += 1 }
    steps = graph.nodes.indices.map { i in
      let node = graph.nodes[i]
      guard !graph.isUniform[i], node.isOperation else { return nil }
      return BlockProgramBuilder.Step(node)
    }
    for step in steps { for operand in step?.operands ?? [] { useCount[operand] += 1 } }
    // Small groups first: larger ones are made of them.
    for i in steps.indices {
      fuse(i)
      fuse(i)
    }
  }

  /// The step of an operand, if it is of the given kind and nothing else uses it.
  private func only(_ node: Int, _ operation: BlockOperation, uses: Int = 1) -> [Int]? {
    guard useCount[node] == uses, let step = steps[node], step.operation == operation else { return nil }
    return step.operands
  }

  private mutating func replace(_ i: Int, _ operation: BlockOperation, _ operands: [Int], without inner: Int...) {
    steps[i] = BlockProgramBuilder.Step(operation: operation, operands: operands)
    for node in inner { steps[node] = nil }
  }

  private func isLargest(_ node: Int, sign: Double) -> Bool {
    guard case .constant(let bits) = graph.nodes[node] else { return false }
    return Double(bitPattern: bits) == sign * largest
  }

  private mutating func fuse(_ i: Int) {
    guard let step = steps[i] else { return }
    let o = step.operands
    switch step.operation {
    case .subtract:
      if let inner = only(o[1], .subtract, uses: 1), inner == [o[0], o[0]] {
        replace(i, .infinityAsNaN, [o[0]], without: o[1])
      } else if let product = only(o[1], .multiply) {
        replace(i, .minusTimes, [o[0]] + product, without: o[1])
      }
    case .add:
      if let rest = only(o[0], .minusTimes), rest[0] == rest[2], graph.isUniform[rest[1]],
        let product = only(o[1], .multiply), product[0] == rest[1]
      {
        replace(i, .decay, [rest[0], rest[1], product[1]], without: o[0], o[1])
      } else if let rest = only(o[0], .minusTimes), rest[0] == rest[2], graph.isUniform[rest[1]],
        let square = only(o[1], .multiply), let product = only(square[0], .multiply), product[0] == rest[1],
        product[1] == square[1]
      {
        replace(i, .decayTowardSquare, [rest[0], rest[1], product[1]], without: o[0], o[1], square[0])
      } else if let root = only(o[0], .squareRoot) {
        if let sum = only(root[0], .add) {
          replace(i, .rootOfSumPlus, sum + [o[1]], without: o[0], root[0])
        } else {
          replace(i, .rootPlus, [root[0], o[1]], without: o[0])
        }
      } else if let product = only(o[1], .multiply) {
        replace(i, .plusTimes, [o[0]] + product, without: o[1])
      } else if let product = only(o[0], .multiply) {
        replace(i, .timesPlus, product + [o[1]], without: o[0])
      }
    case .atMost:
      if let inner = only(o[0], .atLeast) {
        replace(i, .clamp, [inner[0], inner[1], o[1]], without: o[0])
      } else if isLargest(o[1], sign: 1), let inner = only(o[0], .decayTowardSquare) {
        replace(i, .finiteDecayTowardSquare, inner, without: o[0])
      }
    case .clamp:
      let isFinite = isLargest(o[1], sign: -1) && isLargest(o[2], sign: 1)
      if isFinite, let inner = only(o[0], .decay) {
        replace(i, .finiteDecay, inner, without: o[0])
      } else if isFinite, let inner = only(o[0], .subtract) {
        replace(i, .finiteDifference, inner, without: o[0])
      } else if let inner = only(o[0], .infinityAsNaN) {
        replace(i, .clampFinite, [inner[0], o[1], o[2]], without: o[0])
      }
    case .quotientOrZero:
      if let product = only(o[0], .multiply) { replace(i, .timesQuotient, product + [o[1]], without: o[0]) }
    default: break
    }
  }
}
