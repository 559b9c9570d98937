/// RMSProp (Tieleman & Hinton 2012, lecture 6e).
///
///     v ← ρ v + (1 − ρ) g²
///     θ ← θ − α g / (√(v + ε') + ε)
///
/// First step: α sign(g) / √(1 − ρ), so 3.16 α for ρ = 0.9: there is no bias correction. The lecture writes no ε;
/// `epsilon: 0` is its form (0 ÷ 0 is 0).
///
/// Peers: torch has ρ = 0.99 and ε outside the root, Keras and optax (by default) have it inside; TensorFlow 1 starts
/// v from 1.
public struct RMSProp<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ρ in [0, 1).
  public var rho: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// ε' ≥ 0, added inside the root.
  public var epsilonRoot: Double
  /// v₀ ≥ 0.
  public var initialSecondMoment: Double

  public init(
    learningRate: Schedule = 0.001, rho: Double = 0.9, epsilon: Double = 1e-8, epsilonRoot: Double = 0,
    initialSecondMoment: Double = 0
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.epsilon = epsilon
    self.epsilonRoot = epsilonRoot
    self.initialSecondMoment = initialSecondMoment
  }

  @frozen public struct State: BitwiseCopyable { public var v: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, oneMinusρ, gLimit, ε, εRoot: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(v: Lane(repeating: Scalar(initialSecondMoment))) }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      α: Scalar(learningRate(at: t)), oneMinusρ: Scalar(1 - rho),
      gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - rho), ε: Scalar(epsilon), εRoot: Scalar(epsilonRoot))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("v", epsilon: epsilon, epsilonRoot: epsilonRoot)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.v.decay(towardSquareOf: g, by: c.oneMinusρ)
    θ -= (c.α * g).dividedOrZero(by: Scalar.squareRoot(s.v + c.εRoot) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("rho", \.rho, in: .unit, "ρ: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonRoot", \.epsilonRoot, in: .nonNegative, "ε': added inside the root"),
      .number("initialSecondMoment", \.initialSecondMoment, in: .nonNegative, "v₀: where the mean square starts"),
    ]
  }
}
