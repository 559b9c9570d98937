/// A method that sees all parameters at once: a norm of the whole gradient, a distance from the start.
///
/// If the rule is public, the code of `step` must be `@inlinable`: a pass over lanes is a hundred times slower if it
/// is not specialized for its scalar.
public protocol VectorRule<Scalar>: SteppingRule where Scalar: LaneScalar {
  /// What the method remembers besides t.
  associatedtype State: Sendable = NoState

  /// The state before step 1 of parameters that start at `θ`.
  func initialState(for θ: ParameterVector<Scalar>) -> State

  /// About how many bytes the state of parameters of `layout` will take: three numbers for each element unless the
  /// rule says otherwise.
  func stateByteCount(of layout: ParameterLayout) -> Double

  /// Step t = 1, 2, … The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int)

  /// The parts of `State` that a checkpoint keeps, each called `name/field`. None unless the rule says otherwise.
  static var fields: [StateField<State, Scalar>] { get }
}

extension VectorRule {
  public static var fields: [StateField<State, Scalar>] { [] }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    3 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }
}

extension VectorRule where State == NoState {
  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { NoState() }
}
