/// LAMB: Adam whose step is scaled to each parameter's norm (You et al. 2020, Algorithm 2).
///
///     m ← β₁ m + (1 − β₁) g,     m̂ = m / (1 − β₁ᵗ)
///     v ← β₂ v + (1 − β₂) g²,    v̂ = v / (1 − β₂ᵗ)
///     r = m̂ / (√v̂ + ε) + λ θ
///     θ ← θ − α φ(‖θ‖) / ‖r‖ r
///
/// with the norms of one parameter; φ(z) is z, or min(z, bound). First step: α ‖θ‖ in the direction of sign(g). The
/// ratio φ(‖θ‖) / ‖r‖ is 1 if either norm is 0. Vectors and scalars are layers, like matrices, unless ``minimumRank``
/// says otherwise. The method reads nothing else of a shape, so it does not matter which extents are inputs and which
/// outputs.
///
/// Peers: optax has this with ε = 1e-6 and no bound. Google's BERT code corrects no bias, first clips the gradient's
/// global norm to 1 (``ClipByGlobalNorm``) and leaves biases and normalization out (`minimumRank: 2`). Keras leaves λ θ
/// out of r, as ``SteppingRule/decayed(by:coupling:)`` around this rule does. The paper's λ is 0.01.
public struct LAMB<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// λ ≥ 0: decay inside the ratio.
  public var weightDecay: Double
  /// φ's upper bound; 0 for none.
  public var normBound: Double
  /// Whether the moments are corrected. If not, m̂ = m and v̂ = v.
  public var biasCorrection: Bool
  /// A parameter of fewer dimensions has the ratio 1.
  public var minimumRank: Int

  public init(
    learningRate: Schedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6,
    weightDecay: Double = 0, normBound: Double = 0, biasCorrection: Bool = true, minimumRank: Int = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.normBound = normBound
    self.biasCorrection = biasCorrection
    self.minimumRank = minimumRank
  }

  public struct State: Sendable {
    @usableFromInline var m, v: LaneArray<Scalar>

    @inlinable
    init(m: LaneArray<Scalar>, v: LaneArray<Scalar>) {
      self.m = m
      self.v = v
    }
  }

  public static var fields: [StateField<State, Scalar>] { [.array("m", \.m), .array("v", \.v)] }

  public static var dependsOnAxes: Bool { false }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State {
    State(m: LaneArray(zeros: θ.shape), v: LaneArray(zeros: θ.shape))
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    // m̂ / (√v̂ + ε) is √w m̂ / (√v + ε √w), for w = 1 − β₂ᵗ.
    let root = (biasCorrection ? Schedule.constant(beta2).oneMinusProduct(through: t) : 1).squareRoot()
    let mFactor = Scalar(biasCorrection ? root / Schedule.constant(beta1).oneMinusProduct(through: t) : 1)
    let (oneMinusβ1, oneMinusβ2) = (Scalar(1 - beta1), Scalar(1 - beta2))
    let (ε, λ) = (Scalar(epsilon * root), Scalar(weightDecay))
    let limit = Scalar.largestGradient(squaresWeighedBy: 1 - beta2)
    let m = state.m.mutableLanes()
    let v = state.v.mutableLanes()

    // r is computed twice: to read and write a third slot would cost more.
    @inline(__always)
    func direction(_ i: Int) -> Scalar.Lane {
      (mFactor * m[i]).dividedOrZero(by: Scalar.squareRoot(v[i]) + ε) + (λ * θ.lanes[i]).finite
    }
    var θSquares = Scalar.Wide.zero
    var rSquares = Scalar.Wide.zero
    for i in 0..<θ.laneCount {
      let g = g.lanes[i].infinityAsNaN.limited(to: limit)
      m[i].decay(toward: g, by: oneMinusβ1)
      v[i].decay(towardSquareOf: g, by: oneMinusβ2)
      let (x, r) = (Scalar.widened(θ.lanes[i]), Scalar.widened(direction(i)))
      θSquares += x * x
      rSquares += r * r
    }
    let θSum = θSquares.sum()
    let θNorm = θSum.isInfinite ? θ.norm : θSum.squareRoot()
    let ratio = θ.shape.count < minimumRank ? 1 : trustRatio(θNorm, rSquares.sum().squareRoot())
    let α = Scalar.finite(learningRate(at: t) * ratio)
    for i in 0..<θ.laneCount { θ.lanes[i] = (θ.lanes[i] - α * direction(i)).finite }
  }

  /// φ(‖θ‖) / ‖r‖.
  @inlinable
  func trustRatio(_ θNorm: Double, _ rNorm: Double) -> Double {
    guard θNorm != 0, rNorm != 0 else { return 1 }
    // If ‖r‖ is too large to be computed, the share is 0.
    if rNorm == .infinity { return 0 }
    return (normBound > 0 && θNorm > normBound ? normBound : θNorm) / rNorm
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size, as a share of ‖θ‖"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .number("weightDecay", \.weightDecay, in: .nonNegative, "λ: of the decay inside the ratio"),
      .number("normBound", \.normBound, in: .nonNegative, "φ's upper bound on ‖θ‖; 0 for none"),
      .flag("biasCorrection", \.biasCorrection, "divide the moments by 1 − βᵗ"),
      .integer("minimumRank", \.minimumRank, in: 0...100, "parameters of fewer dimensions have the ratio 1"),
    ]
  }
}
