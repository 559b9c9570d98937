/// The operations of a graph as equations. θ, g and the slots of the state are the numbers before the step; with a prime,
/// those after it.
struct EquationText {
  private let graph: UpdateGraph
  private let slots: [String]
  private let coefficients: [String]
  private let largest: Double
  private var names: [Int: String] = [:]
  /// One equation each, in the order in which they can be computed.
  private(set) var lines: [String] = []
  /// What functions of the equations mean.
  private(set) var legend: [String] = []
  private var isUsed: Set<String> = []

  /// - Parameters:
  ///   - graph: The operations.
  ///   - slots: The names of the state's slots, without the rule's.
  ///   - coefficients: The names of the coefficients.
  ///   - largest: The largest finite number of the scalar.
  init(_ graph: UpdateGraph, slots: [String], coefficients: [String], largest: Double) {
    self.graph = graph
    self.slots = slots
    self.coefficients = coefficients
    self.largest = largest
    write()
  }

  private mutating func write() {
    var useCount = Array(repeating: 0, count: graph.nodes.count)
    for node in graph.nodes { for operand in node.operands { useCount[operand] += 1 } }
    var results: [Int: [String]] = [:]
    for (slot, node) in graph.state.enumerated() { results[node, default: []].append(slots[slot] + "′") }
    results[graph.parameter, default: []].append("θ′")
    var gradients = 0
    var others = 0
    for (i, node) in graph.nodes.enumerated() {
      let isVarying = node.isOperation && !graph.isUniform[i]
      let isGradient = isVarying && graph.nodes[i].isClamp(in: graph, of: .gradient)
      if isGradient {
        gradients += 1
        names[i] = "g" + subscripted(gradients)
        lines.append("\(names[i]!) = \(definition(i))")
      } else if isVarying, useCount[i] > 1, results[i] == nil {
        others += 1
        names[i] = "x" + subscripted(others)
        lines.append("\(names[i]!) = \(definition(i))")
      }
      for result in results[i] ?? [] {
        lines.append("\(result) = \(names[i] ?? definition(i))")
        if isVarying, names[i] == nil { names[i] = result }
      }
    }
    let meanings = [
      ("clip", "clip(x, ±c): x, at least −c and at most c"), ("finite", "finite(x): the nearest finite number"),
      ("largest", "largest: the largest finite number"), ("/₀", "x /₀ y: x / y, and 0 where y is 0"),
      ("sign", "sign(x): −1, 0 or 1"), ("σ", "σ(x): 1 / (1 + e⁻ˣ)"),
      ("where", "x where z > 0 else y: one of two numbers"),
    ]
    legend = meanings.filter { isUsed.contains($0.0) }.map(\.1)
  }

  /// How tightly an expression holds together.
  private enum Strength: Int, Comparable {
    case choice, sum, product, factor
    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// Node `i`, by its name if it has one.
  private mutating func text(_ i: Int, atLeast strength: Strength = .choice) -> String {
    if let name = names[i] { return name }
    let (text, own) = expression(i)
    return own < strength ? "(\(text))" : text
  }

  private mutating func definition(_ i: Int) -> String { expression(i).0 }

  private mutating func expression(_ i: Int) -> (String, Strength) {
    switch graph.nodes[i] {
    case .parameter: ("θ", .factor)
    case .gradient: ("g", .factor)
    case .state(let slot): (slots[slot], .factor)
    case .coefficient(let k): (k < coefficients.count ? coefficients[k] : "scale", .factor)
    case .constant(let bits): constant(Double(bitPattern: bits))
    case .unary(let operation, let x): unary(operation, x)
    case .binary(let operation, let x, let y): binary(operation, x, y)
    case .select(let x, let y, let z): choice(x, y, z)
    case .power(let x, let p): ("\(text(x, atLeast: .factor))^\(p < 0 ? "(−\(-p))" : "\(p)")", .factor)
    case .fusedMultiplyAdd(let x, let y, let z): ("fma(\(text(x)), \(text(y)), \(text(z)))", .factor)
    }
  }

