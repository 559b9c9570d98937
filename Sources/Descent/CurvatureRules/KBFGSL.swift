/// K-BFGS(L): ``KBFGS`` with limited memory: H_g is made of the last pairs s, y in each step (Goldfarb, Ren & Bahamou 2020).
///
///     H_g M by the two loops of L-BFGS (Nocedal 1980) over at most `history` pairs, from γ I
///
/// All else is K-BFGS: while there are no more pairs than `history`, its steps are the same to rounding. The products with
/// all rows of M are products of matrices: two loops over the pairs' coefficients, not over the rows.
///
/// First step: that of K-BFGS.
///
/// The authors' code has the recursion in its compact form (Byrd, Nocedal & Schnabel 1994); γ = 1 there, too.
///
/// Memory: that of K-BFGS with 2 · `history` · m in the place of m² for a layer of m outputs, and cost n² m + 4 n m · `history`
/// for Δ.
public struct KBFGSL<Scalar: LaneScalar>: ObjectiveRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// ρ in [0, 1).
  public var momentum: Double
  /// λ > 0.
  public var damping: Schedule
  /// β in [0, 1): how much of A is kept.
  public var decay: Double
  /// δ in [0, 1): how much of s and y is kept.
  public var pairDecay: Double
  /// μ₁ in [0, 1).
  public var powellDamping: Double
  /// μ₂ ≥ 0; 0 for √λ.
  public var leastCurvature: Double
  /// sᵀy must be above this share of ‖s‖² ‖·‖.
  public var threshold: Double
  /// γ > 0: H_g is γ I without pairs.
  public var initialScale: Double
  /// Pairs of each layer.
  public var history: Int

  public init(
    learningRate: Schedule = 0.3, momentum: Double = 0.9, damping: Schedule = 0.3, decay: Double = 0.9,
    pairDecay: Double = 0.9, powellDamping: Double = 0.2, leastCurvature: Double = 0, threshold: Double = 1e-4,
    initialScale: Double = 1, history: Int = 100
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.damping = damping
    self.decay = decay
    self.pairDecay = pairDecay
    self.powellDamping = powellDamping
    self.leastCurvature = leastCurvature
    self.threshold = threshold
    self.initialScale = initialScale
    self.history = history
  }

  public static var needs: Set<ObjectiveCapability> { [.layers, .otherPoints] }

  public struct State: Sendable {
    @usableFromInline var layers: LayerQuasiNewton<CurvaturePairs<Scalar>>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>, history: Int, scale γ: Double) {
      layers = LayerQuasiNewton(for: θ) { CurvaturePairs(orders: $0, history: history, scale: γ) }
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(for: θ, history: history, scale: initialScale)
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("momentum", \.layers.momentum), .arrays("inputs", \.layers.moments),
      .arrays("inverseInputs", \.layers.inputs.matrices), .arrays("pairPoints", \.layers.outputs.points),
      .arrays("pairGradients", \.layers.outputs.gradients),
      .doubles("points", \.layers.points), .doubles("gradients", \.layers.gradients),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    LayerQuasiNewton<CurvaturePairs<Scalar>>.byteCount(of: layout) { 2 * Double(history) * $0 }
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !state.layers.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    let λ = damping(at: t)
    let constants = LayerQuasiNewtonConstants(
      α: learningRate(at: t), λ: λ, momentum: momentum, decay: decay, pairDecay: pairDecay, μ1: powellDamping,
      μ2: leastCurvature > 0 ? leastCurvature : λ.squareRoot(), threshold: threshold)
    try state.layers.step(&θ, on: &objective, constants, at: t, threads: threads)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "ρ: how much of M is kept"),
      .schedule("damping", \.damping, in: .positive, "λ: √λ is added to A"),
      .number("decay", \.decay, in: .unit, "β: how much of A is kept"),
      .number("pairDecay", \.pairDecay, in: .unit, "δ: how much of s and y is kept"),
      .number("powellDamping", \.powellDamping, in: .unit, "μ₁: least sᵀy, as a share of yᵀHy"),
      .number("leastCurvature", \.leastCurvature, in: .nonNegative, "μ₂: least sᵀy, as a share of sᵀs; 0 for √λ"),
      .number("threshold", \.threshold, in: .nonNegative, "updates with a lower sᵀy / (‖s‖² ‖g‖) are skipped"),
      .number("initialScale", \.initialScale, in: .positive, "γ: H_g is γ I without pairs"),
      .integer("history", \.history, in: 1...10_000, "pairs that H_g is made of"),
    ]
  }
}
