/// Sophia with the Gauss–Newton–Bartlett estimator (Liu, Li, Hall, Liang & Ma 2023, Algorithms 2 and 3).
///
///     mₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ
///     hₜ = β₂ hₜ₋ₖ + (1 − β₂) B ĝₜ²  at t = 1, k + 1, 2 k + 1, …, otherwise hₜ₋₁
///     θₜ₊₁ = θₜ − α clip(mₜ ÷ max(ρ hₜ, ε), 1)
///
/// ĝ is the mean gradient of the same B examples with labels drawn from the model's predictions: B ĝ² estimates the
/// diagonal of the Gauss–Newton matrix, and is never negative. A step that renews h costs a second gradient.
///
/// First step: at most α for each element. There is no bias correction: h₁ is a hundredth of the estimate. The paper
/// decays weights by 0.1 (``SteppingRule/decayed(by:coupling:)``); its code divides by ρ h + 10⁻¹⁵, takes B as the number of
/// tokens, and renews h after the step.
public struct SophiaG<Scalar: LaneScalar>: ObjectiveRule {
  /// α > 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ρ > 0: the smaller, the more elements move by α.
  public var rho: Double
  /// ε > 0.
  public var epsilon: Double
  /// k ≥ 1: steps between two estimates.
  public var curvatureInterval: Int

  public init(
    learningRate: Schedule = 1e-4, beta1: Double = 0.965, beta2: Double = 0.99, rho: Double = 0.04,
    epsilon: Double = 1e-12, curvatureInterval: Int = 10
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.rho = rho
    self.epsilon = epsilon
    self.curvatureInterval = curvatureInterval
  }

  public var needs: Set<ObjectiveCapability> { [.sampledGradients] }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> SophiaState<Scalar> {
    SophiaState(zeros: θ.layout)
  }

  public static var fields: [StateField<SophiaState<Scalar>, Scalar>] { SophiaState<Scalar>.fields }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    2 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>,
    state s: inout SophiaState<Scalar>, at t: Int, threads: Int
  ) throws {
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    if SophiaStep<Scalar>.renews(at: t, every: curvatureInterval) {
      var sampled = g
      _ = try objective.value(at: θ, gradient: &g, sampledGradient: &sampled)
      SophiaStep.average(
        &s.h, squareOf: sampled, count: Double(objective.exampleCount), beta2: beta2, threads: threads)
    } else {
      _ = try objective.value(at: θ, gradient: &g)
    }
    SophiaStep(α: learningRate(at: t), beta1: beta1, rho: rho, epsilon: epsilon).step(&θ, g, &s, threads: threads)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: the most that an element moves in a step"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay rate of the average of gradients"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay rate of the average of curvature estimates"),
      .number("rho", \.rho, in: .positive, "ρ: the smaller, the more elements move by α"),
      .number("epsilon", \.epsilon, in: .positive, "ε: the least that is divided by"),
      .integer(
        "curvatureInterval", \.curvatureInterval, in: 1...1_000_000,
        "k: steps from one estimate of the curvature to the next"),
    ]
  }
}
