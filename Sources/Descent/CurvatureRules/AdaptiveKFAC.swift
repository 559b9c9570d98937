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
/// Every T₁ steps λ follows the ratio of the change of h on the same batch to that of M: above ¾ it is multiplied by
/// (19/20)^T₁, below ¼ divided. Every T₂ steps γ, γ ω and γ ÷ ω with ω = (19/20)^(T₂/2) are tried, and the one with the
/// lowest M(δ) is kept. At first λ = λ₀ and γ = √λ₀. Inverses are renewed every T₃ steps, and in the first three.
///
/// First step: δ₀ = 0, so that α alone is found: the length of the first step is right whatever the scale of the loss.
///
/// The paper's penalty ½ η ‖θ‖² with η = 1e-5 is ``SteppingRule/penalized(by:)`` (`penalty=1e-5`): it is then a part of h and of F.
///
/// The paper also averages the iterates (`average=0.99`, or ``SteppingRule/averaged(_:)-(Double)``) and lets the batch grow from
/// 1000 to all examples over 500 steps, which is up to the program that draws batches. It takes F from a share τ₂ = ¼ of
/// the examples; here it is the whole batch's. For small batches its authors' library advises against the adaptation: see
/// ``KFAC``.
///
/// Memory and cost: those of ``KFAC``, a vector like θ, and the products with F.
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
  /// The labels of the statistics.
  public var labels: CurvatureLabels
  /// T₁, T₂ and T₃.
  public var dampingInterval, factoredDampingInterval, inverseInterval: Int

  public init(
    learningRate: Schedule = 1, initialDamping: Double = 150, decay: Double = 0.95,
    share: Double = 0.125, momentum: Bool = true, labels: CurvatureLabels = .sampled, dampingInterval: Int = 5,
    factoredDampingInterval: Int = 20, inverseInterval: Int = 20
  ) {
    self.learningRate = learningRate
    self.initialDamping = initialDamping
    self.decay = decay
    self.share = share
    self.momentum = momentum
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
    @usableFromInline var factors: KroneckerFactors<Scalar>
    @usableFromInline var inverses: KroneckerInverses<Scalar>
    /// δ₀.
    @usableFromInline var last: ParameterVector<Scalar>
    /// λ and γ.
    @usableFromInline var λ, γ: Double
    /// Memory for the gradient and the sums over a batch.
    @usableFromInline var gradient: ParameterVector<Scalar>
    @usableFromInline var moments: LayerMoments<Scalar>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>, λ: Double, γ: Double) {
      let zeros = ParameterVector<Scalar>(zeros: θ.layout)
      factors = KroneckerFactors(of: θ.layout)
      inverses = KroneckerInverses(of: θ.layout)
      moments = LayerMoments(of: factors.layers)
      (last, gradient, self.λ, self.γ) = (zeros, zeros, λ, γ)
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(for: θ, λ: initialDamping, γ: initialDamping.squareRoot())
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("last", \.last), .arrays("inputs", \.factors.inputs), .arrays("outputs", \.factors.outputs),
      .arrays("inverseInputs", \.inverses.inputs), .arrays("inverseOutputs", \.inverses.outputs),
      .number("damping", \.λ, in: .positive), .number("factoredDamping", \.γ, in: .positive),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    KroneckerFactors<Scalar>.byteCount(of: layout, copies: 3, vectors: 4)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !s.factors.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    let value = try s.moments.value(
      at: θ, of: &objective, gradient: &s.gradient, labels: labels, share: share)
    // All that may be refused is asked before the state changes.
    var (factors, inverses, γ) = (s.factors, s.inverses, s.γ)
    factors.move(to: s.moments, keeping: min(1 - 1 / Double(t), decay))
    let ω = Self.change(over: factoredDampingInterval).squareRoot()
    let isSearched = t % factoredDampingInterval == 0
    let candidates = isSearched ? [γ, ω * γ, γ / ω] : [γ]
    let isRenewed = isSearched || t <= 3 || t % inverseInterval == 0
    var best: (step: QuadraticStep<Scalar>, inverses: KroneckerInverses<Scalar>, γ: Double)?
    for candidate in candidates {
      if isRenewed { inverses.invert(factors, damping: candidate * candidate, split: .trace, threads: threads) }
      let step = try proposal(s, inverses, at: θ, on: objective)
      if best.map({ step.change < $0.step.change }) ?? true { best = (step, inverses, candidate) }
    }
    guard let best else { return }
    var δ = best.step.direction
    δ.scale(by: Scalar(learningRate(at: t)))
    var next = θ
    let (x, d) = (next.mutableLanes(), δ.lanes)
    forEachLane(in: next.laneCount, threads: threads) { x[$0] = (x[$0] + d[$0]).finite }
    var λ = s.λ
    if t % dampingInterval == 0 {
      var unused = ParameterVector<Scalar>(zeros: θ.layout)
      let change = try objective.value(at: next, gradient: &unused) - value
      let ω = Self.change(over: dampingInterval)
      let ratio = change / best.step.change
      if ratio > 0.75 { λ *= ω } else if ratio < 0.25 || ratio.isNaN { λ /= ω }
      λ = min(max(λ, 1e-30), 1e30)
    }
    γ = min(max(best.γ, 1e-15), 1e15)
    (s.factors, s.inverses, s.last, s.λ, s.γ) = (factors, best.inverses, δ, λ, γ)
    θ = next
  }

  /// (19/20)ⁿ.
  @usableFromInline
  static func change(over n: Int) -> Double { Double.pow(19.0 / 20, n) }

  /// δ for given inverses.
  @inlinable
  func proposal(
    _ s: State, _ inverses: KroneckerInverses<Scalar>, at θ: ParameterVector<Scalar>,
    on objective: StepObjective<Scalar>
  ) throws -> QuadraticStep<Scalar> {
    var Δ = s.gradient
    try inverses.precondition(&Δ, on: objective)
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
      .choice("labels", \.labels, "of the statistics: drawn from the model's predictions, or the batch's own"),
      .integer("dampingInterval", \.dampingInterval, in: 1...1_000_000, "T₁: steps between changes of λ"),
      .integer(
        "factoredDampingInterval", \.factoredDampingInterval, in: 1...1_000_000, "T₂: steps between changes of γ"),
      .integer("inverseInterval", \.inverseInterval, in: 1...1_000_000, "T₃: steps between new inverses"),
    ]
  }
}
