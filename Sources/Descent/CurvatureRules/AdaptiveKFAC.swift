import RealModule

/// K-FAC as in its paper: step size, momentum and damping are found from the exact Fisher information of the batch (Martens &
/// Grosse 2015, Algorithm 2). It has no learning rate to tune.
///
///     Δ = −(A + π γ I)⁻¹ ∇h (G + γ ÷ π I)⁻¹
///     δ = α Δ + μ δ₀, where (α, μ) minimize M(δ) = ½ δᵀ (F + λ I) δ + ∇hᵀ δ
///     θ ← θ + δ,  δ₀ ← δ
///
/// A, G and π are those of ``KFAC``, from the first share τ₁ of the batch's examples. F is the Gauss–Newton matrix of the
/// whole batch, of which two products (or four numbers, if the objective gives them) are taken in a step.
///
/// In every step that T₁ divides, λ follows the ratio of the change of h on the same batch to that of M: above ¾ it is multiplied
/// by (19/20)^T₁, below ¼ divided. In those that T₂ divides, γ, γ ω and γ ÷ ω with ω = (19/20)^(T₂/2) are tried, and the one with the
/// lowest M(δ) is kept. At first λ = λ₀ and γ = √λ₀. Inverses are renewed in the steps that T₃ divides, and in the first three.
///
/// First step: δ₀ = 0, so that α alone is found: the length of the first step is right whatever the scale of the loss.
///
/// The paper's penalty ½ η ‖θ‖² with η = 1e-5 is ``SteppingRule/penalized(by:)`` (`penalty=1e-5`): it is then a part of h and of F.
///
/// With `structure: tridiagonal`, Δ is −F̂⁻¹ ∇h for the matrix F̂ whose inverse is block-tridiagonal, and which has the factored
/// Fisher information of each layer and of each with its follower (section 4.3). Layers must be dense and follow each other in the
/// order of the parameters. Its inverses cost some four times as much, its products three times.
///
/// The paper also averages the iterates (`average=0.99`, or ``SteppingRule/averaged(_:)-(Double)``) and lets the batch grow from
/// 1000 to all examples over 500 steps, which is up to the program that draws batches. It takes F from a share τ₂ = ¼ of
/// the examples; here it is the whole batch's. For small batches its authors' library advises against the adaptation: see
/// ``KFAC``.
///
/// Memory and cost: those of ``KFAC``, a copy of factors and inverses during a step, and the products with F. The objective must
/// know its value.
public struct AdaptiveKFAC<Scalar: LaneScalar>: ObjectiveRule {
  /// Multiplies δ; 1 in the paper.
  public var learningRate: Schedule
  /// λ₀ > 0.
  public var initialDamping: Double
  /// ρ in [0, 1): how much of the factors is kept at most.
  public var decay: Double
  /// τ₁ in (0, 1]: the share of the batch's examples that statistics are made of.
  public var share: Double
  /// Whether δ contains δ₀.
  public var momentum: Bool
  /// Which blocks of the Fisher information have a part in Δ.
  public var structure: CurvatureStructure
  /// The labels of the statistics.
  public var labels: CurvatureLabels
  /// T₁, T₂ and T₃.
  public var dampingInterval, factoredDampingInterval, inverseInterval: Int

  public init(
    learningRate: Schedule = 1, initialDamping: Double = 150, decay: Double = 0.95,
    share: Double = 0.125, momentum: Bool = true, structure: CurvatureStructure = .diagonal,
    labels: CurvatureLabels = .sampled, dampingInterval: Int = 5, factoredDampingInterval: Int = 20,
    inverseInterval: Int = 20
  ) {
    self.learningRate = learningRate
    self.initialDamping = initialDamping
    self.decay = decay
    self.share = share
    self.momentum = momentum
    self.structure = structure
    self.labels = labels
    self.dampingInterval = dampingInterval
    self.factoredDampingInterval = factoredDampingInterval
    self.inverseInterval = inverseInterval
  }

  public var needs: Set<ObjectiveCapability> {
    var needs: Set<ObjectiveCapability> = [.layers, .gaussNewtonProducts, .otherPoints]
    if labels == .sampled { needs.insert(.sampledLabels) }
    return needs
  }

