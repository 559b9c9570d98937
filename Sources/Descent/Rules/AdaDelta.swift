/// ADADELTA (Zeiler 2012, Algorithm 1).
///
///     E[g²]  ← ρ E[g²] + (1 − ρ) g²
///     Δ      = √(E[Δ²] + ε) / √(E[g²] + ε) · g
///     E[Δ²]  ← ρ E[Δ²] + (1 − ρ) Δ²
///     θ      ← θ − α Δ
///
/// The paper has no α: here it is 1. First step: about √(ε / (1 − ρ)) sign(g), 4.5e-3 for the paper's values, whatever
/// the gradient's size; the method starts slowly by design.
///
/// Peers: torch has ρ = 0.9; Keras has α = 0.001, a thousand times too slow. Here and in all peers, E[Δ²] takes Δ
/// before it is multiplied by α.
public struct AdaDelta<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0; the paper's method has 1.
  public var learningRate: Schedule
  /// ρ in [0, 1).
  public var rho: Double
  /// ε > 0, inside both roots: it also sets the first steps' size.
  public var epsilon: Double

  public init(learningRate: Schedule = 1, rho: Double = 0.95, epsilon: Double = 1e-6) {
    self.learningRate = learningRate
    self.rho = rho
    self.epsilon = epsilon
  }

  @frozen public struct State: BitwiseCopyable { public var squaredGradient, squaredUpdate: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .nonNegative + .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, oneMinusρ, gLimit, ε: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    // An ε below the precision's range must not become zero, or 0 ÷ 0 arises.
    Coefficients(
      α: Scalar(learningRate(at: t)), oneMinusρ: Scalar(1 - rho),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - rho),
      ε: Swift.max(Scalar(epsilon), .leastNormalMagnitude))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("squaredGradient", epsilon: 0, epsilonRoot: epsilon)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.squaredGradient.decay(towardSquareOf: g, by: c.oneMinusρ)
    let Δ = Scalar.squareRoot((s.squaredUpdate + c.ε) / (s.squaredGradient + c.ε)) * g
    s.squaredUpdate.decay(towardSquareOf: Δ, by: c.oneMinusρ)
    θ -= c.α * Δ
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: 1 in the paper"),
      .number("rho", \.rho, in: .unit, "ρ: decay of both mean squares"),
      .number("epsilon", \.epsilon, in: .positive, "ε: added inside both roots"),
    ]
  }
}
