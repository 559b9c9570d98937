/// One step of an element-wise rule, read: the graph of its operations, and the coefficients that go into it.
///
/// ```swift
/// let trace = try RuleTrace(of: Adam<Traced<Float>>(), at: 1)
/// print(trace.graph.nodes.count, trace.coefficients)
/// ```
///
/// The graph holds for every step whose choices (flags, exponents, and comparisons of coefficients) are the same.
public struct RuleTrace<Base: LaneScalar>: Sendable {
  /// The operations.
  public let graph: UpdateGraph
  /// The names of the slots of the state, in order: `adam/m`.
  public let slots: [String]
  /// The coefficients, in the order in which the graph numbers them, with their values at the traced step.
  public let coefficients: [Coefficient]
  /// The coefficients that choose a graph, with their values.
  public let choices: [Choice]

  /// A scalar of a step.
  public struct Coefficient: Hashable, Sendable {
    /// The property of the rule's coefficients.
    public let name: String
    public let value: Base
  }

  /// A flag or an exponent of a step.
  public struct Choice: Hashable, Sendable {
    /// The property of the rule's coefficients.
    public let name: String
    public let value: String
  }

  let values: CoefficientFields<Base>.Values
  let conditions: [Recorder.Condition]

  /// Which part of a step is traced.
  enum Part: Hashable, Sendable {
    /// The rule's update alone.
    case update
    /// All that the pass over the vector does for an element; with a factor of the gradient, if `isScaled`. The factor
    /// is the coefficient after the rule's own.
    case pass(isScaled: Bool)
  }

  /// The rule's update at step t.
  ///
  /// - Parameters:
  ///   - rule: A rule, or a composition of rules, over `Traced` scalars.
  ///   - t: The step, 1 or more: it decides the values of the coefficients.
  /// - Throws: ``RuleError/cannotBeTraced(rule:reason:)`` if the rule does what no graph of operations can express.
  public init<Rule: ElementRule>(of rule: Rule, at t: Int) throws(RuleError) where Rule.Scalar == Traced<Base> {
    let coefficients = rule.coefficients(at: t)
    try self.init(
      of: rule, coefficients, CoefficientFields(of: coefficients, rule: Rule.name), part: .update)
  }

  init<Rule: ElementRule>(
    of rule: Rule, _ coefficients: Rule.Coefficients, _ fields: CoefficientFields<Base>, part: Part
  ) throws(RuleError) where Rule.Scalar == Traced<Base> {
    try Rule.checkState()
    let recorder = Recorder()
    let (parameter, state) = Recorder.$current.withValue(recorder) {
      let c = fields.asInputs(coefficients, of: recorder)
      var θ = TracedLane<Base>.input(.parameter, recorder)
      let g = TracedLane<Base>.input(.gradient, recorder)
      var state = Rule.state((0..<Rule.slotCount).map { TracedLane<Base>.input(.state($0), recorder) })
      switch part {
      case .update: rule.update(&θ, gradient: g, state: &state, c)
      case .pass(isScaled: false): rule.step(&θ, gradient: g, state: &state, c)
      case .pass(isScaled: true):
        let count = fields.names(of: .scalar).count
        let scale = Traced<Base>(value: 1, node: recorder.add(.coefficient(count)))
        rule.step(&θ, gradient: scale * g, state: &state, c)
      }
      return (θ.x.node(in: recorder), Rule.lanes(of: state).map { $0.x.node(in: recorder) })
    }
    let recorded = recorder.recorded
    if let obstacle = recorded.obstacle { throw .cannotBeTraced(rule: Rule.name, reason: "it \(obstacle)") }
    graph = UpdateGraph(recorded.nodes, parameter: parameter, state: state)
    conditions = recorded.conditions
    values = fields.values(of: coefficients)
    slots = Rule.slots
    self.coefficients = zip(fields.names(of: .scalar), values.scalars).map { Coefficient(name: $0, value: $1) }
    choices =
      zip(fields.names(of: .flag), values.flags).map { Choice(name: $0, value: "\($1)") }
      + zip(fields.names(of: .number), values.numbers).map { Choice(name: $0, value: "\($1)") }
  }

  /// The state before the first step as a graph of θ.
  static func initialState<Rule: ElementRule>(
    of rule: Rule
  ) throws(RuleError) -> UpdateGraph where Rule.Scalar == Traced<Base> {
    try Rule.checkState()
    let recorder = Recorder()
    let (parameter, state) = Recorder.$current.withValue(recorder) {
      let θ = TracedLane<Base>.input(.parameter, recorder)
      let state = Rule.lanes(of: rule.initialState(for: θ))
      return (θ.x.node(in: recorder), state.map { $0.x.node(in: recorder) })
    }
    let recorded = recorder.recorded
    if let obstacle = recorded.obstacle {
      throw .cannotBeTraced(rule: Rule.name, reason: "its initial state \(obstacle)")
    }
    return UpdateGraph(recorded.nodes, parameter: parameter, state: state)
  }

  /// Whether the graph is that of a step with other coefficients.
  func holds(for other: CoefficientFields<Base>.Values) -> Bool {
    guard values.flags == other.flags, values.numbers == other.numbers else { return false }
    func value(_ node: UpdateGraph.Node) -> Base {
      switch node {
      case .coefficient(let k) where k < other.scalars.count: other.scalars[k]
      case .constant(let bits): Base(Double(bitPattern: bits))
      default: .nan
      }
    }
    return conditions.allSatisfy { condition in
      let (x, y) = (value(condition.x), value(condition.y))
      return switch condition.relation {
      case .equal: (x == y) == condition.outcome
      case .less: (x < y) == condition.outcome
      case .lessOrEqual: (x <= y) == condition.outcome
      }
    }
  }
}

extension TracedLane {
  fileprivate static func input(_ node: UpdateGraph.Node, _ recorder: Recorder) -> Self {
    Self(Traced(value: .nan, node: recorder.add(node)))
  }
}

extension ElementRule {
  static var slotCount: Int { MemoryLayout<State>.size / MemoryLayout<Lane>.stride }

  /// A state of the given lanes, one for each slot.
  static func state(_ lanes: [Lane]) -> State {
    var state = zeroState
    withUnsafeMutableBytes(of: &state) { bytes in
      for (i, lane) in lanes.enumerated() {
        bytes.storeBytes(of: lane, toByteOffset: i * MemoryLayout<Lane>.stride, as: Lane.self)
      }
    }
    return state
  }

  /// The lanes of a state, one for each slot.
  static func lanes(of state: State) -> [Lane] {
    withUnsafeBytes(of: state) { bytes in
      (0..<slotCount).map { bytes.load(fromByteOffset: $0 * MemoryLayout<Lane>.stride, as: Lane.self) }
    }
  }
}