  public struct State: Sendable {
    @usableFromInline var curvature: LayerCurvature<Scalar>
    /// δ₀.
    @usableFromInline var last: ParameterVector<Scalar>
    /// λ and γ.
    @usableFromInline var λ, γ: Double
    /// Memory for the gradient and what a batch shows.
    @usableFromInline var gradient: ParameterVector<Scalar>
    @usableFromInline var batch: LayerBatch<Scalar>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>, _ structure: CurvatureStructure, λ: Double, γ: Double) {
      let zeros = ParameterVector<Scalar>(zeros: θ.layout)
      curvature = LayerCurvature(of: θ.layout, structure)
      batch = LayerBatch(of: θ.layout, structure)
      (last, gradient, self.λ, self.γ) = (zeros, zeros, λ, γ)
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(for: θ, structure, λ: initialDamping, γ: initialDamping.squareRoot())
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("last", \.last), .number("damping", \.λ, in: .positive),
      .number("factoredDamping", \.γ, in: .positive),
    ] + LayerCurvature.fields.map { $0.lifted(through: \.curvature) }
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    KroneckerFactors<Scalar>.byteCount(of: layout, copies: structure == .diagonal ? 3 : 5, vectors: 4)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !s.curvature.factors.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    let value = try s.batch.value(at: θ, of: &objective, gradient: &s.gradient, labels: labels, share: share)
    try Self.checkValue(value)
    // All that may be refused is asked before the state changes.
    var (curvature, γ) = (s.curvature, s.γ)
    try curvature.move(to: s.batch, keeping: min(1 - 1 / Double(t), decay), on: objective)
    let ω = Self.change(over: factoredDampingInterval).squareRoot()
    let isSearched = t % factoredDampingInterval == 0
    let candidates = isSearched ? [γ, ω * γ, γ / ω] : [γ]
    let isRenewed = isSearched || t <= 3 || t % inverseInterval == 0
    var best: (step: QuadraticStep<Scalar>, curvature: LayerCurvature<Scalar>, γ: Double)?
    for candidate in candidates {
      if isRenewed { curvature.invert(damping: candidate * candidate, threads: threads) }
      let step = try proposal(s, curvature, at: θ, on: objective)
      if best.map({ step.change < $0.step.change }) ?? true { best = (step, curvature, candidate) }
    }
    guard let best else { return }
    var δ = best.step.direction
    let α = learningRate(at: t)
    δ.scale(by: Scalar(α))
    var next = θ
    let (x, d) = (next.mutableLanes(), δ.lanes)
    forEachLane(in: next.laneCount, threads: threads) { x[$0] = (x[$0] + d[$0]).finite }
    var λ = s.λ
    if t % dampingInterval == 0 {
      // M(α δ), as δ minimizes M. At a stationary point the model says nothing about λ.
      let model = α * (2 - α) * best.step.change
      let change = try objective.value(at: next) - value
      if model < 0 { λ = Self.adapted(λ, ratio: change / model, by: Self.change(over: dampingInterval)) }
    }
    γ = min(max(best.γ, 1e-15), 1e15)
    (s.curvature, s.last, s.λ, s.γ) = (best.curvature, δ, λ, γ)
    θ = next
  }

  /// λ, times or divided by ω; a ratio that is not a number is none.
  @usableFromInline
  static func adapted(_ λ: Double, ratio: Double, by ω: Double) -> Double {
    let new = ratio > 0.75 ? λ * ω : ratio >= 0.25 ? λ : λ / ω
    return min(max(new, 1e-30), 1e30)
  }

  /// (19/20)ⁿ.
  @usableFromInline
  static func change(over n: Int) -> Double { Double.pow(19.0 / 20, n) }

  /// δ for given inverses.
  @inlinable
  func proposal(
    _ s: State, _ curvature: LayerCurvature<Scalar>, at θ: ParameterVector<Scalar>,
    on objective: StepObjective<Scalar>
  ) throws -> QuadraticStep<Scalar> {
    var Δ = s.gradient
    try curvature.precondition(&Δ, on: objective)
    Δ.scale(by: -1)
    let hasMomentum = momentum && s.last.dot(s.last) > 0
    let directions = hasMomentum ? [Δ, s.last] : [Δ]
    return QuadraticStep(
      directions, forms: try objective.gaussNewtonForms(at: θ, directions), damping: s.λ, gradient: s.gradient)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "multiplies the step; 1 in the paper"),
      .number("initialDamping", \.initialDamping, in: .positive, "λ₀: damping at the start"),
      .number("decay", \.decay, in: .unit, "ρ: how much of the factors is kept at most"),
      .number("share", \.share, in: .halfOpenUnit, "τ₁: share of the batch's examples in the statistics"),
      .flag("momentum", \.momentum, "whether a step contains the last one"),
      .choice("structure", \.structure, "which blocks: those of layers alone, or with those of each and the next"),
      .choice("labels", \.labels, "of the statistics: drawn from the model's predictions, or the batch's own"),
      .integer("dampingInterval", \.dampingInterval, in: 1...1_000_000, "T₁: steps between changes of λ"),
      .integer(
        "factoredDampingInterval", \.factoredDampingInterval, in: 1...1_000_000, "T₂: steps between changes of γ"),
      .integer("inverseInterval", \.inverseInterval, in: 1...1_000_000, "T₃: steps between new inverses"),
    ]
  }
}
