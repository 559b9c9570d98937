/// A method that sees all parameters at once, a norm of the whole gradient, a distance from the start, and asks its
/// objective for the gradient alone.
///
/// If the rule is public, the code of `step` must be `@inlinable`: a pass over lanes is a hundred times slower if it
/// is not specialized for its scalar.
public protocol VectorRule<Scalar>: ObjectiveRule {
  /// Step t = 1, 2, … The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int)
}

extension VectorRule {
  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) throws {
    let gradient = try objective.scaledGradient(at: θ)
    step(&θ, gradient: gradient, state: &state, at: t, threads: threads)
  }
}
