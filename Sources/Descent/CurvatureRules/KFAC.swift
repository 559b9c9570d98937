/// K-FAC: natural gradient with Kronecker-factored curvature (Martens & Grosse 2015; for convolutions Grosse & Martens
/// 2016), with a given learning rate and damping, as it is mostly used.
///
///     A ← ε A + (1 − ε) E[ā āᵀ],  G ← ε G + (1 − ε) E[Ds Dsᵀ],  ε = min(1 − 1 / k, ρ)
///     M ← μ M + g
///     Δ = (A + π √λ I)⁻¹ M (G + √λ ÷ π I)⁻¹
///     θ ← θ − α ν Δ,  ν = min(1, √(κ ÷ (α² ⟨Δ, M⟩)))
///
/// for each dense layer or convolution, whose weights, with the bias as a last row, are a matrix of inputs × outputs. ā
/// are a layer's inputs with a 1 for the bias, Ds the gradients by its outputs, with labels drawn from the model's
/// predictions: A ⊗ G is then about the Fisher information. k counts the times that the statistics were renewed.
/// Parameters outside of such layers step by M itself.
///
/// First step: the factors are those of the first batch.
///
/// κ bounds about twice the step's Kullback–Leibler divergence; 0 switches it off. The paper finds α, μ, λ and π √λ in
/// every step instead. Peers: kfac-pytorch adds λ to the product of the factors' eigenvalues and accumulates momentum
/// after it has preconditioned; Goldfarb and Ren's code takes π = 1 (`split=equal`), no κ, and this momentum.
///
/// Memory: for a layer of n inputs and m outputs, the factors, their sums over a batch and the inverses, 3 (n² + m²)
/// numbers, and three vectors like θ. Cost of a step besides the gradient's: a backward pass without gradients of weights
/// (drawn labels), products of the batch's rows, rows · (n² + m²), and n² m + n m².
public struct KFAC<Scalar: LaneScalar>: ObjectiveRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Double
  /// λ > 0.
  public var damping: Schedule
  /// How λ is shared between the factors.
  public var split: DampingSplit
  /// ρ in [0, 1): how much of the factors is kept at most.
  public var decay: Double
  /// κ ≥ 0; 0 for no bound.
  public var klClip: Double
  /// The labels of the statistics.
  public var labels: CurvatureLabels
  /// Statistics are renewed in every n-th step, and in the first.
  public var statisticsInterval: Int
  /// Inverses are renewed in every n-th step and, because the factors of a few batches are soon out of date, with every renewal
  /// of the statistics in the first n.
  public var inverseInterval: Int
  /// τ in (0, 1]: the share of the batch's examples that statistics are made of (the paper's τ₁, 1/8).
  public var share: Double

  public init(
    learningRate: Schedule = 0.1, momentum: Double = 0.9, damping: Schedule = 0.001, split: DampingSplit = .trace,
    decay: Double = 0.95, klClip: Double = 0.001, labels: CurvatureLabels = .sampled, statisticsInterval: Int = 1,
    inverseInterval: Int = 20, share: Double = 1
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.damping = damping
    self.split = split
    self.decay = decay
    self.klClip = klClip
    self.labels = labels
    self.statisticsInterval = statisticsInterval
    self.inverseInterval = inverseInterval
    self.share = share
  }

  public var needs: Set<ObjectiveCapability> { labels == .sampled ? [.layers, .sampledLabels] : [.layers] }

  public struct State: Sendable {
    @usableFromInline var factors: KroneckerFactors<Scalar>
    @usableFromInline var inverses: KroneckerInverses<Scalar>
    @usableFromInline var motion: PreconditionedMomentum<Scalar>
    /// Memory for the sums over a batch.
    @usableFromInline var moments: LayerMoments<Scalar>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>) {
      factors = KroneckerFactors(of: θ.layout)
      inverses = KroneckerInverses(of: θ.layout)
      moments = LayerMoments(of: factors.layers)
      motion = PreconditionedMomentum(zeros: θ.layout)
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(for: θ) }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("momentum", \.motion.momentum), .arrays("inputs", \.factors.inputs),
      .arrays("outputs", \.factors.outputs),
      .arrays("inverseInputs", \.inverses.inputs), .arrays("inverseOutputs", \.inverses.outputs),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    KroneckerFactors<Scalar>.byteCount(of: layout, copies: 3, vectors: 3)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !s.factors.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    let timetable = CurvatureTimetable(warmSteps: 0, statistics: statisticsInterval, inverses: inverseInterval)
    if timetable.renewsStatistics(at: t) {
      _ = try s.moments.value(at: θ, of: &objective, gradient: &s.motion.gradient, labels: labels, share: share)
      s.factors.move(to: s.moments, keeping: min(1 - 1 / Double((t - 1) / statisticsInterval + 1), decay))
    } else {
      _ = try objective.value(at: θ, gradient: &s.motion.gradient)
    }
    if timetable.renewsInverses(at: t) {
      s.inverses.invert(s.factors, damping: damping(at: t), split: split, threads: threads)
    }
    let inverses = s.inverses
    try s.motion.step(
      &θ, learningRate: learningRate(at: t), momentum: momentum, klClip: klClip, threads: threads
    ) { try inverses.precondition(&$0, on: objective) }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "μ: how much of M is kept"),
      .schedule("damping", \.damping, in: .positive, "λ: added to the curvature"),
      .choice("split", \.split, "how λ is shared between the factors: by their traces, or equally"),
      .number("decay", \.decay, in: .unit, "ρ: how much of the factors is kept at most"),
      .number("klClip", \.klClip, in: .nonNegative, "κ: bound of α² ⟨Δ, M⟩; 0 for none"),
      .choice("labels", \.labels, "of the statistics: drawn from the model's predictions, or the batch's own"),
      .integer("statisticsInterval", \.statisticsInterval, in: 1...1_000_000, "steps between new statistics"),
      .integer("inverseInterval", \.inverseInterval, in: 1...1_000_000, "steps between new inverses"),
      .number("share", \.share, in: .halfOpenUnit, "τ: share of the batch's examples in the statistics"),
    ]
  }
}
