/// The operations of one step of an element-wise rule, as a graph without cycles: what ``Traced`` wrote down.
///
/// Equal operations are one node, and what no result depends on is left out. The nodes are numbered in the order in
/// which the rule computes them, so an operand comes before its user, and the same rule always gives the same graph.
public struct UpdateGraph: Hashable, Sendable {
  /// A number of the step: an input, a constant, or the result of an operation on other nodes.
  public enum Node: Hashable, Sendable {
    /// θ before the step.
    case parameter
    /// The gradient.
    case gradient
    /// Slot number of the state before the step.
    case state(Int)
    /// Number of a coefficient: a scalar of step t, the same for all elements.
    case coefficient(Int)
    /// The bits of a `Double`, which holds the number exactly in either precision.
    case constant(bits: UInt64)
    case unary(Unary, Int)
    case binary(Binary, Int, Int)
    /// x where z > 0, y elsewhere.
    case select(Int, Int, wherePositive: Int)
    /// xᵖ for an exponent that is part of the graph.
    case power(Int, exponent: Double)
    /// x y + z, rounded once.
    case fusedMultiplyAdd(Int, Int, Int)
  }

  /// An operation on one number.
  public enum Unary: String, Hashable, Sendable, CaseIterable {
    case negate, magnitude, squareRoot, sign, exponential, logarithm, cubeRoot, sigmoid
  }

  /// An operation on two numbers, as `RuleScalar` defines it.
  public enum Binary: String, Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide, quotientOrZero, maximum, minimum, atMost, atLeast
  }

  /// The live nodes.
  public let nodes: [Node]
  /// The node that θ becomes.
  public let parameter: Int
  /// The node that each slot of the state becomes.
  public let state: [Int]
  /// For each node, whether it is the same for all elements: made of coefficients and constants alone.
  public let isUniform: [Bool]

  /// The part of `nodes` that the results depend on.
  init(_ nodes: [Node], parameter: Int, state: [Int]) {
    var isLive = Array(repeating: false, count: nodes.count)
    for result in state + [parameter] { isLive[result] = true }
    for i in nodes.indices.reversed() where isLive[i] {
      for operand in nodes[i].operands { isLive[operand] = true }
    }
    var place = Array(repeating: 0, count: nodes.count)
    var live: [Node] = []
    var isUniform: [Bool] = []
    for i in nodes.indices where isLive[i] {
      place[i] = live.count
      live.append(nodes[i].renumbered { place[$0] })
      isUniform.append(nodes[i].isUniform { isUniform[place[$0]] })
    }
    self.nodes = live
    self.isUniform = isUniform
    self.parameter = place[parameter]
    self.state = state.map { place[$0] }
  }
}

extension UpdateGraph.Node {
  /// The nodes that it is computed from.
  public var operands: [Int] {
    switch self {
    case .parameter, .gradient, .state, .coefficient, .constant: []
    case .unary(_, let x), .power(let x, _): [x]
    case .binary(_, let x, let y): [x, y]
    case .select(let x, let y, let z), .fusedMultiplyAdd(let x, let y, let z): [x, y, z]
    }
  }

  /// Whether it is an operation, and no input or constant.
  public var isOperation: Bool { !operands.isEmpty }

  /// A number that is known without the step's inputs.
  static func constant(_ value: Double) -> Self { .constant(bits: value.bitPattern) }

  /// Whether it is the same for all elements, if that is known of its operands.
  func isUniform(_ operandIsUniform: (Int) -> Bool) -> Bool {
    switch self {
    case .parameter, .gradient, .state: false
    case .coefficient, .constant: true
    default: operands.allSatisfy(operandIsUniform)
    }
  }

  fileprivate func renumbered(_ place: (Int) -> Int) -> Self {
    switch self {
    case .parameter, .gradient, .state, .coefficient, .constant: self
    case .unary(let operation, let x): .unary(operation, place(x))
    case .binary(let operation, let x, let y): .binary(operation, place(x), place(y))
    case .select(let x, let y, let z): .select(place(x), place(y), wherePositive: place(z))
    case .power(let x, let p): .power(place(x), exponent: p)
    case .fusedMultiplyAdd(let x, let y, let z): .fusedMultiplyAdd(place(x), place(y), place(z))
    }
  }
}
