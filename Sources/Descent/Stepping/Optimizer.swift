/// Steps the parameters of one layout with a method: the method's state, its step count, its groups and the transforms
/// of the gradient.
///
/// ```swift
/// var optimizer = try Optimizer(Adam().averaged(0.999), for: θ)
/// optimizer.transforms = [ClipByGlobalNorm(1)]
/// try optimizer.group("*.bias") { $0.learningRate = 1e-4 }
/// for t in 1...1000 {
///   try optimizer.step(&θ, on: objective)   // or: gradient: g
/// }
/// ```
///
/// The same type steps by element-wise rules (`Adam()`), by rules that see a parameter's shape (`Muon()`) and by rules
/// that see all parameters at once (`Prodigy()`), and by rules that ask their objective for more than a gradient
/// (`STORM()`).
///
/// A value type: a copy is a snapshot. The same steps give the same bits, whatever the number of threads.
public struct Optimizer<Rule: SteppingRule>: Sendable where Rule.Scalar: LaneScalar {
  public typealias Scalar = Rule.Scalar

  /// The rule of all parameters that belong to no group; its options may be changed between steps.
  public var rule: Rule { didSet { isRuleChecked = false } }
  /// Groups with options of their own; a parameter belongs to the last one that matches its name.
  public private(set) var groups: [ParameterGroup<Rule>] = []
  /// Applied to the whole gradient before a step, in order.
  public var transforms: [any GradientTransform<Rule.Scalar>] = []
  /// Steps made so far: t of the last step.
  public internal(set) var stepCount = 0
  /// Those with whom every step speaks; nil for an optimizer alone.
  public var exchange: (any Exchange<Rule.Scalar>)?
  /// Whether a step asks for the gradient block by block and steps each block as soon as its gradient is known: the same
  /// bits, without the memory of a gradient. For element-wise rules without transforms.
  public var stepsByBlock = false
  /// Whether each gradient is taken at the worst point near θ (SAM), and which; nil for gradients at θ. A step then asks
  /// the same batch at another point, alone, and not block by block.
  public var sharpness: SharpnessAware?
  /// Threads that share a step; an element-wise rule uses one below 100,000 parameters, because it is faster.
  public var threads: Int

  /// The layout of the parameters that are stepped.
  public let layout: ParameterLayout
  var state: any RuleState<Rule>
  /// Memory for a gradient, kept from step to step.
  private var memory: ParameterVector<Rule.Scalar>?
  /// Whether ``rule`` is unchanged since it was last checked.
  private var isRuleChecked = true
  /// Whether the rule divides by a curvature that was not given yet.
  var lacksCurvature = Rule.curvatureSlot != nil
  /// Whether the rule divides by a curvature.
  private let dividesByCurvature = Rule.curvatureSlot != nil
  private(set) var assignment: RuleAssignment

  /// An optimizer whose rule is checked, with the state before step 1.
  private init(
    checked rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int,
    state: (RuleAssignment) -> any RuleState<Rule>
  ) {
    self.rule = rule
    self.threads = max(1, threads)
    layout = θ.layout
    assignment = RuleAssignment(of: groups, to: θ.layout, laneWidth: Scalar.laneWidth)
    self.state = state(assignment)
  }

