/// An objective of which one gradient is known and nothing else: what `step(_:gradient:)` steps on.
public struct GivenGradient<Scalar: LaneScalar>: Objective {
  /// The gradient at the point of the step.
  public let gradient: ParameterVector<Scalar>

  public init(_ gradient: ParameterVector<Scalar>) { self.gradient = gradient }

  public var name: String { "a gradient alone" }

  public func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) -> Double {
    gradient = self.gradient
    return .nan
  }
}
