import Dispatch

/// Steps the parameters of one layout with an update rule: the rule's state, its step count, its groups and the
/// transforms of the gradient.
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
/// A value type: a copy is a snapshot. The same steps give the same bits, whatever the number of threads.
public struct Optimizer<Rule: ElementwiseRule>: Sendable where Rule.Scalar: LaneScalar {
  public typealias Scalar = Rule.Scalar

  /// The rule of all parameters that belong to no group; its options may be changed between steps.
  public var rule: Rule { didSet { isRuleChecked = false } }
  /// Groups with options of their own; a parameter belongs to the last one that matches its name.
  public private(set) var groups: [ParameterGroup<Rule>] = []
  /// Applied to the whole gradient before a step, in order.
  public var transforms: [any GradientTransform<Rule.Scalar>] = []
  /// Steps made so far: t of the last step.
  public internal(set) var stepCount = 0
  /// Threads that share a step of a large vector; below 100,000 parameters one is faster.
  public var threads: Int

  /// The layout of the parameters that are stepped.
  public let layout: ParameterLayout
  var state: Rule.Storage
  /// Whether ``rule`` is unchanged since it was last checked.
  private var isRuleChecked = true
  /// Whether the rule divides by a curvature that was not given yet.
  var lacksCurvature = Rule.curvatureSlot != nil
  var segments: [Segment]
  let pass: Pass<Rule>

  /// Number of elements below which a step runs on one thread.
  static var elementsWorthThreads: Int { 100_000 }

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
  init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, pass: Pass<Rule>
  ) throws(RuleError) {
    try rule.validate()
    try Rule.checkState()
    self.rule = rule
    self.threads = max(1, threads)
    self.pass = pass
    layout = θ.layout
    state = pass.start(rule, θ)
    segments = [Segment(lanes: 0..<θ.laneCount, group: 0)]
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
    _ θ: inout ParameterVector<Rule.Scalar>, gradient: ParameterVector<Rule.Scalar>, then finish: Pass<Rule>.Finish?
  ) throws -> StepReport {
    try check(θ.layout)
    try check(gradient.layout)
    try checkRule()
    var gradient = gradient
    let report = try transform(&gradient, at: θ)
    if report.isSkipped { return report }
    if !isKnownUniquelyReferenced(&state) { state = state.copy() }
    let state = state
    let coefficients = rules.map { $0.coefficients(at: stepCount + 1) }
    let laneCount = θ.laneCount
    let threads = layout.paddedCount < Self.elementsWorthThreads ? 1 : self.threads
    θ.withUnsafeMutableLanes { θ in
      gradient.withUnsafeLanes { g in
        pass.run(
          rules, coefficients, gradientScale: Scalar(report.gradientScale), segments: segments,
          lanes: 0..<laneCount, threads: threads, parameters: θ, gradient: g, state: state, then: finish)
      }
    }
    stepCount += 1
    return report
  }

  /// Checks the rule if it was changed, and that the curvature that it divides by was given.
  mutating func checkRule() throws(RuleError) {
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
  /// - Throws: ``GroupError`` if no parameter matches, ``RuleError`` if an option is out of its range.
  public mutating func group(_ pattern: String, _ change: (inout Rule) -> Void) throws {
    var rule = rule
    change(&rule)
    try rule.validate()
    try add(ParameterGroup(pattern: pattern, rule: rule, isFrozen: false))
  }

  /// Keeps the parameters whose names match `pattern` at their values.
  /// - Throws: ``GroupError`` if no parameter matches.
  public mutating func freeze(_ pattern: String) throws(GroupError) {
    try add(ParameterGroup(pattern: pattern, rule: rule, isFrozen: true))
  }

  /// Bytes of state for each parameter.
  public var stateBytesPerParameter: Double { Double(state.byteCount) / Double(max(1, layout.parameterCount)) }

  private mutating func add(_ group: ParameterGroup<Rule>) throws(GroupError) {
    try replaceGroups(groups + [group])
  }

  mutating func replaceGroups(_ groups: [ParameterGroup<Rule>]) throws(GroupError) {
    for group in groups where !layout.blocks.contains(where: { group.contains($0.name) }) {
      throw .noMatch(pattern: group.pattern, names: layout.blocks.map(\.name))
    }
    self.groups = groups
    segments = Self.segments(of: layout, groups: groups)
  }

  /// The rules that `Segment.group` numbers: the optimizer's, then the groups'.
  var rules: [Rule] { groups.isEmpty ? [rule] : [rule] + groups.map { $0.rule } }

  private static func segments(of layout: ParameterLayout, groups: [ParameterGroup<Rule>]) -> [Segment] {
    var segments: [Segment] = []
    for (i, block) in layout.blocks.enumerated() {
      let group = groups.lastIndex { $0.contains(block.name) }
      if let group, groups[group].isFrozen { continue }
      let lanes = layout.lanes(ofBlock: i, width: Scalar.laneWidth)
      let index = group.map { $0 + 1 } ?? 0
      if let last = segments.last, last.group == index, last.lanes.upperBound == lanes.lowerBound {
        segments[segments.count - 1] = Segment(lanes: last.lanes.lowerBound..<lanes.upperBound, group: index)
      } else {
        segments.append(Segment(lanes: lanes, group: index))
      }
    }
    return segments
  }
}
