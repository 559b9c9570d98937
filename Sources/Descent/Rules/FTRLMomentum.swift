/// Momentum from Follow The Regularized Leader, for the last iterate (X. Li, Liu & Orabona 2022, Algorithm 1).
///
///     Sₜ = α₁ + … + αₜ
///     m ← (Sₜ₋₁ / Sₜ) m + (αₜ / Sₜ) g
///     θ ← (Sₜ θ + αₜ₊₁ (θ₀ − γₜ Sₜ m)) / Sₜ₊₁
///
/// The momentum grows: for αₜ = 1, m is the mean of all gradients. The iterates shrink towards the start: θ moves
/// towards the leader, θ₀ − γₜ Σ αᵢ gᵢ. Without the pull towards θ₀ the guarantee for the last iterate is lost. First
/// step: α₂ α₁ γ₁ g / (α₁ + α₂), γ₁ g / 2 for αₜ = 1.
///
/// γₜ is the learning rate, c / √t by default. With `adaptive` each coordinate has its own, γₜ / √(b + Σ αᵢ² gᵢ²), for
/// a constant learning rate c.
public struct FTRLMomentum<Scalar: RuleScalar>: ElementRule {
  /// γ ≥ 0: must not rise.
  public var learningRate: Schedule
  /// αₜ > 0: the gradients' weights.
  public var weight: Schedule
  /// Whether γ is divided by the root of the sum of squares.
  public var adaptive: Bool
  /// b ≥ 0: where the sum of squares starts.
  public var initialAccumulator: Double

  private let sums = StepMemo<Schedule, Double>()

  public init(
    learningRate: Schedule = .inverseSquareRoot(0.1), weight: Schedule = 1, adaptive: Bool = false,
    initialAccumulator: Double = 0
  ) {
    self.learningRate = learningRate
    self.weight = weight
    self.adaptive = adaptive
    self.initialAccumulator = initialAccumulator
  }

  private enum CodingKeys: String, CodingKey { case learningRate, weight, adaptive, initialAccumulator }

  @frozen public struct State: BitwiseCopyable { public var m, G, x1: Scalar.Lane }

  // θ is computed from the state: rounding it would move θ.
  @inlinable public static var slotKinds: SlotKinds { .exact + .exact + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var mWeight, gLimit, α, leaderWeight, γS: Scalar
    @usableFromInline var adaptive: Bool
  }

  public func initialState(for θ: Lane) -> State {
    State(m: .zero, G: Lane(repeating: Scalar(initialAccumulator)), x1: θ)
  }

  /// Sₜ.
  private func weightSum(through t: Int) -> Double {
    if let α = weight.constantValue { return α * Double(t) }
    return sums.value(at: t, of: weight, from: 0) { [weight] sum, i in sum + weight(at: i) }
  }

  public func coefficients(at t: Int) -> Coefficients {
    let sum = weightSum(through: t)
    let next = weight(at: t + 1)
    return Coefficients(
      mWeight: Scalar(weight(at: t) / sum),
      gLimit: adaptive
        ? Scalar.largestGradient(squaresWeighedBy: weight(at: t) * weight(at: t)) : .greatestFiniteMagnitude,
      α: Scalar(weight(at: t)), leaderWeight: Scalar(next / (sum + next)),
      γS: Scalar(learningRate(at: t) * sum), adaptive: adaptive)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.m.decay(toward: g, by: c.mWeight)
    var descent = c.γS * s.m
    if c.adaptive {
      s.G.add(squareOf: c.α * g)
      descent = descent.dividedOrZero(by: Scalar.squareRoot(s.G))
    }
    θ.decay(toward: s.x1 - descent, by: c.leaderWeight)
  }

  public static var obstacleToMoving: String? {
    "each step computes θ anew from the start and the gradients' sum, and forgets what else was done to θ"
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "γ: step size of the leader"),
      .schedule("weight", \.weight, in: .positive, "αₜ: weight of the gradient of step t"),
      .flag("adaptive", \.adaptive, "γ over the root of each coordinate's sum of squares"),
      .number("initialAccumulator", \.initialAccumulator, in: .nonNegative, "b: where the sum of squares starts")
        .requiring("adaptive=true") { $0.adaptive },
    ]
  }
}
