/// EKFAC: natural gradient in the eigenbasis of Kronecker factors, with the exact second moments along it (George, Laurent,
/// Bouthillier, Ballas & Vincent 2018).
///
///     A = U_A Λ_A U_Aᵀ,  G = U_G Λ_G U_Gᵀ
///     S ← ε S + (1 − ε) E[(U_Aᵀ ∇W U_G)²],  ε = ρ
///     M ← μ M + g
///     Δ = U_A [(U_Aᵀ M U_G) / (S + λ)] U_Gᵀ
///     θ ← θ − α ν Δ,  ν = min(1, √(κ ÷ (α² ⟨Δ, M⟩)))
///
/// A and G are those of ``KFAC``; ∇W is one example's gradient of a layer's weights, with the bias as a last row. K-FAC has
/// Λ_A Λ_G in the place of S, which is what S begins with whenever the bases are renewed: no diagonal in the basis is nearer to
/// the Fisher information than E[(U_Aᵀ ∇W U_G)²].
///
/// First step: that of K-FAC, with λ added to the eigenvalues' products.
///
/// Memory: for a layer of n inputs and m outputs 3 (n² + m²) + 2 n m numbers, and vectors like θ. Cost: that of K-FAC; for S
/// the batch's rows are turned into the bases, rows · (n² + m² + n m); for a convolution each example has a product of its own.
/// The eigenvalues of a matrix take about ten times as long as its inverse.
public struct EKFAC<Scalar: LaneScalar>: ObjectiveRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Double
  /// λ > 0.
  public var damping: Schedule
  /// ρ in [0, 1): how much of the factors and of S is kept at most.
  public var decay: Double
  /// κ ≥ 0; 0 for no bound.
  public var klClip: Double
  /// The labels of the statistics.
  public var labels: CurvatureLabels
  /// Statistics are renewed in every n-th step, and in the first.
  public var statisticsInterval: Int
  /// Bases are renewed in every n-th step, and in the first.
  public var basisInterval: Int

  public init(
    learningRate: Schedule = 0.1, momentum: Double = 0.9, damping: Schedule = 0.001, decay: Double = 0.95,
    klClip: Double = 0.001, labels: CurvatureLabels = .sampled, statisticsInterval: Int = 1, basisInterval: Int = 100
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.damping = damping
    self.decay = decay
    self.klClip = klClip
    self.labels = labels
    self.statisticsInterval = statisticsInterval
    self.basisInterval = basisInterval
  }

  public var needs: Set<ObjectiveCapability> { labels == .sampled ? [.layers, .sampledLabels] : [.layers] }

  public struct State: Sendable {
    @usableFromInline var factors: KroneckerFactors<Scalar>
    @usableFromInline var scales: EigenbasisScales<Scalar>
    @usableFromInline var motion: PreconditionedMomentum<Scalar>
    /// Memory for the sums over a batch.
    @usableFromInline var moments: LayerMoments<Scalar>
    @usableFromInline var sums: EigenbasisSums<Scalar>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>) {
      factors = KroneckerFactors(of: θ.layout)
      scales = EigenbasisScales(of: θ.layout)
      moments = LayerMoments(of: factors.layers)
      sums = EigenbasisSums(of: factors.layers)
      motion = PreconditionedMomentum(zeros: θ.layout)
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(for: θ) }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("momentum", \.motion.momentum), .arrays("inputs", \.factors.inputs),
      .arrays("outputs", \.factors.outputs),
      .arrays("inputBases", \.scales.inputs), .arrays("outputBases", \.scales.outputs),
      .arrays("scales", \.scales.scales),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    KroneckerFactors<Scalar>.byteCount(of: layout, copies: 3, vectors: 5)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !s.factors.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    if (t - 1) % statisticsInterval == 0 {
      try ask(at: θ, of: &objective, &s.motion.gradient, &s.moments, &s.sums, in: s.scales)
      let ε = min(1 - 1 / Double((t - 1) / statisticsInterval + 1), decay)
      s.factors.move(to: s.moments, keeping: ε)
      s.scales.move(to: s.sums, keeping: ε)
    } else {
      _ = try objective.value(at: θ, gradient: &s.motion.gradient)
    }
    if (t - 1) % basisInterval == 0 { s.scales.renew(s.factors, threads: threads) }
    let (scales, λ) = (s.scales, damping(at: t))
    try s.motion.step(
      &θ, learningRate: learningRate(at: t), momentum: momentum, klClip: klClip, threads: threads
    ) { try scales.precondition(&$0, damping: λ, on: objective) }
  }

  /// The gradient at θ; the sums become those of this batch.
  @inlinable
  func ask(
    at θ: ParameterVector<Scalar>, of objective: inout StepObjective<Scalar>,
    _ gradient: inout ParameterVector<Scalar>, _ moments: inout LayerMoments<Scalar>,
    _ sums: inout EigenbasisSums<Scalar>, in scales: EigenbasisScales<Scalar>
  ) throws {
    sums.begin()
    moments.begin()
    _ = try objective.value(at: θ, gradient: &gradient, labels: labels) {
      try moments.add($0, share: 1)
      try sums.add($0, in: scales)
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "μ: how much of M is kept"),
      .schedule("damping", \.damping, in: .positive, "λ: added to the curvature"),
      .number("decay", \.decay, in: .unit, "ρ: how much of the factors and of S is kept at most"),
      .number("klClip", \.klClip, in: .nonNegative, "κ: bound of α² ⟨Δ, M⟩; 0 for none"),
      .choice("labels", \.labels, "of the statistics: drawn from the model's predictions, or the batch's own"),
      .integer("statisticsInterval", \.statisticsInterval, in: 1...1_000_000, "steps between new statistics"),
      .integer("basisInterval", \.basisInterval, in: 1...1_000_000, "steps between new bases"),
    ]
  }
}
