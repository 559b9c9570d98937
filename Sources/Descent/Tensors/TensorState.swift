import Dispatch

/// What a tensor rule does with one parameter. Only this part of an optimizer is compiled for each rule, where its type
/// is known.
@usableFromInline
struct TensorPass<Rule: TensorRule>: Sendable {
  @usableFromInline
  typealias Update =
    @Sendable (
      _ rule: Rule, _ θ: TensorView<Rule.Scalar>, _ gradient: TensorView<Rule.Scalar>, _ sorted: SortedAxes?,
      _ state: inout Rule.State, _ t: Int
    ) -> Void
  @usableFromInline
  typealias Start = @Sendable (_ rule: Rule, _ θ: TensorView<Rule.Scalar>, _ sorted: SortedAxes?) -> Rule.State

  @usableFromInline let update: Update
  @usableFromInline let start: Start

  @inlinable @inline(__always)
  init() {
    update = { rule, θ, g, sorted, state, t in
      Self.withSorted(g, sorted) { g in
        Self.withSorted(θ, sorted, writesBack: true) { θ in rule.update(θ, gradient: g, state: &state, at: t) }
      }
    }
    start = { rule, θ, sorted in Self.withSorted(θ, sorted) { rule.initialState(for: $0) } }
  }

  /// Calls `body` with `view`, or with a copy of it in the order that the rule sees.
  @inlinable @inline(__always)
  static func withSorted<R>(
    _ view: TensorView<Rule.Scalar>, _ sorted: SortedAxes?, writesBack: Bool = false,
    _ body: (TensorView<Rule.Scalar>) -> R
  ) -> R {
    guard let sorted else { return body(view) }
    var copy = sorted.gather(view.elements)
    let result = body(TensorView(view, sorted, in: copy.mutableLanes()))
    if writesBack { sorted.scatter(copy.elements, to: view.elements) }
    return withExtendedLifetime(copy) { result }
  }
}

/// The state of a rule that steps every parameter separately. Parameters are stepped at the same time, and each may use
/// all threads: a single large matrix does.
struct TensorState<Rule: TensorRule>: RuleState {
  typealias Scalar = Rule.Scalar

  let layout: ParameterLayout
  let pass: TensorPass<Rule>
  /// For each parameter: the order in which the rule sees it, nil if it is stored in that order.
  private let sorted: [SortedAxes?]
  private var tensors: [Rule.State]

  init(
    _ rules: [Rule], _ assignment: RuleAssignment, for θ: ParameterVector<Rule.Scalar>, pass: TensorPass<Rule>
  ) {
    layout = θ.layout
    self.pass = pass
    let sorted = layout.blocks.map { Rule.dependsOnAxes ? SortedAxes($0) : nil }
    self.sorted = sorted
    tensors = θ.withUnsafeLanes { lanes in
      // The views are only read.
      let lanes = UnsafeMutablePointer(mutating: lanes)
      return θ.layout.blocks.indices.map { i in
        pass.start(rules[assignment.blocks[i] ?? 0], TensorView(θ.layout.blocks[i], in: lanes), sorted[i])
      }
    }
  }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>
  ) throws {
    let (blocks, sorted, pass) = (layout.blocks, sorted, pass)
    let gradient = try objective.scaledGradient(at: θ)
    try renewCurvature(step, at: θ, on: objective)
    let laneCount = θ.laneCount
    θ.withUnsafeMutableLanes { θ in
      gradient.withUnsafeLanes { g in
        nonisolated(unsafe) let (θ, g) = (θ, UnsafeMutablePointer(mutating: g))
        tensors.withUnsafeMutableBufferPointer { states in
          nonisolated(unsafe) let states = states
          @Sendable func update(_ i: Int) {
            guard let rule = step.assignment.blocks[i] else { return }
            var x = TensorView<Scalar>(blocks[i], in: θ)
            x.threads = step.threads
            pass.update(step.rules[rule], x, TensorView(blocks[i], in: g), sorted[i], &states[i], step.t)
          }
          if step.threads > 1, blocks.count > 1 {
            DispatchQueue.concurrentPerform(iterations: blocks.count, execute: update)
          } else {
            for i in blocks.indices { update(i) }
          }
        }
        step.finish?(θ, 0..<laneCount)
      }
    }
  }

  func initial(for θ: ParameterVector<Scalar>, _ rules: [Rule], _ assignment: RuleAssignment) -> Self {
    Self(rules, assignment, for: θ, pass: pass)
  }

  private func place(_ block: Int) -> StatePlace {
    StatePlace(rule: Rule.name, layout: layout, block: block, sorted: sorted[block])
  }

  func save() -> SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    for i in tensors.indices { saved.add(tensors[i], Rule.fields, of: place(i)) }
    return saved
  }

  mutating func restore(_ saved: SavedState<Scalar>) throws(CheckpointError) {
    for i in tensors.indices { try saved.restore(into: &tensors[i], Rule.fields, of: place(i)) }
  }
}
