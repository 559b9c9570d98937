/// Schaul, Zhang and LeCun's step size in the form of ADADELTA's equation 7 (2012), over an exponential window.
///
///     ḡ ← ρ ḡ + (1 − ρ) g
///     v̄ ← ρ v̄ + (1 − ρ) g²
///     θ ← θ − α (E[g]² / E[g²]) g / (|h| + μ),  E[g] = ḡ / (1 − ρᵗ),  E[g²] = v̄ / (1 − ρᵗ)
///
/// An exponential window with ρ = 1 − 1 / w replaces the equation's window of w gradients. Both averages are divided by
/// the sum of their weights, so that the ratio is 1 while only one gradient is known: the first step is α g / (|h| + μ),
/// Newton's. The ratio lies in [0, 1]: if gradients agree the step is Newton's, if they are noise it vanishes.
///
/// h, the slot `schaul/h`, is the diagonal of the Hessian. An objective that can give it is asked
/// (``DiagonalCurvature``). If it cannot, assign h before the first step, and again whenever you have computed it anew:
/// `try optimizer.assign(h, toSlot: "schaul/h")`. If |h| + μ is 0 the coordinate stays. ``VSGD`` adapts the window, too.
public struct Schaul<Scalar: RuleScalar>: ElementRule, CurvatureScaledRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ρ in [0, 1).
  public var rho: Double
  /// μ ≥ 0; 0 in the paper. Networks need it: see ``VSGD``.
  public var mu: Double
  public var curvature: DiagonalCurvature

  public init(
    learningRate: Schedule = 1, rho: Double = 0.9, mu: Double = 0, curvature: DiagonalCurvature = DiagonalCurvature()
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.mu = mu
    self.curvature = curvature
  }

  @frozen public struct State: BitwiseCopyable { public var gMean, vMean, h: Scalar.Lane }

  // The curvature is given.
  @inlinable public static var slotKinds: SlotKinds { .signed + .nonNegative + .exact }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, oneMinusρ, μ, gLimit: Scalar
  }

  public func initialState(for θ: Lane) -> State { State(gMean: .zero, vMean: .zero, h: Lane(repeating: 1)) }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      α: Scalar(learningRate(at: t) / Schedule.constant(rho).oneMinusProduct(through: t)), oneMinusρ: Scalar(1 - rho),
      μ: Scalar(mu), gLimit: Scalar.largestGradient(squaresWeighedBy: 1 - rho))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    s.gMean.decay(toward: g, by: c.oneMinusρ)
    s.vMean.decay(towardSquareOf: g, by: c.oneMinusρ)
    // The ratio's root comes first, so that no square of a small mean underflows.
    let root = s.gMean.dividedOrZero(by: Scalar.squareRoot(s.vMean))
    θ -= (c.α * (root * root) * g).dividedOrZero(by: Scalar.magnitude(s.h) + c.μ)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("rho", \.rho, in: .unit, "ρ: decay of the averages, 1 − 1 / window"),
      .number("mu", \.mu, in: .nonNegative, "μ: added to the curvature"),
    ] + curvatureOptions
  }
}

extension Schaul {
  /// A checkpoint of before μ was an option has none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      learningRate: try values.decode(Schedule.self, forKey: .learningRate),
      rho: try values.decode(Double.self, forKey: .rho),
      mu: try values.decodeIfPresent(Double.self, forKey: .mu) ?? 0,
      curvature: try values.decode(DiagonalCurvature.self, forKey: .curvature))
  }
}
