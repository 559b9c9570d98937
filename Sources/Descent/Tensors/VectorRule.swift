/// A method that sees all parameters at once: a norm of the whole gradient, a distance from the start.
///
/// If the rule is public, the code of `step` must be `@inlinable`: a pass over lanes is a hundred times slower if it
/// is not specialized for its scalar.
public protocol VectorRule<Scalar>: Configurable {
  associatedtype Scalar: LaneScalar
  /// What the method remembers besides t.
  associatedtype State: Sendable = NoState

  /// The step size α as a function of t.
  var learningRate: Schedule { get set }

  /// The state before step 1 of parameters that start at `θ`.
  func initialState(for θ: ParameterVector<Scalar>) -> State

  /// About how many bytes the state of parameters of `layout` will take: three numbers for each element unless the
  /// rule says otherwise.
  func stateByteCount(of layout: ParameterLayout) -> Double

  /// Step t = 1, 2, … The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int)

  /// The parts of `State` that a checkpoint keeps. None unless the rule says otherwise.
  static var fields: [StateField<State, Scalar>] { get }

  /// Whether the state depends on which extents of a parameter are inputs and which outputs: false unless the rule
  /// says otherwise. If true, a checkpoint is refused if its layout differs in that.
  static var dependsOnAxes: Bool { get }

  /// The state by name: by default the ``fields``, each called `name/field`.
  func save(_ state: State, of layout: ParameterLayout) -> SavedState<Scalar>
  /// Restores what ``save(_:of:)`` returned.
  func restore(_ saved: SavedState<Scalar>, into state: inout State, of layout: ParameterLayout) throws(CheckpointError)
  /// The average of the parameters that `state` holds, if the method keeps one.
  func average(in state: State) -> ParameterVector<Scalar>?

  /// Gives some of the parameters options of their own, or keeps them at their values.
  /// - Throws: ``GroupError/wholeVector(rule:)`` unless the method steps each parameter separately.
  mutating func add(
    groupOf pattern: String, options: [(name: String, value: String)], steps: Int?, isFrozen: Bool,
    in layout: ParameterLayout) throws
}

extension VectorRule {
  public static var dependsOnAxes: Bool { false }
  public static var fields: [StateField<State, Scalar>] { [] }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    3 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  public func save(_ state: State, of layout: ParameterLayout) -> SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    saved.add(state, Self.fields, prefix: Self.name + "/")
    return saved
  }

  public func restore(
    _ saved: SavedState<Scalar>, into state: inout State, of layout: ParameterLayout
  ) throws(CheckpointError) {
    try saved.restore(into: &state, Self.fields, prefix: Self.name + "/")
  }

  public func average(in state: State) -> ParameterVector<Scalar>? { nil }

  public mutating func add(
    groupOf pattern: String, options: [(name: String, value: String)], steps: Int?, isFrozen: Bool,
    in layout: ParameterLayout
  ) throws {
    throw GroupError.wholeVector(rule: Self.name)
  }
}

extension VectorRule where State == NoState {
  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { NoState() }
}
