/// Becker and LeCun's step by the diagonal of the Hessian (1988; ADADELTA's equation 6).
///
///     θ ← θ − α g / (|h| + μ)
///
/// h, the slot `beckerlecun/h`, is the diagonal of the Hessian; it does not follow from the gradient. An objective that can
/// give it is asked (``DiagonalCurvature``). If it cannot, assign h before the first step, and again whenever you have
/// computed it anew:
///
/// ```swift
/// try optimizer.assign(h, toSlot: "beckerlecun/h")
/// try optimizer.step(&θ, gradient: g)
/// ```
///
/// μ keeps flat directions from moving far. α is 1 in the papers, which average h over examples before they begin, and
/// drop the model's second derivatives (the form `gaussNewton`). If |h| + μ is 0 the coordinate stays.
public struct BeckerLeCun<Scalar: RuleScalar>: ElementRule, CurvatureScaledRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ ≥ 0.
  public var mu: Double
  public var curvature: DiagonalCurvature

  public init(learningRate: Schedule = 1, mu: Double = 0.02, curvature: DiagonalCurvature = DiagonalCurvature()) {
    self.learningRate = learningRate
    self.mu = mu
    self.curvature = curvature
  }

  @frozen public struct State: BitwiseCopyable { public var h: Scalar.Lane }

  // The curvature is given.
  @inlinable public static var slotKinds: SlotKinds { .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, μ: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(h: Lane(repeating: 1)) }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(α: Scalar(learningRate(at: t)), μ: Scalar(mu))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    θ -= (c.α * g).dividedOrZero(by: Scalar.magnitude(s.h) + c.μ)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("mu", \.mu, in: .nonNegative, "μ: added to the curvature"),
    ] + curvatureOptions
  }
}
