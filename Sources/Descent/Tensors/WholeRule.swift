/// A method with one state for all parameters: a ``VectorRule``, which steps by their gradient, or an
/// ``ObjectiveRule``, which asks the objective itself.
public protocol WholeRule<Scalar>: SteppingRule where Scalar: LaneScalar {
  /// What the method remembers besides t.
  associatedtype State: Sendable = NoState

  /// The state before step 1 of parameters that start at `θ`.
  func initialState(for θ: ParameterVector<Scalar>) -> State

  /// About how many bytes the state of parameters of `layout` will take: three numbers for each element unless the
  /// rule says otherwise.
  func stateByteCount(of layout: ParameterLayout) -> Double

  /// The parts of `State` that a checkpoint keeps, each called `name/field`. None unless the rule says otherwise.
  static var fields: [StateField<State, Scalar>] { get }
}

extension WholeRule {
  public static var fields: [StateField<State, Scalar>] { [] }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    3 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }
}

extension WholeRule where State == NoState {
  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { NoState() }
}