  /// One step on an objective, t ← t + 1. The rule asks it for what it needs: the gradient at θ, and perhaps more.
  ///
  /// - Parameters:
  ///   - θ: The parameters; changed in place if nothing else refers to their storage.
  ///   - objective: The loss on a batch, or f itself.
  /// - Returns: The objective's value before the step, what the transforms found, and whether θ was stepped.
  /// - Throws: ``LayoutError`` if a layout is not the optimizer's, ``ObjectiveError`` if the objective cannot give what
  ///   the rule needs, or a transform does not suit a rule that asks more than once, ``BlockStepError`` if ``stepsByBlock`` is set and cannot be, ``RuleError`` if an option that was
  ///   changed is out of its range or the rule's curvature is not known, or what the objective, a transform or the
  ///   exchange throws. θ and the state are then unchanged, except that blocks that were stepped stay so.
  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Rule.Scalar>, on objective: some Objective<Rule.Scalar>
  ) throws -> StepReport {
    try step(&θ, on: objective, then: nil)
  }

  /// The step; calls `finish` for lanes that were just stepped, while they are in cache.
  mutating func step(
    _ θ: inout ParameterVector<Rule.Scalar>, on objective: some Objective<Rule.Scalar>,
    then finish: StepFinish<Rule.Scalar>?
  ) throws -> StepReport {
    try check(θ.layout)
    if stepsByBlock, let obstacleToBlocks { throw obstacleToBlocks }
    if let sharpness {
      try sharpness.validate()
      if exchange != nil { throw ObjectiveError.exchangesSharpness(method: name) }
    }
    try check(objective)
    let givesCurvature = dividesByCurvature && objective.capabilities.contains(.curvatureDiagonal)
    if lacksCurvature, !givesCurvature, let slot = Rule.curvatureSlot {
      throw RuleError.needsCurvature(rule: Rule.name, slot: slot)
    }
    try checkRule()
    // A closure: a key path is made anew in every step, which takes longer than all else here.
    if !transforms.isEmpty, rule.needs.contains(.otherPoints),
      let transform = transforms.first(where: { $0.countsBatches })
    {
      throw ObjectiveError.countsBatches(transform: transform.name, method: name)
    }
    if exchange != nil, givesCurvature || !rule.needs.isDisjoint(with: ObjectiveCapability.curvature) {
      throw ObjectiveError.exchangesCurvature(method: name)
    }
    var step = nextStep
    step.finish = finish
    step.asksForCurvature = givesCurvature
    if stepsByBlock { return try stepByBlock(step, &θ, on: objective) }
    var asked = StepObjective(
      objective, layout: layout, message: Rule.message, transforms: transforms, exchange: exchange,
      sharpness: sharpness, memory: memory)
    (transforms, exchange, memory) = ([], nil, nil)
    defer {
      (transforms, exchange) = (asked.transforms, asked.exchange)
      if !asked.isGiven { memory = asked.memory }
    }
    do {
      try state.step(step, &θ, on: &asked)
      made(step)
    } catch is SkippedStep {}
    return asked.report
  }

  /// One step by a gradient: θ ← θ − Δ(g), t ← t + 1. The form for rules that ask for a gradient alone.
  ///
  /// - Parameters:
  ///   - θ: The parameters; changed in place if nothing else refers to their storage.
  ///   - gradient: The gradient at θ.
  /// - Returns: What the transforms found, and whether θ was stepped.
  /// - Throws: As ``step(_:on:)``.
  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Rule.Scalar>, gradient: ParameterVector<Rule.Scalar>
  ) throws -> StepReport {
    try check(gradient.layout)
    return try step(&θ, on: GivenGradient(gradient))
  }

  private var nextStep: RuleStep<Rule> {
    RuleStep(t: stepCount + 1, rules: rules, assignment: assignment, threads: threads)
  }

  /// Notes that a step was made.
  mutating func made(_ step: RuleStep<Rule>) {
    stepCount = step.t
    if step.asksForCurvature { lacksCurvature = false }
  }

  /// Checks the rule if it was changed.
  private mutating func checkRule() throws(RuleError) {
    if isRuleChecked { return }
    try rule.validate()
    isRuleChecked = true
  }

  /// Gives the parameters whose names match `pattern` options of their own.
  ///
  /// A group keeps the rule's options as they are at this moment, with the change; later changes of ``rule`` do not
  /// reach it. In a composed rule the inner rule is `base`: `$0.base.weightDecay = 0` for
  /// `Adam().decayed(by: λ).averaged(β)`.
  ///
  /// - Parameters:
  ///   - pattern: A name, or a pattern in which `*` stands for any characters: `*.bias`.
  ///   - change: Changes the rule's options for the group.
  /// - Throws: ``GroupError`` if no parameter matches or the method steps all parameters as one, ``RuleError`` if an
  ///   option is out of its range.
  public mutating func group(_ pattern: String, _ change: (inout Rule) -> Void) throws {
    var rule = rule
    change(&rule)
    try rule.validate()
    try add(ParameterGroup(pattern: pattern, rule: rule, isFrozen: false))
  }

  /// Gives the parameters whose names match `pattern` options of their own, as text: `"*.bias", [("lr", "1e-4")]`.
  ///
  /// - Parameters:
  ///   - pattern: A name, or a pattern in which `*` stands for any characters.
  ///   - options: Names and values.
  ///   - steps: The run's number of steps, for schedules that do not give their own.
  /// - Throws: ``GroupError`` if no parameter matches or the method steps all parameters as one, ``RuleError``.
  public mutating func group(
    _ pattern: String, options: [(name: String, value: String)], steps: Int? = nil
  ) throws {
    try add(ParameterGroup(pattern: pattern, rule: try rule.with(options, steps: steps), isFrozen: false))
  }

  /// Keeps the parameters whose names match `pattern` at their values.
  /// - Throws: ``GroupError`` if no parameter matches or the method steps all parameters as one.
  public mutating func freeze(_ pattern: String) throws(GroupError) {
    try add(ParameterGroup(pattern: pattern, rule: rule, isFrozen: true))
  }

  /// Bytes of state for each parameter.
  public var stateBytesPerParameter: Double { state.byteCount / Double(max(1, layout.parameterCount)) }

  private mutating func add(_ group: ParameterGroup<Rule>) throws(GroupError) {
    guard type(of: state).hasGroups else { throw .wholeVector(rule: Rule.name) }
    try replaceGroups(groups + [group])
  }

  mutating func replaceGroups(_ groups: [ParameterGroup<Rule>]) throws(GroupError) {
    for group in groups where !layout.blocks.contains(where: { group.contains($0.name) }) {
      throw .noMatch(pattern: group.pattern, names: layout.blocks.map(\.name))
    }
    self.groups = groups
    assignment = RuleAssignment(of: groups, to: layout, laneWidth: Scalar.laneWidth)
  }

  /// The rules that the assignment numbers: the optimizer's, then the groups'.
  var rules: [Rule] { groups.isEmpty ? [rule] : [rule] + groups.map { $0.rule } }
}

