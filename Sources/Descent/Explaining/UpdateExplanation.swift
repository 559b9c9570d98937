/// What an element-wise rule does in a step, in words: the equations as the code has them, the coefficients with their
/// formulas, the state, the memory traffic and the operations.
///
/// ```swift
/// let formulas = try CoefficientFormulas(of: Adam<Traced<Double>>())
/// print(try UpdateExplanation(of: Adam<Traced<Float>>(), formulas: formulas).text())
/// ```
public struct UpdateExplanation: Sendable {
  /// The steps that one graph describes.
  public struct Phase: Sendable {
    /// In words: `in every step`, `from step 2 on`.
    public let steps: String
    /// The equations, in an order in which they can be computed.
    public let equations: [String]
    /// The operations of the equations for an element.
    public let operations: [OperationCount]
    /// What the pass does besides, for an element: it keeps infinite numbers out of the rule and out of θ.
    public let passOperations: Int
    /// Bytes that a step reads and writes for a parameter.
    public let bytesRead, bytesWritten: Int
    let graph: UpdateGraph
    let legend: [String]
  }

  /// A scalar of a step.
  public struct Coefficient: Hashable, Sendable {
    public let name: String
    /// Its formula, if one was found.
    public let formula: String?
    /// Its value at the step asked for, in words.
    public let value: String
    let isNumber: Bool
    let isOtherAtFirst: Bool
  }

  /// The rule's name.
  public let name: String
  /// One, or one for each choice that steps differ in.
  public let phases: [Phase]
  public let coefficients: [Coefficient]
  /// The letters in the formulas.
  public let letters: [CoefficientFormulas.Letter]
  /// The names of the slots of the state: `adam/m`.
  public let slots: [String]
  /// Bytes of state for a parameter.
  public let stateBytes: Int
  /// The step at which the coefficients have their values here.
  public let step: Int

  /// The steps that are looked at for choices.
  private static let steps = 1...60

  /// - Parameters:
  ///   - rule: The rule over traced scalars of the precision to explain.
  ///   - formulas: The coefficients' formulas.
  ///   - t: The step whose coefficients are shown.
  /// - Throws: ``RuleError/cannotBeTraced(rule:reason:)``.
  public init<Rule: ElementRule, Base: LaneScalar>(
    of rule: Rule, formulas: CoefficientFormulas, at t: Int = 1
  ) throws(RuleError) where Rule.Scalar == Traced<Base> {
    let fields = try CoefficientFields<Base>(of: rule.coefficients(at: 1), rule: Rule.name)
    var groups: [(trace: RuleTrace<Base>, steps: [Int])] = []
    for step in Set(Self.steps).union([t]).sorted() {
      let trace = try RuleTrace(of: rule, at: step)
      if let i = groups.firstIndex(where: { $0.trace.graph == trace.graph }) {
        groups[i].steps.append(step)
      } else {
        groups.append((trace, [step]))
      }
    }
    let shown = try RuleTrace(of: rule, at: t)
    let names = shown.slots.map { String($0.split(separator: "/").last ?? "") }
    let isOnly = groups.count == 1
    phases = try groups.map { group throws(RuleError) in
      let step = group.steps[0]
      let pass = try RuleTrace(of: rule, rule.coefficients(at: step), fields, part: .pass(isScaled: false))
      let text = EquationText(
        group.trace.graph, slots: names, coefficients: group.trace.coefficients.map(\.name),
        largest: Double(Base.greatestFiniteMagnitude))
      let traffic = pass.graph.slotTraffic
      let size = MemoryLayout<Base>.size
      return Phase(
        steps: isOnly ? "in every step" : Self.words(group.steps), equations: text.lines,
        operations: group.trace.graph.operationCounts,
        passOperations: pass.graph.operationCount - group.trace.graph.operationCount,
        bytesRead: size * (2 + traffic.reads), bytesWritten: size * (1 + traffic.writes), graph: group.trace.graph,
        legend: text.legend)
    }
    let used = Set(
      groups.flatMap { group in
        group.trace.graph.nodes.compactMap { node in
          if case .coefficient(let k) = node { group.trace.coefficients[k].name } else { nil }
        }
      })
    coefficients = shown.coefficients.filter { used.contains($0.name) }.map { coefficient in
      let found = formulas.formulas[coefficient.name]
      return Coefficient(
        name: coefficient.name, formula: found?.text, value: numberText(Double(coefficient.value)),
        isNumber: found?.isNumber ?? false, isOtherAtFirst: found?.isOtherAtFirst ?? false)
    }
    letters = formulas.letters
    name = Rule.name
    slots = shown.slots
    stateBytes = MemoryLayout<Base>.size * shown.slots.count
    step = t
  }

  /// Steps in words: those that were looked at stand for all.
  private static func words(_ numbers: [Int]) -> String {
    let last = steps.upperBound
    guard let first = numbers.first, numbers.count > 1 else { return "in step \(numbers.first ?? 1)" }
    if numbers == Array(first...numbers.last!) {
      return numbers.last! >= last ? "from step \(first) on" : "in steps \(first) to \(numbers.last!)"
    }
    if first > 1, numbers.allSatisfy({ $0.isMultiple(of: first) }) { return "every \(first) steps" }
    return "in the other steps"
  }
}
