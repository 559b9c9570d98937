/// An objective that a closure computes.
///
/// ```swift
/// let bowl = ClosureObjective<Double> { θ, gradient in
///   gradient = θ                          // ∇ ½ ‖θ‖²
///   return 0.5 * θ.sumOfSquares()
/// }
/// try optimizer.step(&θ, on: bowl)
/// ```
///
/// The closure must be a function of θ alone, so that a method may ask it at several points in one step.
public struct ClosureObjective<Scalar: LaneScalar>: RepeatableObjective {
  /// Replaces the gradient by that at θ, and returns the value there.
  public typealias Evaluation = (
    _ θ: ParameterVector<Scalar>, _ gradient: inout ParameterVector<Scalar>
  ) throws -> Double

  private let evaluate: Evaluation

  public init(_ evaluate: @escaping Evaluation) { self.evaluate = evaluate }

  public func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) throws -> Double {
    try evaluate(θ, &gradient)
  }
}
