/// What a rule with one state for all parameters does with it. Only this part of an optimizer is compiled for each
/// rule, where its type is known.
@usableFromInline
struct WholePass<Rule: ObjectiveRule>: Sendable {
  @usableFromInline
  typealias Update =
    @Sendable (
      _ rule: Rule, _ θ: inout ParameterVector<Rule.Scalar>, _ objective: inout StepObjective<Rule.Scalar>,
      _ state: inout Rule.State, _ t: Int, _ threads: Int
    ) throws -> Void
  @usableFromInline typealias Start = @Sendable (_ rule: Rule, _ θ: ParameterVector<Rule.Scalar>) -> Rule.State

  @usableFromInline let update: Update
  @usableFromInline let start: Start

  @inlinable @inline(__always)
  init() {
    update = { try $0.step(&$1, on: &$2, state: &$3, at: $4, threads: $5) }
    start = { $0.initialState(for: $1) }
  }
}

/// The state of a rule that steps all parameters as one.
struct WholeState<Rule: ObjectiveRule>: RuleState {
  typealias Scalar = Rule.Scalar

  let layout: ParameterLayout
  let pass: WholePass<Rule>
  private var state: Rule.State

  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, pass: WholePass<Rule>) {
    layout = θ.layout
    self.pass = pass
    state = pass.start(rule, θ)
  }

  static var hasGroups: Bool { false }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>
  ) throws {
    try pass.update(step.rules[0], &θ, &objective, &state, step.t, step.threads)
    if let finish = step.finish { θ.withUnsafeLanes { finish($0, 0..<θ.laneCount) } }
  }

  func initial(for θ: ParameterVector<Scalar>, _ rules: [Rule], _ assignment: RuleAssignment) -> Self {
    Self(rules[0], for: θ, pass: pass)
  }

  private var place: StatePlace { StatePlace(rule: Rule.name, layout: layout) }

  func save() -> SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    saved.add(state, Rule.fields, of: place)
    return saved
  }

  mutating func restore(_ saved: SavedState<Scalar>) throws(CheckpointError) {
    try saved.restore(into: &state, Rule.fields, of: place)
  }
}
