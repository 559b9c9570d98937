/// vSGD-l: step sizes from the variance of the gradients, with a memory that adapts (Schaul, Zhang & LeCun 2013,
/// Algorithm 1).
///
///     ḡ ← (1 − 1 / τ) ḡ + g / τ
///     v̄ ← (1 − 1 / τ) v̄ + g² / τ
///     h̄ ← (1 − 1 / τ) h̄ + |h| / τ
///     η = α ḡ² / (h̄ v̄)
///     τ ← (1 − ḡ² / v̄) τ + 1
///     θ ← θ − η g
///
/// The averages begin with the first gradient: ḡ = g, v̄ = C g², h̄ = C |h|, τ = τ₀. First step: α g / (C² |h|). C is
/// the paper's slow start: too large variances at first make the first steps too small; later they are forgotten. The
/// paper begins with the averages of a few gradients instead of one.
///
/// Rounding errors feed back through τ into the averages: 200 steps on noise leave some 300 units in the last place.
///
/// h, the slot `vsgd/h`, is the diagonal of the Hessian. Assign it before the first step, and again whenever you have
/// computed it anew: `try optimizer.assign(h, toSlot: "vsgd/h")`. 0 ÷ 0 is 0: a coordinate without gradients stays,
/// and its memory grows.
public struct VSGD<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0; 1 in the paper.
  public var learningRate: Schedule
  /// C ≥ 1.
  public var slowStart: Double
  /// τ₀ ≥ 1: the memory after the first step is (1 − 1 / C) τ₀ + 1.
  public var initialMemory: Double

  public init(learningRate: Schedule = 1, slowStart: Double = 2, initialMemory: Double = 2) {
    self.learningRate = learningRate
    self.slowStart = slowStart
    self.initialMemory = initialMemory
  }

  @frozen public struct State: BitwiseCopyable { public var gMean, vMean, hMean, τ, h: Scalar.Lane }

  // The memory τ depends on the ratio of the means, so it would follow their rounding, too.
  @inlinable public static var slotKinds: SlotKinds { .exact + .exact + .exact + .exact + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, slowStart, gLimit: Scalar
    @usableFromInline var isFirst: Bool
  }

  public func initialState(for θ: Lane) -> State {
    State(
      gMean: .zero, vMean: .zero, hMean: .zero, τ: Lane(repeating: Scalar(initialMemory)), h: Lane(repeating: 1))
  }

  public func coefficients(at t: Int) -> Coefficients {
    let C = t == 1 ? slowStart : 1
    // The weight 1 / τ of a square may become 1.
    return Coefficients(
      α: Scalar(learningRate(at: t)), slowStart: Scalar(C), gLimit: Scalar.largestGradient(squaresWeighedBy: C),
      isFirst: t == 1)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let one = Lane(repeating: 1)
    let weight = c.isFirst ? one : one / s.τ
    let h = Scalar.magnitude(s.h)
    s.gMean += weight * (g - s.gMean)
    s.vMean += weight * (c.slowStart * (g * g) - s.vMean)
    s.hMean += weight * (c.slowStart * h - s.hMean)
    let root = s.gMean.dividedOrZero(by: Scalar.squareRoot(s.vMean))
    // Only rounding makes it exceed 1; a memory below 1 would let an average leave the range of its values.
    let ratio = Scalar.atMost(root * root, 1)
    s.τ = (s.τ - ratio * s.τ) + one
    θ -= (c.α * ratio * g).dividedOrZero(by: s.hMean)
  }

  public static var curvatureSlot: String? { "\(name)/h" }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: multiplies the step"),
      .number("slowStart", \.slowStart, in: .atLeastOne, "C: factor on the first variance and curvature"),
      .number("initialMemory", \.initialMemory, in: .atLeastOne, "τ₀: memory at the start"),
    ]
  }
}
