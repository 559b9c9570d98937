/// Steps the parameters of one layout with a method: the method's state, its step count, its groups and the transforms
/// of the gradient.
///
/// ```swift
/// var optimizer = try Optimizer(Adam().averaged(0.999), for: θ)
/// optimizer.transforms = [ClipByGlobalNorm(1)]
/// try optimizer.group("*.bias") { $0.learningRate = 1e-4 }
/// for t in 1...1000 {
///   …                                       // gradient of the objective at θ into g
///   try optimizer.step(&θ, gradient: g)
/// }
/// ```
///
/// The same type steps by element-wise rules (`Adam()`), by rules that see a parameter's shape (`Muon()`) and by rules
/// that see all parameters at once (`Prodigy()`).
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
  /// Threads that share a step; an element-wise rule uses one below 100,000 parameters, because it is faster.
  public var threads: Int

  /// The layout of the parameters that are stepped.
  public let layout: ParameterLayout
  var state: any RuleState<Rule>
  /// Whether ``rule`` is unchanged since it was last checked.
  private var isRuleChecked = true
  /// Whether the rule divides by a curvature that was not given yet.
  var lacksCurvature = Rule.curvatureSlot != nil
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

  /// One step: θ ← θ − Δ(g), t ← t + 1.
  ///
  /// - Parameters:
  ///   - θ: The parameters; changed in place if nothing else refers to their storage.
  ///   - gradient: The gradient at θ.
  /// - Returns: What the transforms found, and whether θ was stepped.
  /// - Throws: ``LayoutError`` if a layout is not the optimizer's, ``RuleError`` if an option that was changed is out
  ///   of its range or the rule's curvature was never given, or a transform's error. θ and the state are then
  ///   unchanged.
  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Rule.Scalar>, gradient: ParameterVector<Rule.Scalar>
  ) throws -> StepReport {
    try step(&θ, gradient: gradient, then: nil)
  }

  /// The step; calls `finish` for lanes that were just stepped, while they are in cache.
  mutating func step(
    _ θ: inout ParameterVector<Rule.Scalar>, gradient: ParameterVector<Rule.Scalar>,
    then finish: StepFinish<Rule.Scalar>?
  ) throws -> StepReport {
    try check(θ.layout)
    try check(gradient.layout)
    try checkRule()
    var gradient = gradient
    let report = try transform(&gradient, at: θ)
    if report.isSkipped { return report }
    var step = nextStep
    step.gradientScale = report.gradientScale
    state.step(step, &θ, gradient: gradient, then: finish)
    stepCount += 1
    return report
  }

  public var obstacleToBlocks: BlockStepError? {
    guard type(of: state).stepsByBlock else { return .method(name) }
    return transforms.first.map { .transform("\(type(of: $0))".prefix { $0 != "<" }.description) }
  }

  /// One step in which `body` updates the blocks one by one: the same bits as ``step(_:gradient:)`` with the whole
  /// gradient.
  ///
  /// - Parameters:
  ///   - θ: The parameters; changed in place if nothing else refers to their storage.
  ///   - body: Computes the gradients and hands each to the step.
  /// - Throws: ``LayoutError`` if the layout is not the optimizer's, ``RuleError`` if an option that was changed is
  ///   out of its range or the rule's curvature was never given, ``BlockStepError`` if the rule is not element-wise or
  ///   there are transforms, or what `body` throws. Blocks that it had updated stay so; the others and ``stepCount``
  ///   are then unchanged.
  public mutating func stepByBlock(
    _ θ: inout ParameterVector<Rule.Scalar>, _ body: (BlockStep<Rule.Scalar>) throws -> Void
  ) throws {
    try check(θ.layout)
    if let obstacleToBlocks { throw obstacleToBlocks }
    try checkRule()
    try state.step(nextStep, &θ, byBlock: body)
    stepCount += 1
  }

  private var nextStep: RuleStep<Rule> {
    RuleStep(t: stepCount + 1, rules: rules, assignment: assignment, threads: threads)
  }

  /// Checks the rule if it was changed, and that the curvature that it divides by was given.
  private mutating func checkRule() throws(RuleError) {
    if lacksCurvature, let slot = Rule.curvatureSlot { throw .needsCurvature(rule: Rule.name, slot: slot) }
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

extension Optimizer where Rule: ElementwiseRule {
  /// - Parameters:
  ///   - rule: The method, with its options.
  ///   - θ: The parameters before the first step.
  ///   - threads: At least 1; by default one for each core.
  /// - Throws: ``RuleError`` if an option is out of its range.
  @inlinable
  public init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int = processorCount
  ) throws(RuleError) {
    try self.init(rule, for: θ, threads: threads, pass: Pass())
  }

  @usableFromInline
  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, pass: Pass<Rule>) throws(RuleError) {
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

extension Optimizer where Rule: VectorRule {
  /// - Parameters:
  ///   - rule: The method, with its options.
  ///   - θ: The parameters before the first step.
  ///   - threads: At least 1; by default one for each core.
  /// - Throws: ``RuleError`` if an option is out of its range, or the state does not fit into the memory.
  @inlinable
  public init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int = processorCount
  ) throws(RuleError) {
    try self.init(rule, for: θ, threads: threads, pass: VectorPass())
  }

  @usableFromInline
  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, pass: VectorPass<Rule>) throws(RuleError) {
    try rule.validate()
    try requireMemory(rule.stateByteCount(of: θ.layout), forStateOf: Rule.name)
    self.init(checked: rule, for: θ, threads: threads) { _ in VectorState(rule, for: θ, pass: pass) }
  }
}
