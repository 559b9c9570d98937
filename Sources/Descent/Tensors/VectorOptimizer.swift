#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Steps the parameters of one layout with a tensor rule or a vector rule; ``Optimizer`` does so with element-wise
/// rules.
///
/// ```swift
/// var optimizer = try VectorOptimizer(Muon().decayed(by: 0.01), for: θ)
/// try optimizer.step(&θ, gradient: g)
/// ```
///
/// A value type: a copy is a snapshot. The same steps give the same bits, whatever the number of threads.
public struct VectorOptimizer<Rule: VectorRule>: Stepper {
  public typealias Scalar = Rule.Scalar

  /// The method; its options may be changed between steps.
  public var rule: Rule { didSet { isRuleChecked = false } }
  /// Whether ``rule`` is unchanged since it was last checked.
  private var isRuleChecked = true
  public var transforms: [any GradientTransform<Rule.Scalar>] = []
  public private(set) var stepCount = 0
  /// Threads that share a step.
  public var threads: Int
  public let layout: ParameterLayout
  private var state: Rule.State
  // The rule's step, compiled where its type is known; all else here is compiled once, for any rule.
  private let stepBody: StepBody

  @usableFromInline
  typealias StepBody =
    @Sendable (
      _ rule: UnsafePointer<Rule>, _ θ: inout ParameterVector<Rule.Scalar>, _ gradient: ParameterVector<Rule.Scalar>,
      _ state: inout Rule.State, _ t: Int, _ threads: Int
    ) -> Void

  /// - Parameters:
  ///   - rule: The method, with its options.
  ///   - θ: The parameters before the first step.
  ///   - threads: At least 1; by default one for each core.
  /// - Throws: ``RuleError`` if an option is out of its range, or the state does not fit into the memory.
  @inlinable
  public init(
    _ rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int = processorCount
  ) throws(RuleError) {
    try rule.validate()
    try requireMemory(rule.stateByteCount(of: θ.layout), forStateOf: Rule.name)
    self.init(checked: rule, for: θ, threads: threads, state: rule.initialState(for: θ)) {
      $0.pointee.step(&$1, gradient: $2, state: &$3, at: $4, threads: $5)
    }
  }

  @usableFromInline
  init(
    checked rule: Rule, for θ: ParameterVector<Rule.Scalar>, threads: Int, state: Rule.State,
    step: @escaping StepBody
  ) {
    self.rule = rule
    self.threads = max(1, threads)
    layout = θ.layout
    self.state = state
    stepBody = step
  }

  public var name: String { Rule.name }

  public var learningRate: Schedule {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  /// The average of the parameters, for evaluation, if the rule keeps one.
  public var average: ParameterVector<Rule.Scalar>? { rule.average(in: state) }

  /// One step: θ ← θ − Δ(g), t ← t + 1.
  ///
  /// - Throws: ``LayoutError`` if a layout is not the optimizer's, ``RuleError`` if an option that was changed is out
  ///   of its range, or a transform's error. θ and the state are then unchanged.
  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Rule.Scalar>, gradient: ParameterVector<Rule.Scalar>
  ) throws -> StepReport {
    try check(θ.layout)
    try check(gradient.layout)
    if !isRuleChecked {
      try rule.validate()
      isRuleChecked = true
    }
    var gradient = gradient
    let report = try transform(&gradient, at: θ)
    if report.isSkipped { return report }
    if report.gradientScale != 1 { gradient.scale(by: Scalar(report.gradientScale)) }
    withUnsafePointer(to: rule) { stepBody($0, &θ, gradient, &state, stepCount + 1, threads) }
    stepCount += 1
    return report
  }

  /// Gives the parameters whose names match `pattern` options of their own, as text: `"*.bias", [("lr", "1e-4")]`.
  /// - Throws: ``GroupError`` if no parameter matches or the method steps all parameters as one, ``RuleError``.
  public mutating func group(
    _ pattern: String, options: [(name: String, value: String)], steps: Int? = nil
  ) throws {
    try rule.add(groupOf: pattern, options: options, steps: steps, isFrozen: false, in: layout)
  }

