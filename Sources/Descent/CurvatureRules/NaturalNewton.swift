/// Natural Newton: Newton's directions, shortened where they disagree (Le Roux & Fitzgibbon 2010), with the diagonal of
/// the curvature.
///
///     h̄ ← h̄ + wₖ (|h| − h̄)
///     d = g / (h̄ + ε)
///     C̃ ← (1 − wₜ) (C̃ + wₜ (d − μ)²)
///     μ ← μ + wₜ (d − μ)
///     θ ← θ − α d / (1 + min(B, C / ‖μ‖²)),  C = C̃ / Nₜ
///
/// with wₜ = (1 − γ) / (1 − γᵗ), so that μ is the mean of the directions with weights that fall by γ from step to step, and
/// C their variance without bias: Nₜ = 1 − Σ w² = 2 γ (1 − γᵗ⁻¹) / ((1 + γ) (1 − γᵗ)). The k-th curvature h has the
/// weight wₖ.
///
/// The idea: if directions are d ~ N(μ, C) and the prior is μ ~ N(0, σ² I), the mean of what is known of μ after d is
/// (I + C / σ²)⁻¹ d; σ² is taken to be ‖μ‖². First step: Newton's, α g / (|h| + ε).
///
/// Where this comes from: that directions are Newton's, γ = 0.995, the decaying mean and covariance, the correction
/// N for bias and the factor 1 / (1 + C / ‖μ‖²) are read from two published programs that follow the paper; one of them
/// has the bound B = 2. The paper itself was not at hand. This package's choices: h is the diagonal that the objective gives,
/// averaged, where those programs estimate it by differences of gradients (SGD-QN, L-BFGS); ε; C is the diagonal of the
/// covariance, renewed in every step and with the present direction in it; a constant α, where one program has
/// 1 / (t + t₀), `inverse` as a schedule.
///
/// g is a batch's gradient, so C is the covariance of batches' directions, and no number of examples divides it. A penalty
/// around the method is part of g and of h.
public struct NaturalNewton<Scalar: LaneScalar>: ObjectiveRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// γ in [0, 1): how much of the averages is kept.
  public var decay: Double
  /// B ≥ 0: a step is at least Newton's divided by 1 + B; 0 leaves Newton's step.
  public var bound: Double
  /// ε ≥ 0: added to the curvature.
  public var mu: Double
  public var curvature: DiagonalCurvature

  public init(
    learningRate: Schedule = 0.1, decay: Double = 0.995, bound: Double = 2, mu: Double = 0.02,
    curvature: DiagonalCurvature = DiagonalCurvature()
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.bound = bound
    self.mu = mu
    self.curvature = curvature
  }

  public var needs: Set<ObjectiveCapability> { [.curvatureDiagonal] }

  public struct State: Sendable {
    /// h̄, μ and C̃.
    @usableFromInline var h, mean, variance: ParameterVector<Scalar>
    /// Memory for the gradient, which becomes d, and for h.
    @usableFromInline var direction, answer: ParameterVector<Scalar>

    @inlinable
    init(for θ: ParameterVector<Scalar>) {
      let zeros = ParameterVector<Scalar>(zeros: θ.layout)
      (h, mean, variance, direction, answer) = (zeros, zeros, zeros, zeros, zeros)
    }
  }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { State(for: θ) }

  public static var fields: [StateField<State, Scalar>] {
    [.vector("h", \.h), .vector("mean", \.mean), .vector("variance", \.variance)]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    5 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    _ = try objective.value(at: θ, gradient: &s.direction)
    let c = coefficients(at: t)
    if curvature.isDue(at: t) {
      try objective.curvatureDiagonal(at: θ, curvature.form, into: &s.answer)
      let (h, new) = (s.h.mutableLanes(), s.answer.lanes)
      forEachLane(in: θ.laneCount, threads: threads) { h[$0].decay(toward: Scalar.magnitude(new[$0]).finite, by: c.wₕ) }
    }
    let (h, d) = (s.h.lanes, s.direction.mutableLanes())
    let (μ, C) = (s.mean.mutableLanes(), s.variance.mutableLanes())
    forEachLane(in: θ.laneCount, threads: threads) { i in
      let x = d[i].infinityAsNaN.dividedOrZero(by: h[i] + c.ε).limited(to: c.limit)
      let change = x - μ[i]
      C[i] = c.rest * (C[i] + (c.w * change) * change)
      μ[i] += c.w * change
      d[i] = x
    }
    let limit = Scalar.largestSummable(count: θ.layout.parameterCount)
    // Where nothing is known of the mean, it is 0: any variance is too much.
    let weight = Scalar.finite(1 / (c.unbiased * s.mean.sumOfSquares(limit: limit, threads: threads)))
    let x = θ.mutableLanes()
    forEachLane(in: θ.laneCount, threads: threads) { i in
      let doubt = Scalar.atMost(weight * C[i], c.bound)
      x[i] = (x[i] - (c.α * d[i]) / (1 + doubt)).finite
    }
  }

  @usableFromInline
  struct Coefficients: Sendable {
    @usableFromInline var α, w, rest, wₕ, ε, bound, limit: Scalar
    @usableFromInline var unbiased: Double
  }

  @usableFromInline
  func coefficients(at t: Int) -> Coefficients {
    func known(_ t: Int) -> Double { t < 1 ? 0 : Schedule.constant(decay).oneMinusProduct(through: t) }
    let w = (1 - decay) / known(t)
    let asked = (t - 1) / max(1, curvature.interval) + 1
    return Coefficients(
      α: Scalar.finite(learningRate(at: t)), w: Scalar(w), rest: Scalar(decay * known(t - 1) / known(t)),
      wₕ: Scalar((1 - decay) / known(asked)), ε: Scalar(mu), bound: Scalar.finite(bound),
      limit: Scalar.largestGradient() / 4, unbiased: 2 * decay * known(t - 1) / ((1 + decay) * known(t)))
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("decay", \.decay, in: .unit, "γ: how much of the averages is kept"),
      .number("bound", \.bound, in: .nonNegative, isLimit: true, "B: Newton's step is divided by 1 + B at most"),
      .number("mu", \.mu, in: .nonNegative, "ε: added to the curvature"),
    ] + DiagonalCurvature.options.map { $0.lifted(through: \.curvature) }
  }
}
