import Descent

/// signSGD with momentum (Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Algorithm 2).
///
///     m ← β m + (1 − β) g
///     θ ← θ − α sign(m)
struct Signum<Scalar: RuleScalar>: ElementRule {
  var learningRate: Schedule = 0.001
  var momentum = 0.9

  struct State: BitwiseCopyable { var m: Scalar.Lane }
  struct Coefficients { var α, oneMinusβ: Scalar }

  func coefficients(at t: Int) -> Coefficients {
    Coefficients(α: Scalar(learningRate(at: t)), oneMinusβ: Scalar(1 - momentum))
  }

  @inline(__always)
  func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    s.m.decay(toward: g, by: c.oneMinusβ)
    θ -= c.α * s.m.dividedOrZero(by: Scalar.magnitude(s.m))  // m ÷ |m|: the sign, and 0 for 0
  }

  static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "β: decay of the mean gradient"),
    ]
  }
}
