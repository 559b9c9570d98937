/// The state of a rule for the parameters of one layout, and its step: the part of an ``Optimizer`` that differs with
/// what a step of the rule sees. A value: a copy is a snapshot.
protocol RuleState<Rule>: Sendable {
  associatedtype Rule: SteppingRule where Rule.Scalar: LaneScalar
  /// Whether parameters can have options of their own, or be frozen.
  static var hasGroups: Bool { get }
  /// Whether a block can be stepped before the gradients of the others are known.
  static var stepsByBlock: Bool { get }

  /// One step of θ, which asks `objective` for what the rule needs.
  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Rule.Scalar>, on objective: inout StepObjective<Rule.Scalar>
  ) throws
  /// One step in which `body` updates the blocks one by one; called only if the rule steps so.
  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Rule.Scalar>,
    byBlock body: (BlockStep<Rule.Scalar>) throws -> Double
  ) throws -> Double

  /// The state before step 1 of parameters that start at `θ`.
  func initial(for θ: ParameterVector<Rule.Scalar>, _ rules: [Rule], _ assignment: RuleAssignment) -> Self

  /// Bytes of the state.
  var byteCount: Double { get }
  /// The names of the slots, in order: of the parts of the state that are vectors like θ.
  var slots: [String] { get }
  /// The names of the slots, with their format if it is not the scalar's.
  var slotNames: Set<String> { get }
  /// The names of all parts of the state, with their format if it is not the scalar's.
  var names: [String] { get }
  /// The slot called `name`; nil if there is none.
  func slot(_ name: String) -> ParameterVector<Rule.Scalar>?
  /// Replaces the slot called `name`, which exists.
  mutating func assign(_ vector: ParameterVector<Rule.Scalar>, toSlot name: String)
  /// All parts of the state by name.
  func save() -> SavedState<Rule.Scalar>
  /// Replaces the state by what ``save()`` returned, perhaps with the blocks in another order.
  mutating func restore(_ saved: SavedState<Rule.Scalar>) throws(CheckpointError)
}

/// What an optimizer says about a step.
struct RuleStep<Rule: SteppingRule>: Sendable where Rule.Scalar: LaneScalar {
  /// Its number: 1, 2, …
  let t: Int
  /// The rules that the assignment numbers.
  let rules: [Rule]
  let assignment: RuleAssignment
  let threads: Int
  /// Whether the rule divides by a curvature that the objective gives.
  var asksForCurvature = false
  /// Called for lanes of θ that were just stepped, while they are in cache.
  var finish: StepFinish<Rule.Scalar>?
}

/// What is done with lanes of θ that were just stepped.
typealias StepFinish<Scalar: LaneScalar> =
  @Sendable (_ parameters: UnsafePointer<Scalar.Lane>, _ lanes: Range<Int>) -> Void

extension RuleState {
  static var hasGroups: Bool { true }
  static var stepsByBlock: Bool { false }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Rule.Scalar>,
    byBlock body: (BlockStep<Rule.Scalar>) throws -> Double
  ) throws -> Double {
    throw BlockStepError.method(Rule.name)
  }

  var slots: [String] { save().vectors.keys.sorted() }
  var slotNames: Set<String> { save().slotNames }
  var names: [String] { save().names.sorted() }
  var byteCount: Double { save().byteCount }
  func slot(_ name: String) -> ParameterVector<Rule.Scalar>? { save().vectors[name] }

  mutating func assign(_ vector: ParameterVector<Rule.Scalar>, toSlot name: String) {
    var saved = save()
    saved.vectors[name] = vector
    // The state accepts what it has just said.
    try? restore(saved)
  }
}
