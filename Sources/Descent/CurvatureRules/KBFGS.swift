/// K-BFGS: Kronecker-factored quasi-Newton steps without inverses (Goldfarb, Ren & Bahamou 2020, Algorithm 2).
///
///     M ← ρ M + (1 − ρ) g
///     Δ = H_a M H_g,  θ' = θ − α Δ
///     A ← β A + (1 − β) E[ā āᵀ]
///     H_a ← BFGS(H_a; s_a, y_a),  s_a = H_a E[ā],  y_a = (A + √λ I) s_a
///     s ← δ s + (1 − δ) (E[h(θ)] − E[h(θ')]),  y ← δ y + (1 − δ) (E[Dh(θ)] − E[Dh(θ')])
///     H_g ← BFGS(H_g; doubly damped s, y)
///     θ ← θ'
///
/// for each dense layer, whose weights, with the bias as a last row, are a matrix of inputs × outputs. ā are a layer's
/// inputs with a 1 for the bias, h its outputs before the nonlinearity, Dh the gradients by them with the batch's own
/// labels; means at θ and θ' are over the same batch, which is asked twice. Parameters outside of such layers step by M.
/// Of convolutions the means are over the places of the window, too; A sums over them as in ``KFAC``. (The paper has no
/// convolutions.)
///
///     BFGS(H; s, y) = H + ϱ (ϱ yᵀHy + 1) s sᵀ − ϱ (s (H y)ᵀ + H y sᵀ),  ϱ = 1 / sᵀy
///
/// is skipped unless sᵀy > 10⁻⁴ ‖s‖² ‖·‖, with the norm of E[ā] or E[Dh(θ)]. Double damping takes
/// s ← ϑ s + (1 − ϑ) H y if sᵀy < μ₁ yᵀHy, so that they become equal, and then y ← ϑ y + (1 − ϑ) s if sᵀy < μ₂ sᵀs, so that
/// those do. μ₂ = √λ unless it is given.
///
/// First step: A is the first batch's, H_a the inverse of A + √λ I, H_g is I, M is (1 − ρ) g. With `warmSteps`, θ stays for so
/// many steps at the start, and A is the mean over them; the authors do that for an epoch. Their δ is 0 where a batch is the whole training set. Their penalty, τ = 10⁻⁵, is up to
/// ``Penalized``.
///
/// Memory: for a layer of n inputs and m outputs A, its sums over a batch, H_a and H_g, 3 n² + m² numbers, and four vectors
/// like θ. Cost of a step besides the gradient's: a second gradient, products of the batch's rows with one another,
/// rows · n², and n² m + n m² for Δ.
public struct KBFGS<Scalar: LaneScalar>: ObjectiveRule {
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
  /// γ > 0: H_g is γ I at first.
  public var initialScale: Double
  /// Steps at the start that average A and leave θ where it is, at least 0.
  public var warmSteps: Int

  public init(
    learningRate: Schedule = 0.3, momentum: Double = 0.9, damping: Schedule = 0.3, decay: Double = 0.9,
    pairDecay: Double = 0.9, powellDamping: Double = 0.2, leastCurvature: Double = 0, threshold: Double = 1e-4,
    initialScale: Double = 1, warmSteps: Int = 0
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
    self.warmSteps = warmSteps
  }

  public var needs: Set<ObjectiveCapability> { [.layers, .otherPoints] }

  public struct State: Sendable {
    @usableFromInline var layers: LayerQuasiNewton<InverseMatrices<Scalar>>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>, scale γ: Double) {
      layers = LayerQuasiNewton(for: θ) { InverseMatrices(orders: $0, scale: γ) }
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(for: θ, scale: initialScale) }

  @inlinable public func moves(at t: Int) -> Bool { t > warmSteps }

  public static var fields: [StateField<State, Scalar>] {
    LayerQuasiNewton<InverseMatrices<Scalar>>.fields.map { $0.lifted(through: \.layers) } + [
      .arrays("inverseOutputs", \.layers.outputs.matrices)
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    LayerQuasiNewton<InverseMatrices<Scalar>>.byteCount(of: layout) { $0 * $0 }
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !state.layers.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    try state.layers.step(&θ, on: &objective, constants(at: t), at: t, threads: threads)
  }

  /// The numbers of step t.
  @usableFromInline
  func constants(at t: Int) -> LayerQuasiNewtonConstants {
    let λ = damping(at: t)
    return LayerQuasiNewtonConstants(
      α: learningRate(at: t), λ: λ, momentum: momentum, decay: decay, pairDecay: pairDecay, μ1: powellDamping,
      μ2: leastCurvature > 0 ? leastCurvature : λ.squareRoot(), threshold: threshold,
      warmSteps: warmSteps)
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
      .number("initialScale", \.initialScale, in: .positive, "γ: H_g is γ I at first"),
      .integer("warmSteps", \.warmSteps, in: 0...1_000_000, "first steps that average A only"),
    ]
  }
}
