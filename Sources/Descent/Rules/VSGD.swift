/// vSGD-l: step sizes from the variance of the gradients, with a memory that adapts (Schaul, Zhang & LeCun 2013,
/// Algorithm 1).
///
///     ḡ ← (1 − 1 / τ) ḡ + g / τ
///     v̄ ← (1 − 1 / τ) v̄ + g² / τ
///     h̄ ← (1 − 1 / τ) h̄ + (|h| + μ) / τ
///     η = α ḡ² / (h̄ v̄)
///     τ ← (1 − ḡ² / v̄) τ + 1
///     θ ← θ − η g
///
/// The averages begin with the first gradient: ḡ = g, v̄ = C g², h̄ = C (|h| + μ), τ = τ₀. First step: α g / (C² (|h| + μ)). C is
/// the paper's slow start: too large variances at first make the first steps too small; later they are forgotten. The
/// paper takes a tenth of the number of parameters, which networks need; 2 is that of its authors' program. The paper also
/// begins with the averages of a few gradients instead of one.
///
/// Rounding errors feed back through τ into the averages: 200 steps on noise leave some 300 units in the last place.
///
/// μ is 0 in the paper. A network's h is nearly 0 where units are silent or outputs are certain, and g / h̄ is then far too
/// long: with networks of rectified units or cross-entropy set μ, and a smaller α, as all coordinates move at once.
///
/// The gradient g of a batch of n examples is their mean. Its second moment is v / n + (1 − 1 / n) ḡ², with v that of
/// single examples: the denominator that the paper gives for mini-batches. So v̄ needs no n.
///
/// With `outliers`, a gradient that is far from the average lengthens the memory before it is averaged (Schaul & LeCun
/// 2013, Algorithm 1): if |g − ḡ| > 2 √(v̄ − ḡ²), τ ← τ + 1. That paper does the same for outliers of h.
///
/// h, the slot `vsgd/h`, is the diagonal of the Hessian. An objective that can give it is asked (``DiagonalCurvature``).
/// If it cannot, assign h before the first step, and again whenever you have computed it anew:
/// `try optimizer.assign(h, toSlot: "vsgd/h")`. Every step averages h, also one that was given before. 0 ÷ 0 is 0: a
/// coordinate without gradients stays, and its memory grows.
public struct VSGD<Scalar: RuleScalar>: ElementRule, CurvatureScaledRule {
  /// α ≥ 0; 1 in the paper.
  public var learningRate: Schedule
  /// C ≥ 1.
  public var slowStart: Double
  /// τ₀ ≥ 1: the memory after the first step is (1 − 1 / C) τ₀ + 1.
  public var initialMemory: Double
  /// μ ≥ 0.
  public var mu: Double
  /// Whether outliers lengthen the memory.
  public var outliers: Bool
  public var curvature: DiagonalCurvature

  public init(
    learningRate: Schedule = 1, slowStart: Double = 2, initialMemory: Double = 2, mu: Double = 0,
    outliers: Bool = false, curvature: DiagonalCurvature = DiagonalCurvature()
  ) {
    self.learningRate = learningRate
    self.slowStart = slowStart
    self.initialMemory = initialMemory
    self.mu = mu
    self.outliers = outliers
    self.curvature = curvature
  }

  @frozen public struct State: BitwiseCopyable { public var gMean, vMean, hMean, τ, h: Scalar.Lane }

  // The memory τ depends on the ratio of the means, so it would follow their rounding, too.
  @inlinable public static var slotKinds: SlotKinds { .exact + .exact + .exact + .exact + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, slowStart, μ, gLimit, hLimit: Scalar
    @usableFromInline var isFirst, findsOutliers: Bool
  }

  public func initialState(for θ: Lane) -> State {
    State(
      gMean: .zero, vMean: .zero, hMean: .zero, τ: Lane(repeating: Scalar(initialMemory)), h: Lane(repeating: 1))
  }

  public func coefficients(at t: Int) -> Coefficients {
    let C = t == 1 ? slowStart : 1
    // The weight 1 / τ of a square may become 1.
    return Coefficients(
      α: Scalar(learningRate(at: t)), slowStart: Scalar(C), μ: Scalar(mu),
      gLimit: Scalar.largestGradient(squaresWeighedBy: C), hLimit: Scalar.greatestFiniteMagnitude / Scalar(C),
      isFirst: t == 1, findsOutliers: outliers && t > 1)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let one = Lane(repeating: 1)
    if c.findsOutliers {
      let deviation = Scalar.squareRoot(Scalar.atLeast(s.vMean - s.gMean * s.gMean, 0))
      let excess = Scalar.magnitude(g - s.gMean) - 2 * deviation
      s.τ = Scalar.select(s.τ + one, s.τ, wherePositive: excess)
    }
    let weight = c.isFirst ? one : one / s.τ
    let h = Scalar.atMost(Scalar.magnitude(s.h) + c.μ, c.hLimit)
    s.gMean += weight * (g - s.gMean)
    s.vMean += weight * (c.slowStart * (g * g) - s.vMean)
    s.hMean += weight * (c.slowStart * h - s.hMean)
    let root = s.gMean.dividedOrZero(by: Scalar.squareRoot(s.vMean))
    // Only rounding makes it exceed 1; a memory below 1 would let an average leave the range of its values.
    let ratio = Scalar.atMost(root * root, 1)
    s.τ = (s.τ - ratio * s.τ) + one
    θ -= (c.α * ratio * g).dividedOrZero(by: s.hMean)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: multiplies the step"),
      .number(
        "slowStart", \.slowStart, in: .atLeastOne,
        "C: factor on the first variance and curvature; networks: parameters ÷ 10"),
      .number("initialMemory", \.initialMemory, in: .atLeastOne, "τ₀: memory at the start"),
      .number("mu", \.mu, in: .nonNegative, "μ: added to the curvature"),
      .flag("outliers", \.outliers, "whether a gradient far from the average lengthens the memory"),
    ] + curvatureOptions
  }
}

extension VSGD {
  /// A checkpoint of before μ and outliers were options has none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      learningRate: try values.decode(Schedule.self, forKey: .learningRate),
      slowStart: try values.decode(Double.self, forKey: .slowStart),
      initialMemory: try values.decode(Double.self, forKey: .initialMemory),
      mu: try values.decodeIfPresent(Double.self, forKey: .mu) ?? 0,
      outliers: try values.decodeIfPresent(Bool.self, forKey: .outliers) ?? false,
      curvature: try values.decode(DiagonalCurvature.self, forKey: .curvature))
  }
}
