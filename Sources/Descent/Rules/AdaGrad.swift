/// AdaGrad with diagonal matrices (Duchi, Hazan & Singer 2011).
///
///     G ← G + g²
///     θ ← θ − α g / (√(G + ε') + ε)
///
/// First step: α sign(g), if the accumulator starts from zero. 0 ÷ 0 is 0: a coordinate that never had a gradient
/// stays.
///
/// Peers: torch has ε outside the root (1e-10) and the accumulator from 0; optax and Keras have ε inside (1e-7) and the
/// accumulator from 0.1. torch's `lr_decay` is the rate ``Schedule/inverseTime(_:decay:power:)``.
public struct AdaGrad<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ε ≥ 0, added to the root (the paper's δ).
  public var epsilon: Double
  /// ε' ≥ 0, added inside the root.
  public var epsilonRoot: Double
  /// G₀ ≥ 0.
  public var initialAccumulator: Double

  public init(
    learningRate: Schedule = 0.01, epsilon: Double = 1e-10, epsilonRoot: Double = 0, initialAccumulator: Double = 0
  ) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.epsilonRoot = epsilonRoot
    self.initialAccumulator = initialAccumulator
  }

  @frozen public struct State: BitwiseCopyable { public var G: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .nonNegative }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var gLimit, α, ε, εRoot: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(G: Lane(repeating: Scalar(initialAccumulator))) }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      gLimit: Scalar.largestGradient(), α: Scalar(learningRate(at: t)), ε: Scalar(epsilon), εRoot: Scalar(epsilonRoot))
  }

  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? {
    EpsilonThreshold("G", epsilon: epsilon, epsilonRoot: epsilonRoot)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.G.add(squareOf: g)
    θ -= (c.α * g).dividedOrZero(by: Scalar.squareRoot(s.G + c.εRoot) + c.ε)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("epsilonRoot", \.epsilonRoot, in: .nonNegative, "ε': added inside the root"),
      .number("initialAccumulator", \.initialAccumulator, in: .nonNegative, "G₀: where the sum of squares starts"),
    ]
  }
}
