/// QHM: quasi-hyperbolic momentum (Ma & Yarats 2019, equations 3 and 4).
///
///     m ← β m + (1 − β) g
///     θ ← θ − α ((1 − ν) g + ν m)
///
/// First step: α (1 − ν β) g, so 0.3007 α g for the paper's ν and β. ν = 0 is ``SGD``, ν = 1 is momentum with its rate
/// scaled by 1 − β, ν = β is Nesterov's momentum with the same scale.
public struct QHM<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β in [0, 1).
  public var beta: Schedule
  /// ν in [0, 1].
  public var nu: Double

  public init(learningRate: Schedule = 0.1, beta: Schedule = 0.999, nu: Double = 0.7) {
    self.learningRate = learningRate
    self.beta = beta
    self.nu = nu
  }

  @frozen public struct State: BitwiseCopyable { public var m: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var oneMinusβ, gradientWeight, momentumWeight: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let α = learningRate(at: t)
    return Coefficients(
      oneMinusβ: Scalar(beta.oneMinus(at: t)), gradientWeight: Scalar(α * (1 - nu)), momentumWeight: Scalar(α * nu))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.m.decay(toward: g, by: c.oneMinusβ)
    θ -= (c.gradientWeight * g).finite + c.momentumWeight * s.m
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta", \.beta, in: .unit, "β: decay of the mean gradient"),
      .number("nu", \.nu, in: .closedUnit, "ν: weight of the mean gradient in the step"),
    ]
  }
}
