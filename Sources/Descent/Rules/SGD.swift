/// Stochastic gradient descent (Robbins & Monro 1951).
///
///     θ ← θ − α g
///
/// First step: α g. No state.
public struct SGD<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule

  public init(learningRate: Schedule = 0.01) { self.learningRate = learningRate }

  public struct State: BitwiseCopyable {}

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients { Coefficients(α: Scalar(learningRate(at: t))) }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    θ -= c.α * g
  }

  public static var options: [RuleOption<Self>] {
    [.schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size")]
  }
}