extension Optimizer where Rule: PassRule {
  /// - Parameters:
  ///   - rule: The method, with its options.
  ///   - θ: The parameters before the first step.
  ///   - threads: At least 1; by default one for each core.
  /// - Throws: ``RuleError`` if an option is out of its range.
  @inlinable
  public init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int = processorCount
  ) throws(RuleError) {
    try self.init(rule, for: θ, threads: threads, pass: Rule.pass)
  }

  @usableFromInline
  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, pass: ElementPass<Rule>) throws(RuleError) {
    try rule.validate()
    try Rule.checkState()
    self.init(checked: rule, for: θ, threads: threads) { _ in ElementState(rule, for: θ, pass: pass) }
  }
}

extension Optimizer where Rule: TensorRule {
  /// - Parameters:
  ///   - rule: The method, with its options.
  ///   - θ: The parameters before the first step.
  ///   - threads: At least 1; by default one for each core.
  /// - Throws: ``RuleError`` if an option is out of its range, or the state does not fit into the memory.
  @inlinable
  public init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int = processorCount
  ) throws(RuleError) {
    try self.init(rule, for: θ, threads: threads, pass: TensorPass())
  }

  @usableFromInline
  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, pass: TensorPass<Rule>) throws(RuleError) {
    try rule.validate()
    try requireMemory(rule.stateByteCount(of: θ.layout), forStateOf: Rule.name)
    self.init(checked: rule, for: θ, threads: threads) { TensorState([rule], $0, for: θ, pass: pass) }
  }
}

extension Optimizer where Rule: ObjectiveRule {
  /// - Parameters:
  ///   - rule: The method, with its options.
  ///   - θ: The parameters before the first step.
  ///   - threads: At least 1; by default one for each core.
  /// - Throws: ``RuleError`` if an option is out of its range, or the state does not fit into the memory.
  @inlinable
  public init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int = processorCount
  ) throws(RuleError) {
    try self.init(rule, for: θ, threads: threads, pass: WholePass())
  }

  @usableFromInline
  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, pass: WholePass<Rule>) throws(RuleError) {
    try rule.validate()
    try requireMemory(rule.stateByteCount(of: θ.layout), forStateOf: Rule.name)
    self.init(checked: rule, for: θ, threads: threads) { _ in WholeState(rule, for: θ, pass: pass) }
  }
}
