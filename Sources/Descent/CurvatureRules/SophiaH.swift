/// Sophia with Hutchinson's estimator (Liu, Li, Hall, Liang & Ma 2023, Algorithms 1 and 3).
///
///     mₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ
///     hₜ = β₂ hₜ₋ₖ + (1 − β₂) z ⊙ H z,  z from N(0, I),  at t = 1, k + 1, 2 k + 1, …, otherwise hₜ₋₁
///     θₜ₊₁ = θₜ − α clip(mₜ ÷ max(ρ hₜ, ε), 1)
///
/// z ⊙ H z estimates the diagonal of the Hessian. Where that is negative, ε decides, and the element moves by α. A step
/// that renews h costs a product with the Hessian.
///
/// First step: at most α for each element. There is no bias correction: h₁ is a hundredth of the estimate. The paper
/// decays weights by 0.1 (``SteppingRule/decayed(by:coupling:)``).
public struct SophiaH<Scalar: LaneScalar>: ObjectiveRule {
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
  /// The seed of z.
  public var seed: Int

  public init(
    learningRate: Schedule = 1e-4, beta1: Double = 0.96, beta2: Double = 0.99, rho: Double = 0.01,
    epsilon: Double = 1e-12, curvatureInterval: Int = 10, seed: Int = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.rho = rho
    self.epsilon = epsilon
    self.curvatureInterval = curvatureInterval
    self.seed = seed
  }

  public var needs: Set<ObjectiveCapability> { [.hessianProducts] }

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
    _ = try objective.value(at: θ, gradient: &g)
    if SophiaStep<Scalar>.renews(at: t, every: curvatureInterval) {
      let z: ParameterVector<Scalar> = probe.vector(θ.layout, at: t)
      var product = ParameterVector<Scalar>(zeros: θ.layout)
      try objective.hessianProduct(at: θ, with: z, into: &product)
      SophiaStep.average(&s.h, probe: z, product: product, beta2: beta2, threads: threads)
    }
    SophiaStep(α: learningRate(at: t), beta1: beta1, rho: rho, epsilon: epsilon).step(&θ, g, &s, threads: threads)
  }

  @usableFromInline var probe: Probe { Probe(distribution: .normal, name: Self.name, seed: seed) }

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
      .seed(\.seed),
    ]
  }
}
