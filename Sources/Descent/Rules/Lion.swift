/// Lion: evolved sign momentum (Chen et al. 2023, Algorithm 2).
///
///     θ ← θ − α sign(β₁ m + (1 − β₁) g)
///     m ← β₂ m + (1 − β₂) g
///
/// The step interpolates with the old m; m is updated after it. First step: α sign(g).
///
/// The paper's decay, θ ← θ − α λ θ, is `Lion().decayed(by: λ)`; the paper takes α 3 to 10 times smaller than for
/// ``AdamW``, and λ larger by the same factor. Peers: optax and Keras compute the same.
public struct Lion<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Schedule
  /// β₂ in [0, 1).
  public var beta2: Double

  public init(learningRate: Schedule = 1e-4, beta1: Schedule = 0.9, beta2: Double = 0.99) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
  }

  @frozen public struct State: BitwiseCopyable { public var m: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, oneMinusβ1, oneMinusβ2: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      α: Scalar(learningRate(at: t)), oneMinusβ1: Scalar(beta1.oneMinus(at: t)), oneMinusβ2: Scalar(1 - beta2))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    var direction = s.m
    direction.decay(toward: g, by: c.oneMinusβ1)
    θ -= c.α * Scalar.sign(direction)
    s.m.decay(toward: g, by: c.oneMinusβ2)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta1", \.beta1, in: .unit, "β₁: weight of the mean gradient in the step"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean gradient"),
    ]
  }
}
