/// Rprop: resilient propagation (Riedmiller & Braun 1993) in the form iRprop− (Igel & Hüsken 2000).
///
///     p = sign(g) sign(gₚ)
///     Δ ← Δ η⁺ where p > 0, Δ η⁻ where p < 0, within [Δmin, Δmax]
///     g ← 0 where p < 0
///     θ ← θ − Δ sign(g)
///     gₚ ← g
///
/// First step: α sign(g), since Δ starts at α. Use it with the gradient of all data; with mini-batches the signs are
/// noise. After a change of sign the coordinate waits for one step.
///
/// With a schedule, Δ starts at the schedule's ``Schedule/base`` α, and step t is multiplied by αₜ / α.
///
/// Peers: torch computes the same; it multiplies the gradients themselves, whose product may underflow. optax returns
/// the update of the step before: its first step is 0, and each update comes one step late.
public struct Rprop<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0: the start of every Δ.
  public var learningRate: Schedule
  /// η⁺ ≥ 1.
  public var increase: Double
  /// η⁻ in (0, 1).
  public var decrease: Double
  /// Δmin ≥ 0.
  public var smallestStep: Double
  /// Δmax > 0.
  public var largestStep: Double

  public init(
    learningRate: Schedule = 0.01, increase: Double = 1.2, decrease: Double = 0.5, smallestStep: Double = 1e-6,
    largestStep: Double = 50
  ) {
    self.learningRate = learningRate
    self.increase = increase
    self.decrease = decrease
    self.smallestStep = smallestStep
    self.largestStep = largestStep
  }

  @frozen public struct State: BitwiseCopyable { public var gPrevious, Δ: Scalar.Lane }

  // Δ is a step size: it is multiplied from step to step, not averaged.
  @inlinable public static var slotKinds: SlotKinds { .signed + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var scale, increase, decrease, smallest, largest: Scalar
  }

  public func initialState(for θ: Lane) -> State {
    State(gPrevious: .zero, Δ: Lane(repeating: Scalar(learningRate.base)))
  }

  public func coefficients(at t: Int) -> Coefficients {
    let base = learningRate.base
    return Coefficients(
      scale: Scalar(base == 0 ? 1 : learningRate(at: t) / base), increase: Scalar(increase),
      decrease: Scalar(decrease), smallest: Scalar(smallestStep), largest: Scalar(largestStep))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let agreement = Scalar.sign(g) * Scalar.sign(s.gPrevious)
    let factor = Scalar.select(
      Lane(repeating: c.increase),
      Scalar.select(Lane(repeating: c.decrease), Lane(repeating: 1), wherePositive: -agreement),
      wherePositive: agreement)
    s.Δ = Scalar.atMost(Scalar.atLeast(s.Δ * factor, c.smallest), c.largest)
    s.gPrevious = Scalar.select(.zero, g, wherePositive: -agreement)
    θ -= (c.scale * s.Δ) * Scalar.sign(s.gPrevious)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: where every Δ starts"),
      .number("increase", \.increase, in: .atLeastOne, "η⁺: Δ's factor while the sign stays"),
      .number("decrease", \.decrease, in: .openUnit, "η⁻: Δ's factor when the sign changes"),
      .number("smallestStep", \.smallestStep, in: .nonNegative, "Δmin"),
      .number("largestStep", \.largestStep, in: .positive, "Δmax"),
    ]
  }
}
