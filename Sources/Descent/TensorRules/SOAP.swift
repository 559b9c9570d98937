/// SOAP: Adam in the eigenbasis of Shampoo's factors (Vyas et al. 2024, Algorithm 3).
///
///     G' = Q_Lᵀ G Q_R
///     M ← β₁ M + (1 − β₁) G,       V ← β₂ V + (1 − β₂) G' ⊙ G'
///     W ← W − α Q_L (Q_Lᵀ M̂ Q_R ÷ (√V̂ + ε)) Q_Rᵀ
///     L ← β L + (1 − β) G Gᵀ,      R ← β R + (1 − β) Gᵀ G
///     every f steps: Q_L ← Q of the QR decomposition of L Q_L, likewise Q_R
///
/// The first gradient only starts L and R, whose eigenvectors are the first bases; with `skipFirst` (the author's
/// code) this step is zero and Adam's count starts with the second, so that no gradient is rotated into a basis made
/// of itself. Before QR, the basis is ordered by falling eigenvalues, which the Rayleigh quotients qᵀ L q estimate,
/// and V is ordered likewise.
///
/// QR of L Q_L is undetermined if L does not have full rank. So L + 2⁻³⁰ tr(L) ÷ n I is used, which has the same
/// eigenvectors and does not move basis vectors without gradients.
///
/// Shapes: sides longer than `maximumSide` are not rotated, or are cut into blocks that have their own bases
/// (`oversized: blocks`). With `oneSided` only the shorter side of a matrix is rotated (of equal sides, the inputs').
/// Vectors and scalars have plain Adam unless `rotateVectors`. Tensors of higher order have a basis for each side, or
/// fewer by `form`: `matrix` makes a kernel a matrix of outputs × (inputs · height · width). Otherwise it does not
/// matter which sides are inputs and which outputs.
///
/// M is kept in the bases, as V is, and rotated when they are renewed. In the parameter's own axes it is the same, and
/// a step needs two products fewer.
///
/// Everything is in `Double`, whatever the parameters' precision: otherwise Adam would divide one rounding error by
/// another in directions that gradients never reach.
///
/// Cost: besides the QR decompositions, a step makes 2.5 (m + n) multiplications for each element of an m×n matrix: for
/// 1000 × 1000, as many as forward and backward pass for some 1700 examples. The default, blocks of 64 as in Shampoo,
/// takes a sixteenth of that; the paper rotates whole sides: `maximumSide: 10000, oversized: diagonal`.
///
/// Peers: the author's code adds ε to the root without bias correction (`epsilonForm: hat`). Its β is β₂
/// (`shampooBeta`).
public struct SOAP<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// β in [0, 1): decay of L and R.
  public var shampooBeta: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double
  /// What ε is added to.
  public var epsilonForm: EpsilonForm
  /// Whether Adam's moments are divided by 1 − βᵗ.
  public var biasCorrection: Bool
  /// f: steps from one QR to the next, at least 1.
  public var preconditionEvery: Int
  /// Whether the first gradient only starts the bases.
  public var skipFirst: Bool
  /// The shape in which tensors are rotated.
  public var form: TensorForm
  /// The longest side that is rotated, at least 1.
  public var maximumSide: Int
  /// How longer sides are treated.
  public var oversized: OversizedSide
  /// Whether only the shorter side of a matrix is rotated.
  public var oneSided: Bool
  /// Whether vectors are rotated.
  public var rotateVectors: Bool

  public init(
    learningRate: Schedule = 0.003, beta1: Double = 0.95, beta2: Double = 0.95, shampooBeta: Double = 0.95,
    epsilon: Double = 1e-8, epsilonForm: EpsilonForm = .corrected, biasCorrection: Bool = true,
    preconditionEvery: Int = 10, skipFirst: Bool = true, form: TensorForm = .tensor, maximumSide: Int = 64,
    oversized: OversizedSide = .blocks, oneSided: Bool = false, rotateVectors: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.shampooBeta = shampooBeta
    self.epsilon = epsilon
    self.epsilonForm = epsilonForm
    self.biasCorrection = biasCorrection
    self.preconditionEvery = preconditionEvery
    self.skipFirst = skipFirst
    self.form = form
    self.maximumSide = maximumSide
    self.oversized = oversized
    self.oneSided = oneSided
    self.rotateVectors = rotateVectors
  }

  public struct State: Sendable {
    /// L, R, … and Q_L, Q_R, …, one after the other.
    var factors, bases: LaneArray<Double>
    /// M and V, both in the bases.
    var m, v: LaneArray<Double>
  }

  public static var fields: [StateField<State, Scalar>] {
    [.doubles("factors", \.factors), .doubles("bases", \.bases), .doubles("rotatedM", \.m), .doubles("v", \.v)]
  }

  public func initialState(for θ: TensorView<Scalar>) -> State {
    let factors = LaneArray<Double>(zeros: [layout(of: form.shape(of: θ, limit: maximumSide)).count])
    let moments = LaneArray<Double>(zeros: θ.shape)
    return State(factors: factors, bases: factors, m: moments, v: moments)
  }

  public func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double {
    let factors = layout(of: form.shape(of: shape, axes: axes, limit: maximumSide)).count
    return 16 * Double(factors) + shape.reduce(16) { $0 * Double($1) }
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let shape = form.shape(of: θ, limit: maximumSide)
    step(shape, state: &state, at: t, threads: θ.threads, gradient: g.reader, apply: θ.stepper(learningRate(at: t)))
  }

  /// - Parameter shape: The parameter's sides, in ``form``.
  func layout(of shape: [Int]) -> KroneckerLayout {
    KroneckerLayout(shape, blockLimit: oversized == .blocks ? maximumSide : .max) { side, extents in
      if extents[side] > maximumSide || extents.count == 1 && !rotateVectors { return .none }
      guard extents.count == 2 && oneSided else { return .full }
      return (side == 0) == (extents[0] <= extents[1]) ? .full : .none
    }
  }

  /// Makes a step, block by block: `apply` gets the direction that α multiplies.
  @usableFromInline
  func step(
    _ shape: [Int], state: inout State, at t: Int, threads: Int, gradient: @escaping TensorReader,
    apply: @escaping TensorWriter
  ) {
    let layout = layout(of: shape)
    let step = skipFirst ? t - 1 : t
    let (factors, bases) = (state.factors.mutableElements(), state.bases.mutableElements())
    let (m, v) = (state.m.mutableElements(), state.v.mutableElements())
    // If there are many blocks, threads share them; if there are few, all threads work on each.
    let blockThreads = layout.blocks.count < threads ? threads : 1
    forEachTask(layout.blocks.count, threads: threads) { b in
      let block = layout.blocks[b]
      let g = layout.part(block, gradient)
      if t == 1 {
        updateFactors(g, block, factors, blockThreads)
        startBases(block, factors, bases, blockThreads)
      }
      guard step > 0 else { return }
      var moments = (m: layout.part(block, of: m), v: layout.part(block, of: v))
      let direction = direction(g, block, bases, &moments.m, &moments.v, step, blockThreads)
      layout.assign(direction, to: block, apply)
      if t > 1 { updateFactors(g, block, factors, blockThreads) }
      if step % preconditionEvery == 0 {
        let mean = rotate(moments.m, block, bases, isBack: true, blockThreads)
        refreshBases(block, factors, bases, &moments.v, blockThreads)
        moments.m = rotate(mean, block, bases, isBack: false, blockThreads)
      }
      layout.assign(moments.m, to: block, of: m)
      layout.assign(moments.v, to: block, of: v)
    }
  }

  /// The direction in a block, which α multiplies.
  private func direction(
    _ g: [Double], _ block: KroneckerLayout.Block, _ bases: UnsafePointer<Double>, _ m: inout [Double],
    _ v: inout [Double], _ step: Int, _ threads: Int
  ) -> [Double] {
    let rotated = rotate(g, block, bases, isBack: false, threads)
    let (oneMinusβ1, oneMinusβ2) = (1 - beta1, 1 - beta2)
    for i in g.indices {
      m[i] = (m[i] - oneMinusβ1 * m[i]) + oneMinusβ1 * rotated[i]
      v[i] = (v[i] - oneMinusβ2 * v[i]) + oneMinusβ2 * (rotated[i] * rotated[i])
    }
    var direction = m
    let mCorrection = biasCorrection ? 1 / Schedule.constant(beta1).oneMinusProduct(through: step) : 1
    let vCorrection = biasCorrection ? 1 / Schedule.constant(beta2).oneMinusProduct(through: step) : 1
    let (ε, isCorrected) = (epsilon, epsilonForm == .corrected)
    for i in direction.indices {
      let root =
        isCorrected ? (vCorrection * v[i]).squareRoot() + ε : (v[i].squareRoot() + ε) * vCorrection.squareRoot()
      direction[i] = root == 0 ? 0 : mCorrection * direction[i] / root
    }
    return rotate(direction, block, bases, isBack: true, threads)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square in the basis"),
      .number("shampooBeta", \.shampooBeta, in: .unit, "β: decay of the factors L and R"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
      .choice("epsilonForm", \.epsilonForm, "ε beside √v̂ (corrected) or beside √v (hat, the author's code)")
        .requiring("biasCorrection=true") { $0.biasCorrection },
      .flag("biasCorrection", \.biasCorrection, "divide the moments by 1 − βᵗ"),
      .integer("preconditionEvery", \.preconditionEvery, in: 1...1_000_000_000, "f: steps between QR decompositions"),
      .flag("skipFirst", \.skipFirst, "the first gradient only starts the bases"),
      .choice("form", \.form, "sides: as they are (tensor), inputs against outputs (matrix), or merged"),
      .integer("maximumSide", \.maximumSide, in: 1...1_000_000, "longest side that is rotated"),
      .choice("oversized", \.oversized, "longer sides: not rotated (diagonal) or cut into blocks"),
      .flag("oneSided", \.oneSided, "rotate only the shorter side of a matrix"),
      .flag("rotateVectors", \.rotateVectors, "rotate vectors too"),
    ]
  }
}
