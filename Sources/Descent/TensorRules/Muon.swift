/// Muon: momentum, orthogonalized by Newton–Schulz iterations (Jordan et al. 2024); AdamW steps all but matrices.
///
///     M ← μ M + G
///     U = G + μ M                              Nesterov; U = M without
///     X = U ÷ (‖U‖ + ε),  X ← a X + (b A + c A²) X with A = X Xᵀ, five times
///     W ← W − α s X,  s = √max(1, outputs ÷ inputs)
///
/// (a, b, c) = (3.4445, −4.7750, 2.0315) lift small singular values fast. All that exceed 0.0025 of the norm end
/// between 0.68 and 1.21, not at 1; with `polynomial: convergent` they tend to 1. First step: α s X for the first
/// gradient; its root mean square is about α s ÷ √max(outputs, inputs).
///
/// Shapes: W is a matrix with a row for each output, and the layout says which extents these are (``ParameterAxes``).
/// A convolution's kernel is a matrix of outputs × (inputs · height · width), and s counts all of these as inputs.
/// AdamW steps parameters without inputs, such as biases and scalars, with the `adam…` options: its own rate, and a
/// decay multiplied by that rate. Embeddings and the last layer should be given to AdamW too, by `asAdamW` in their
/// group.
///
/// The iterations are computed in the parameters' precision, from the smaller side; the original uses bfloat16.
///
/// Peers: the original's later version and torch average instead of summing (`buffer: average`), which changes only
/// the weight of ε. torch's `match_rms_adamw` is `scaling: rms`, s = 0.2 √max(outputs, inputs) (Liu et al. 2025):
/// AdamW's rates then fit. optax's `MuonDimensionNumbers` say which extents are outputs, by default the last of a
/// matrix, as here; AdamW steps tensors of higher order unless they have such numbers. The original and torch have the
/// outputs first (`axes: .outputsFirst`). The original computes s of a kernel from its height and width: if they are
/// equal, this is `scaling: none`.
public struct Muon<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Double
  /// Whether the step looks ahead by one gradient.
  public var nesterov: Bool
  /// How M collects the gradients.
  public var buffer: MuonBuffer
  /// s.
  public var scaling: MuonScaling
  /// Newton–Schulz iterations, at least 1.
  public var iterations: Int
  /// a, b and c.
  public var polynomial: MuonPolynomial
  /// ε ≥ 0, added to the norm.
  public var epsilon: Double
  /// Whether matrices are stepped by AdamW too.
  public var asAdamW: Bool
  /// AdamW's α ≥ 0.
  public var adamLearningRate: Schedule
  /// AdamW's β₁ in [0, 1).
  public var adamBeta1: Double
  /// AdamW's β₂ in [0, 1).
  public var adamBeta2: Double
  /// AdamW's ε ≥ 0.
  public var adamEpsilon: Double
  /// AdamW's λ ≥ 0: multiplied by its α.
  public var adamWeightDecay: Double

  public init(
    learningRate: Schedule = 0.02, momentum: Double = 0.95, nesterov: Bool = true, buffer: MuonBuffer = .sum,
    scaling: MuonScaling = .spectral, iterations: Int = 5, polynomial: MuonPolynomial = .fast, epsilon: Double = 1e-7,
    asAdamW: Bool = false, adamLearningRate: Schedule = 3e-4, adamBeta1: Double = 0.9, adamBeta2: Double = 0.95,
    adamEpsilon: Double = 1e-10, adamWeightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.buffer = buffer
    self.scaling = scaling
    self.iterations = iterations
    self.polynomial = polynomial
    self.epsilon = epsilon
    self.asAdamW = asAdamW
    self.adamLearningRate = adamLearningRate
    self.adamBeta1 = adamBeta1
    self.adamBeta2 = adamBeta2
    self.adamEpsilon = adamEpsilon
    self.adamWeightDecay = adamWeightDecay
  }

  public struct State: Sendable {
    /// M, or AdamW's m.
    @usableFromInline var m: LaneArray<Scalar>
    /// AdamW's v; empty for parameters that Muon steps.
    @usableFromInline var v: LaneArray<Scalar>

    @inlinable
    init(m: LaneArray<Scalar>, v: LaneArray<Scalar>) {
      self.m = m
      self.v = v
    }
  }

  public static var fields: [StateField<State, Scalar>] { [.array("m", \.m), .array("v", \.v)] }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State {
    State(m: LaneArray(zeros: θ.shape), v: LaneArray(zeros: isMatrix(θ) ? [0] : θ.shape))
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    guard isMatrix(θ) else { return updateByAdamW(θ, g, &state, t) }
    let μ = Scalar(momentum)
    let oneMinusμ = Scalar(1 - momentum)
    var x = LaneArray<Scalar>(zeros: θ.shape)
    let (m, u) = (state.m.mutableLanes(), x.mutableLanes())
    for i in 0..<θ.laneCount {
      let g = g.lanes[i].infinityAsNaN
      switch buffer {
      case .sum:
        m[i] = (μ * m[i] + g).finite
        u[i] = nesterov ? (g + μ * m[i]).finite : m[i]
      case .average:
        m[i].decay(toward: g, by: oneMinusμ)
        u[i] = nesterov ? (oneMinusμ * g + μ * m[i]).finite : m[i]
      }
    }
    var norm = Scalar.norm(u, count: θ.laneCount)
    guard norm != 0 else { return }
    if norm > 0x1p-40 * Double(Scalar.greatestFiniteMagnitude) {
      // The norm itself may be too large; a power of two changes no bit of the direction.
      for i in 0..<θ.laneCount { u[i] *= 0x1p-60 }
      norm = Scalar.norm(u, count: θ.laneCount)
    }
    let divisor = Scalar.Lane(repeating: Scalar(norm + epsilon))
    for i in 0..<θ.laneCount { u[i] /= divisor }
    let fans = θ.fans
    let (a, b, c) = polynomial.coefficients
    // The outputs are the last extents: the matrix is stored transposed, and so is the result.
    NewtonSchulz<Scalar>(a, b, c, iterations: iterations, threads: θ.threads)
      .iterate(&x, rows: fans.fanIn, columns: fans.outputs)
    let α = Scalar(learningRate(at: t) * scaling.factor(outputs: fans.outputs, inputs: fans.fanIn))
    let o = x.lanes
    for i in 0..<θ.laneCount { θ.lanes[i] = (θ.lanes[i] - α * o[i]).finite }
  }

  @inlinable
  func isMatrix(_ θ: TensorView<Scalar>) -> Bool { θ.fans.isMatrix && !asAdamW }

  @inlinable
  func updateByAdamW(_ θ: TensorView<Scalar>, _ g: TensorView<Scalar>, _ state: inout State, _ t: Int) {
    let rule = AdamW<Scalar>(
      learningRate: adamLearningRate, beta1: .constant(adamBeta1), beta2: adamBeta2, epsilon: adamEpsilon,
      weightDecay: adamWeightDecay)
    // `asAdamW` may have been set after the state was made.
    if state.v.count == 0 { state.v = LaneArray(zeros: θ.shape) }
    let coefficients = rule.coefficients(at: t)
    let (m, v) = (state.m.mutableLanes(), state.v.mutableLanes())
    for i in 0..<θ.laneCount {
      var moments = AdamW<Scalar>.State(m: m[i], v: v[i])
      rule.step(&θ.lanes[i], gradient: g.lanes[i], state: &moments, coefficients)
      (m[i], v[i]) = (moments.m, moments.v)
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .number("momentum", \.momentum, in: .unit, "μ: decay of the momentum")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .flag("nesterov", \.nesterov, "look ahead by one gradient")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .choice("buffer", \.buffer, "M as μ M + G (sum) or μ M + (1 − μ) G (average)")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .choice(
        "scaling", \.scaling, "s: √max(1, outputs ÷ inputs) (spectral), 0.2 √max(outputs, inputs) (rms) or 1 (none)"
      )
      .requiring("asAdamW=false") { !$0.asAdamW },
      .integer("iterations", \.iterations, in: 1...1000, "Newton–Schulz iterations")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .choice("polynomial", \.polynomial, "(3.4445, −4.7750, 2.0315) (fast) or (15, −10, 3) ÷ 8 (convergent)")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the norm")
        .requiring("asAdamW=false") { !$0.asAdamW },
      .flag("asAdamW", \.asAdamW, "step matrices by AdamW too: for embeddings and heads"),
      .schedule("adamLearningRate", \.adamLearningRate, in: .nonNegative, "α of AdamW"),
      .number("adamBeta1", \.adamBeta1, in: .unit, "β₁ of AdamW"),
      .number("adamBeta2", \.adamBeta2, in: .unit, "β₂ of AdamW"),
      .number("adamEpsilon", \.adamEpsilon, in: .nonNegative, "ε of AdamW"),
      .decay("adamWeightDecay", \.adamWeightDecay, "λ of AdamW: a step takes away the share α λ of θ") {
        $0.adamLearningRate.base
      },
    ]
  }
}

