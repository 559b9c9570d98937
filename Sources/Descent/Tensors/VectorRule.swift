/// A method that sees all parameters at once: a norm of the whole gradient, a distance from the start.
///
/// What `step` does must be `@inlinable` where the rule is public: a pass over lanes is a hundred times slower where it is not
/// specialized for its scalar.
public protocol VectorRule<Scalar>: Configurable {
  associatedtype Scalar: LaneScalar
  /// What is remembered beyond t.
  associatedtype State: Sendable = NoState

  /// The step size α as a function of t.
  var learningRate: Rate { get set }

  /// The state before step 1 of parameters that start at `θ`.
  func initialState(for θ: ParameterVector<Scalar>) -> State

  /// About how many bytes the state of parameters of `layout` takes, before it is made: three numbers for each element
  /// unless the rule says otherwise.
  func stateByteCount(of layout: ParameterLayout) -> Double

  /// Step t = 1, 2, … The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int)

  /// The parts of `State` that a checkpoint keeps. None unless the rule says otherwise.
  static var fields: [StateField<State, Scalar>] { get }

  /// Whether the state depends on which extents of a parameter are inputs and which outputs: false unless the rule says
  /// otherwise. A checkpoint is then refused where the layouts differ in that.
  static var dependsOnAxes: Bool { get }

  /// The state by name: by default that of ``fields``, each called `name/field`.
  func save(_ state: State, of layout: ParameterLayout) -> SavedState<Scalar>
  /// Goes on from what ``save(_:of:)`` gave.
  func restore(_ saved: SavedState<Scalar>, into state: inout State, of layout: ParameterLayout) throws(CheckpointError)
  /// The average of the parameters that `state` holds, if the method keeps one.
  func average(in state: State) -> ParameterVector<Scalar>?

  /// Gives a part of the parameters options of their own, or keeps it where it is.
  /// - Throws: ``GroupError/wholeVector(rule:)`` unless the method steps each parameter for itself.
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
