/// A method that asks its objective for more than one gradient a step: the same batch at another point, for example.
///
/// ```swift
/// /// The gradient at the point that an ordinary step would reach (Korpelevich 1976).
/// struct ExtraGradient<Scalar: LaneScalar>: ObjectiveRule {
///   var learningRate: Schedule = 0.01
///   static var needs: Set<ObjectiveCapability> { [.otherPoints] }
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
public protocol ObjectiveRule<Scalar>: WholeRule {
  /// Step t = 1, 2, … Asks at θ first, and changes θ and the state only after it has asked: an error must leave both as
  /// they were. The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout State, at t: Int,
    threads: Int) throws
}
