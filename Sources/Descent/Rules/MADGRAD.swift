/// MADGRAD: momentumized, adaptive, dual averaged gradient (Defazio & Jelassi 2021, Algorithm 1).
///
///     λₜ = α √t
///     s ← s + λₜ g
///     ν ← ν + λₜ g²
///     z = x₀ − s / (∛ν + ε)
///     θ ← (1 − c) θ + c z,  c = 1 − μ
///
/// First step: c (α² |g|)^⅓ sign(g) for ε = 0.
///
/// The authors' code and optax add ε to α as well, so that they divide by more than 0 if α = 0; here 0 ÷ 0 is 0.
public struct MADGRAD<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Schedule
  /// ε ≥ 0, added to the cube root.
  public var epsilon: Double

  public init(learningRate: Schedule = 0.01, momentum: Schedule = 0.9, epsilon: Double = 1e-6) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.epsilon = epsilon
  }

  @frozen public struct State: BitwiseCopyable { public var s, ν, x0: Scalar.Lane }

  // θ is computed from the state: rounding it would move θ.
  @inlinable public static var slotKinds: SlotKinds { .exact + .exact + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var λ, gLimit, c, ε: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(s: .zero, ν: .zero, x0: θ) }

  public func coefficients(at t: Int) -> Coefficients {
    let λ = learningRate(at: t) * Double(t).squareRoot()
    return Coefficients(
      λ: Scalar(λ), gLimit: Scalar.largestGradient(squaresWeighedBy: λ), c: Scalar(momentum.oneMinus(at: t)),
      ε: Scalar(epsilon))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let weighted = c.λ * g
    state.s = (state.s + weighted).finite
    state.ν = (state.ν + weighted * g).finite
    let z = state.x0 - state.s.dividedOrZero(by: Scalar.cubeRoot(state.ν) + c.ε)
    θ.decay(toward: z, by: c.c)
  }

  public static var obstacleToMoving: String? {
    "each step computes θ anew from the start and the gradients' sum, and forgets what else was done to θ"
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of θ that a step keeps"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the cube root"),
    ]
  }
}