/// How Muon collects gradients.
public enum MuonBuffer: String, Codable, CaseIterable, Sendable {
  /// M ← μ M + G: the publication.
  case sum
  /// M ← μ M + (1 − μ) G: the author's later code, torch.
  case average
}

/// The factor of Muon's step besides α.
public enum MuonScaling: String, Codable, CaseIterable, Sendable {
  /// √max(1, outputs ÷ inputs): the author's code.
  case spectral
  /// 0.2 √max(outputs, inputs): the root mean square of AdamW's steps (Liu et al. 2025).
  case rms
  /// 1.
  case none

  @usableFromInline
  func factor(outputs: Int, inputs: Int) -> Double {
    switch self {
    case .spectral: max(1, Double(outputs) / Double(inputs)).squareRoot()
    case .rms: 0.2 * Double(max(outputs, inputs)).squareRoot()
    case .none: 1
    }
  }
}

/// a, b and c of Muon's iterations.
public enum MuonPolynomial: String, Codable, CaseIterable, Sendable {
  /// (3.4445, −4.7750, 2.0315): steep at 0, never settles at 1.
  case fast
  /// (15, −10, 3) ÷ 8: settles at 1, cubically.
  case convergent

  @usableFromInline var coefficients: (Double, Double, Double) {
    switch self {
    case .fast: (3.4445, -4.7750, 2.0315)
    case .convergent: (1.875, -1.25, 0.375)
    }
  }
}