  private mutating func constant(_ value: Double) -> (String, Strength) {
    if value.magnitude == largest {
      isUsed.insert("largest")
      return value < 0 ? ("−largest", .sum) : ("largest", .factor)
    }
    if 2 * value == largest { isUsed.insert("largest"); return ("largest / 2", .product) }
    let digits = value == value.rounded() && value.magnitude < 1e9 ? "\(Int(value))" : "\(value)"
    return value < 0 ? ("−" + digits.dropFirst(), .sum) : (digits, .factor)
  }

  private mutating func choice(_ x: Int, _ y: Int, _ z: Int) -> (String, Strength) {
    isUsed.insert("where")
    return (
      "\(text(x, atLeast: .sum)) where \(text(z, atLeast: .sum)) > 0 else \(text(y, atLeast: .sum))", .choice
    )
  }

  private mutating func unary(_ operation: UpdateGraph.Unary, _ x: Int) -> (String, Strength) {
    switch operation {
    case .negate: return ("−\(text(x, atLeast: .product))", .sum)
    case .magnitude: return ("|\(text(x))|", .factor)
    case .squareRoot: return ("√\(text(x, atLeast: .factor))", .factor)
    case .cubeRoot: return ("∛\(text(x, atLeast: .factor))", .factor)
    case .sign:
      isUsed.insert("sign")
      return ("sign(\(text(x)))", .factor)
    case .exponential: return ("exp(\(text(x)))", .factor)
    case .logarithm: return ("log(\(text(x)))", .factor)
    case .sigmoid:
      isUsed.insert("σ")
      return ("σ(\(text(x)))", .factor)
    }
  }

  private mutating func binary(_ operation: UpdateGraph.Binary, _ x: Int, _ y: Int) -> (String, Strength) {
    switch operation {
    case .add: return ("\(text(x, atLeast: .sum)) + \(text(y, atLeast: .product))", .sum)
    case .subtract: return ("\(text(x, atLeast: .sum)) − \(text(y, atLeast: .product))", .sum)
    case .multiply: return ("\(text(x, atLeast: .product))·\(text(y, atLeast: .factor))", .product)
    case .divide: return ("\(text(x, atLeast: .factor)) / \(text(y, atLeast: .factor))", .product)
    case .quotientOrZero:
      isUsed.insert("/₀")
      return ("\(text(x, atLeast: .factor)) /₀ \(text(y, atLeast: .factor))", .product)
    case .maximum, .atLeast: return ("max(\(text(x)), \(text(y)))", .factor)
    case .minimum: return ("min(\(text(x)), \(text(y)))", .factor)
    case .atMost:
      guard names[x] == nil, case .binary(.atLeast, let inner, let least) = graph.nodes[x],
        isNegative(least, of: y)
      else { return ("min(\(text(x)), \(text(y)))", .factor) }
      if case .constant(let bits) = graph.nodes[y], Double(bitPattern: bits) == largest {
        isUsed.insert("finite")
        return ("finite(\(text(inner)))", .factor)
      }
      isUsed.insert("clip")
      return ("clip(\(text(inner)), ±\(text(y, atLeast: .product)))", .factor)
    }
  }

  /// Whether node x is −y.
  private func isNegative(_ x: Int, of y: Int) -> Bool {
    switch (graph.nodes[x], graph.nodes[y]) {
    case (.unary(.negate, let z), _): z == y
    case (.constant(let a), .constant(let b)): Double(bitPattern: a) == -Double(bitPattern: b)
    default: false
    }
  }
}

extension UpdateGraph.Node {
  /// Whether it limits an input from both sides.
  fileprivate func isClamp(in graph: UpdateGraph, of input: Self) -> Bool {
    guard case .binary(.atMost, let x, _) = self, case .binary(.atLeast, let inner, _) = graph.nodes[x] else {
      return false
    }
    return graph.nodes[inner] == input
  }
}