  /// Keeps the parameters whose names match `pattern` at their values.
  /// - Throws: ``GroupError`` if no parameter matches or the method steps all parameters as one.
  public mutating func freeze(_ pattern: String) throws(GroupError) {
    do {
      try rule.add(groupOf: pattern, options: [], steps: nil, isFrozen: true, in: layout)
    } catch {
      throw error as? GroupError ?? .noMatch(pattern: pattern, names: layout.blocks.map(\.name))
    }
  }

  public func checkpoint(_ θ: ParameterVector<Rule.Scalar>) throws -> Checkpoint<Rule.Scalar> {
    try check(θ.layout)
    let saved = rule.save(state, of: layout)
    return Checkpoint(
      parameters: θ, slots: saved.vectors, arrays: saved.arrays, doubles: saved.doubles, numbers: saved.numbers,
      stepCount: stepCount, rule: Rule.name, ruleOptions: try canonicalJSON(rule), groups: "[]",
      transforms: savedTransforms)
  }

  public mutating func restore(
    _ checkpoint: Checkpoint<Rule.Scalar>, into θ: inout ParameterVector<Rule.Scalar>
  ) throws(CheckpointError) {
    let rule = try method(of: checkpoint)
    let saved = Self.state(of: checkpoint)
    var restored = self
    let parameters = try checkpoint.parameters.rearranged(to: layout)
    if Rule.dependsOnAxes { try checkpoint.checkAxes(layout) }
    restored.rule = rule
    // The state depends on the options, which are the checkpoint's from here on.
    restored.state = rule.initialState(for: parameters)
    let expected = rule.save(restored.state, of: layout)
    guard expected.names == saved.names else { throw Self.otherState(checkpoint, than: expected) }
    try rule.restore(saved, into: &restored.state, of: layout)
    restored.stepCount = checkpoint.stepCount
    try restored.restoreTransforms(of: checkpoint)
    self = restored
    θ = parameters
  }

  public func optionDifference(from checkpoint: Checkpoint<Rule.Scalar>) throws(CheckpointError) -> String? {
    difference(try method(of: checkpoint), from: rule)
  }

  private static func state(of checkpoint: Checkpoint<Scalar>) -> SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    saved.vectors = checkpoint.slots
    saved.arrays = checkpoint.arrays
    saved.doubles = checkpoint.doubles
    saved.numbers = checkpoint.numbers
    return saved
  }

  private static func otherState(_ checkpoint: Checkpoint<Scalar>, than own: SavedState<Scalar>) -> CheckpointError {
    .differentRule(
      expected: Rule.name, expectedSlots: own.names.sorted(), found: checkpoint.rule,
      foundSlots: state(of: checkpoint).names.sorted())
  }

  /// The rule in `checkpoint`, checked like one that a program gives.
  private func method(of checkpoint: Checkpoint<Scalar>) throws(CheckpointError) -> Rule {
    let own = rule.save(state, of: layout)
    guard checkpoint.rule == Rule.name, own.vectors.keys == checkpoint.slots.keys else {
      throw Self.otherState(checkpoint, than: own)
    }
    try checkTransforms(of: checkpoint)
    return try checkpoint.decodedRule(Rule.self)
  }

  /// Bytes of state for each parameter.
  public var stateBytesPerParameter: Double {
    let saved = rule.save(state, of: layout)
    let count =
      saved.vectors.values.reduce(0) { $0 + $1.values.count } + saved.arrays.values.reduce(0) { $0 + $1.count }
    let doubleCount = saved.doubles.values.reduce(0) { $0 + $1.count } + saved.numbers.count
    return Double(count * MemoryLayout<Scalar>.size + doubleCount * 8)
      / Double(layout.blocks.reduce(0) { $0 + $1.count })
  }
}

extension VectorOptimizer {
  /// An optimizer with a rule that steps each parameter separately.
  @inlinable
  public init<Base: TensorRule>(
    _ rule: Base, for θ: ParameterVector<Base.Scalar>, threads: Int = processorCount
  ) throws(RuleError) where Rule == Layerwise<Base> {
    try self.init(Layerwise(rule), for: θ, threads: threads)
  }
}
