/// A method that asks its objective for more than one gradient a step: the same batch at another point, for example.
///
/// ```swift
/// /// The gradient at the point that an ordinary step would reach (Korpelevich 1976).
/// struct ExtraGradient<Scalar: LaneScalar>: ObjectiveRule {
///   var learningRate: Schedule = 0.01
///   var needs: Set<ObjectiveCapability> { [.otherPoints] }
///   func step(
///     _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout NoState, at t: Int,
///     threads: Int
///   ) throws {
///     let α = Scalar(learningRate(at: t))
///     var (ahead, g) = (θ, ParameterVector<Scalar>(zeros: θ.layout))
///     _ = try objective.value(at: θ, gradient: &g)
///     ahead.add(g, times: -α)
///     _ = try objective.value(at: ahead, gradient: &g)
///     θ.add(g, times: -α)
///   }
/// }
/// ```
///
/// What it needs of the objective besides a gradient it says in ``SteppingRule/needs``.
public protocol ObjectiveRule<Scalar>: SteppingRule where Scalar: LaneScalar {
  /// What the method remembers besides t.
  associatedtype State: Sendable = NoState

  /// The state before step 1 of parameters that start at `θ`.
  func initialState(for θ: ParameterVector<Scalar>) -> State

  /// About how many bytes the state of parameters of `layout` will take: three numbers for each element unless the
  /// rule says otherwise.
  func stateByteCount(of layout: ParameterLayout) -> Double

  /// The parts of `State` that a checkpoint keeps, each called `name/field`. None unless the rule says otherwise.
  static var fields: [StateField<State, Scalar>] { get }

  /// Whether θ moves in step t. True unless the rule says otherwise: where it only averages, decoupled decay waits, too.
  func moves(at t: Int) -> Bool

  /// Step t = 1, 2, … Asks at θ first, and changes θ and the state only after it has asked: an error must leave both as
  /// they were. (KFAC's and EKFAC's statistics stay counted if a product of matrices fails for want of memory.) The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout State, at t: Int,
    threads: Int) throws
}

extension ObjectiveRule {
  @inlinable public func moves(at t: Int) -> Bool { true }

  public static var fields: [StateField<State, Scalar>] { [] }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    3 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }
}

extension ObjectiveRule where State == NoState {
  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { NoState() }
}
