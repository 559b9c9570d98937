import RealModule

/// AdaGrad with one step size that does not depend on the present gradient (Li & Orabona 2019; with momentum, 2020).
///
///     η ← α / (β + S)^(½ + ε)
///     m ← μ m + η g
///     θ ← θ − m
///     S ← S + ‖g‖²
///
/// ‖g‖ is the norm over all parameters; ``DelayedAdaGrad`` has a sum for each coordinate. The sum ends with the
/// gradient before the present one, so that η and g are independent. First step: α g / β^(½ + ε), which is
/// proportional to the gradient. ε is an offset of the exponent, in [0, ½]. With ε > 0 and 2 α M < β^(½ + ε), M being
/// the smoothness, the gradient converges to zero almost surely. The paper of 2019 has μ = 0.
public struct DelayedAdaGradNorm<Scalar: LaneScalar>: VectorRule {
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

  public struct State: Sendable {
    @usableFromInline var m: ParameterVector<Scalar>
    /// S.
    @usableFromInline var sum = 0.0
    @inlinable init(m: ParameterVector<Scalar>) { self.m = m }
  }

  public static var fields: [StateField<State, Scalar>] {
    [.vector("m", \.m), .number("sum", \.sum, in: .nonNegative)]
  }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(m: momentum == 0 ? .none : ParameterVector(zeros: θ.layout))
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    let (η, μ) = (stepSize(state.sum, at: t), Scalar(momentum(at: t)))
    let limit = Scalar.largestSummable(count: θ.layout.parameterCount)
    let m = state.m.laneCount > 0 ? state.m.mutableLanes() : nil
    let (x, g) = (θ.mutableLanes(), g.lanes)
    let squares = summed(lanes: θ.laneCount, threads: threads) { lanes in
      var sum = Scalar.Wide.zero
      for i in lanes {
        let g = g[i].infinityAsNaN.limited(to: limit)
        var u = η * g
        if let m {
          u = (μ * m[i] + u).finite
          m[i] = u
        }
        x[i] = (x[i] - u).finite
        let square = Scalar.widened(g)
        sum += square * square
      }
      return SumPair(sum.sum(), 0)
    }
    state.sum = Double.finite(state.sum + squares[0])
  }

  /// η.
  @usableFromInline
  func stepSize(_ sum: Double, at t: Int) -> Scalar {
    Scalar.finite(learningRate(at: t) * Double.pow(beta + sum, -0.5 - exponentOffset))
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta", \.beta, in: .positive, "β: where the sum of squared norms starts"),
      .number("exponentOffset", \.exponentOffset, in: .closedHalf, "ε: the sum's power is −(½ + ε)"),
      .schedule("momentum", \.momentum, in: .unit, "μ: share of the velocity that is kept"),
    ]
  }
}
