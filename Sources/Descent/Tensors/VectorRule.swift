/// A method that sees all parameters at once: a norm of the whole gradient, a distance from the start.
///
/// If the rule is public, the code of `step` must be `@inlinable`: a pass over lanes is a hundred times slower if it
/// is not specialized for its scalar.
public protocol VectorRule<Scalar>: WholeRule {
  /// Step t = 1, 2, … The bits must not depend on `threads`.
  func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int)
}
