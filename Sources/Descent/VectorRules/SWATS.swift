/// SWATS: Adam until the step size that gradient descent would need has settled, then gradient descent with that step
/// size (Keskar & Socher 2017, Algorithm 1).
///
///     Adam:  p = −α √(1 − β₂ᵗ) / (1 − β₁ᵗ) m / (√v + ε),   θ ← θ + p
///            γ = pᵀp / (−pᵀg),   λ ← β₂ λ + (1 − β₂) γ,   λ̂ = λ / (1 − β₂ᵗ)         unless pᵀg = 0
///            if t > 1 and |λ̂ − γ| < tolerance: Λ = λ̂, and from the next step on
///     SGD:   u ← β₁ u + g,   θ ← θ − (1 − β₁) Λ u,                                  u₀ = 0
///
/// with inner products over all parameters. First step: α sign(g). The rate α has no effect in the second phase: a
/// schedule ends with the first. Λ must be positive: with a negative one the paper's text would step uphill. The paper
/// uses one ε = 1e-9 for both the root and the tolerance; peers compare relative to γ, or each parameter separately.
public struct SWATS<Scalar: LaneScalar>: VectorRule {
  /// Adam's α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to √v.
  public var epsilon: Double
  /// How near γ and its average must be, at least 0.
  public var tolerance: Double

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-9,
    tolerance: Double = 1e-9
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.tolerance = tolerance
  }

  public struct State: Sendable {
    /// m, then u.
    @usableFromInline var m: ParameterVector<Scalar>
    @usableFromInline var v: ParameterVector<Scalar>
    /// λ.
    @usableFromInline var λ = 0.0
    /// Λ; 0 during Adam's phase.
    @usableFromInline var rate = 0.0

    @inlinable
    init(layout: ParameterLayout) {
      m = ParameterVector(zeros: layout)
      v = ParameterVector(zeros: layout)
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [.vector("m", \.m), .vector("v", \.v), .number("lambda", \.λ), .number("rate", \.rate)]
  }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { State(layout: θ.layout) }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    let (x, g, m) = (θ.mutableLanes(), g.lanes, state.m.mutableLanes())
    guard state.rate == 0 else {
      let (β1, rate) = (Scalar(beta1), Scalar.finite((1 - beta1) * state.rate))
      forEachLane(in: θ.laneCount, threads: threads) { i in
        m[i] = (β1 * m[i] + g[i].infinityAsNaN).finite
        x[i] = (x[i] - rate * m[i]).finite
      }
      return
    }
    let α = Scalar(learningRate(at: t) * correction(beta1, beta2, at: t))
    let (oneMinusβ1, oneMinusβ2, ε) = (Scalar(1 - beta1), Scalar(1 - beta2), Scalar(epsilon))
    let v = state.v.mutableLanes()
    let summable = Scalar.largestSummable(count: θ.layout.parameterCount)
    let limit = min(Scalar.largestGradient(squaresWeighedBy: 1 - beta2), summable)
    let sums = summed(lanes: θ.laneCount, threads: threads) { lanes in
      var (pp, pg) = (Scalar.Wide.zero, Scalar.Wide.zero)
      for i in lanes {
        let g = g[i].infinityAsNaN.limited(to: limit)
        m[i].decay(toward: g, by: oneMinusβ1)
        v[i].decay(towardSquareOf: g, by: oneMinusβ2)
        let u = (α * m[i]).dividedOrZero(by: Scalar.squareRoot(v[i]) + ε).limited(to: summable)
        x[i] = (x[i] - u).finite
        let p = Scalar.widened(u)
        pp += p * p
        pg += p * Scalar.widened(g)
      }
      return SumPair(pp.sum(), pg.sum())
    }
    // Here p has the opposite sign, so that pᵀg is the paper's −pᵀg.
    guard sums[1] != 0 else { return }
    let γ = Double.finite(sums[0] / sums[1])
    state.λ = (state.λ - (1 - beta2) * state.λ) + (1 - beta2) * γ
    let settled = state.λ / Schedule.constant(beta2).oneMinusProduct(through: t)
    if t > 1, abs(settled - γ) < tolerance, settled > 0 {
      state.rate = settled
      state.m.setToZero()
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size of Adam"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient, then the momentum"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square and of λ"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("tolerance", \.tolerance, in: .nonNegative, "how near γ and its average are at the switch"),
    ]
  }
}
