import RealModule

/// AdaGrad whose step size does not depend on the present gradient (Li & Orabona 2019; with momentum, 2020).
///
///     η ← α / (β + S)^(½ + ε)
///     m ← μ m + η g
///     θ ← θ − m
///     S ← S + g²
///
/// The sum ends with the gradient before the present one, so that η and g are independent; with the present one it
/// would be ``AdaGrad``. β is not a numerical safeguard: it sets the first step, α g / β^(½ + ε), which is
/// proportional to the gradient. ε is an offset of the exponent, in [0, ½]. Rates of convergence need ε ≥ 0, and
/// almost sure convergence ε > 0; both need ``satisfiesCondition(smoothness:)``. The paper of 2019 has μ = 0.
///
/// Each coordinate has its own step size. 0 ÷ 0 cannot occur.
public struct DelayedAdaGrad<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β > 0.
  public var beta: Double
  /// ε in [0, ½]: the power of the sum is −(½ + ε).
  public var exponentOffset: Double
  /// μ in [0, 1).
  public var momentum: Schedule

  public init(learningRate: Schedule = 0.1, beta: Double = 1, exponentOffset: Double = 0, momentum: Schedule = 0) {
    self.learningRate = learningRate
    self.beta = beta
    self.exponentOffset = exponentOffset
    self.momentum = momentum
  }

  /// Whether α, β and ε satisfy the condition under which the paper proves that the gradient converges to zero almost
  /// surely, for an objective whose gradient has the Lipschitz constant M: 0 < ε ≤ ½ and 2 α M < β^(½ + ε).
  ///
  /// - Parameter M: The objective's smoothness, M ≥ 0.
  public func satisfiesCondition(smoothness M: Double) -> Bool {
    exponentOffset > 0 && exponentOffset <= 0.5
      && 2 * learningRate.range.upperBound * M < Double.pow(beta, 0.5 + exponentOffset)
  }

  @frozen public struct State: BitwiseCopyable { public var S, m: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .nonNegative + .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var gLimit, α, β, μ: Scalar
    /// −(½ + ε).
    @usableFromInline var power: Double
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      gLimit: Scalar.largestGradient(), α: Scalar(learningRate(at: t)), β: Scalar(beta), μ: Scalar(momentum(at: t)),
      power: -0.5 - exponentOffset)
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let g = g.limited(to: c.gLimit)
    let sum = (s.S + c.β).finite
    let step = c.power == -0.5 ? (c.α * g) / Scalar.squareRoot(sum) : (c.α * g) * Scalar.power(sum, c.power)
    s.m = (c.μ * s.m + step).finite
    θ -= s.m
    s.S.add(squareOf: g)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta", \.beta, in: .positive, "β: where the sum of squares starts"),
      .number("exponentOffset", \.exponentOffset, in: .closedHalf, "ε: the sum's power is −(½ + ε)"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of the velocity that is kept"),
    ]
  }
}
