/// MBF: the Fisher matrix in small blocks, from mini-batch gradients (Bahamou, Goldfarb & Ren 2022).
///
///     F_b ← ρ F_b + (1 − ρ) ĝ_b ĝ_bᵀ            every `statisticsInterval` steps; F_b = ĝ_b ĝ_bᵀ at first
///     m ← μ m + g
///     θ_b ← θ_b − α (F_b + λ I)⁻¹ m_b           inverses every `inverseInterval` steps
///
/// Each kernel of a convolution, from one input to one output, is a block of height · width numbers. Of a dense layer's
/// weights the blocks are
///
/// - `rows`: all that one output reads. As many matrices of order inputs as there are outputs: for small layers.
/// - `columns`: all that one input affects. As many matrices of order outputs as there are inputs.
/// - `columnsAveraged`: the same, with the mean of these matrices for all of them: F = Ĝᵀ Ĝ ÷ inputs for weights
///   [inputs, outputs]. This is what the authors' figures come from.
///
/// Biases, gains and all that reads no inputs are stepped by the diagonal of averaged gradients, with Adam's root:
///
///     u = (1 − μ) m,  v ← β₂ v + (1 − β₂) u²,  θ ← θ − α u ÷ (√(v ÷ (1 − β₂ᵗ)) + ε)
///
/// ĝ is the mini-batch's mean gradient: with its own labels (`labels: given`, the "empirical Fisher" of the paper), or with
/// labels drawn from the model's predictions (`sampled`, the authors' code). A transform of the gradient, such as
/// clipping or a penalty, changes the given ĝ too. Drawn labels need a ``SampledGradientObjective``, and cost their further
/// backward pass only at the steps that use them.
///
/// First step: for one block b, α ĝ_b ÷ (‖ĝ_b‖² + λ). Without `warmSteps`, the inverses of the first `inverseInterval` steps follow every change of F. If
/// F + λ I is not positive definite to rounding, λ is raised for that matrix: see ``DampedInverse``.
///
/// With `warmSteps`, θ stays for so many steps at the start, and F is the mean of their ĝ_b ĝ_bᵀ. The authors' code does
/// that for an epoch. Schedules and averages of θ count these steps.
///
/// Differences from that code: it joins a dense layer's bias to its weights as a further column, and
/// cuts the joined matrix, in the averaged variant, into runs of as many numbers as there are outputs, which are columns
/// only by intention. Rates and λ are tuned for each problem there; intervals are 2 and 25 for autoencoders (the
/// defaults), 10 and 100 for convolutional networks.
///
/// Factors and inverses are in `Double`, products of whole layers in `Scalar`.
public struct MiniBlockFisher<Scalar: LaneScalar>: ObjectiveRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Double
  /// λ > 0.
  public var damping: Double
  /// ρ in [0, 1): decay of F.
  public var decay: Double
  /// The blocks of dense layers.
  public var blocks: DenseBlocks
  /// Steps from one gradient in F to the next, at least 1.
  public var statisticsInterval: Int
  /// Steps from one computation of the inverses to the next, at least 1.
  public var inverseInterval: Int
  /// Steps at the start that average the curvature and leave θ where it is, at least 0.
  public var warmSteps: Int
  /// The labels of F's gradient.
  public var labels: CurvatureLabels
  /// β₂ in [0, 1) of biases and the like.
  public var beta2: Double
  /// ε ≥ 0 of biases and the like.
  public var epsilon: Double

  public init(
    learningRate: Schedule = 0.001, momentum: Double = 0.9, damping: Double = 0.01, decay: Double = 0.9,
    blocks: DenseBlocks = .columnsAveraged, statisticsInterval: Int = 2, inverseInterval: Int = 25,
    warmSteps: Int = 0, labels: CurvatureLabels = .given, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.damping = damping
    self.decay = decay
    self.blocks = blocks
    self.statisticsInterval = statisticsInterval
    self.inverseInterval = inverseInterval
    self.warmSteps = warmSteps
    self.labels = labels
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public static var name: String { "mbf" }
  public var needs: Set<ObjectiveCapability> { labels == .sampled ? [.sampledGradients] : [] }
  public static var dependsOnAxes: Bool { true }

  public struct State: Sendable {
    @usableFromInline var curvature: GradientCurvature<Scalar>
    /// The blocks of each parameter.
    let blocks: [MiniBlocks]
  }

  @inlinable public func moves(at t: Int) -> Bool { t > warmSteps }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("momentum", \.curvature.momentum), .doubles("factors", \.curvature.factors),
      .doubles("inverses", \.curvature.inverses),
    ]
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    let blocks = MiniBlocks.all(of: θ.layout, self.blocks)
    return State(
      curvature: GradientCurvature(
        for: θ, labels: labels, factorCount: Int(blocks.reduce(0) { $0 + $1.factorCount }),
        inverseCount: Int(blocks.reduce(0) { $0 + $1.inverseCount })), blocks: blocks)
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    let blocks = layout.blocks.map { block in
      let sorted = SortedAxes(block)
      return MiniBlocks(sorted?.shape ?? block.shape, sorted?.axes ?? block.axes, self.blocks)
    }
    return GradientCurvature<Scalar>.byteCount(
      of: layout, labels: labels, factorCount: blocks.reduce(0) { $0 + $1.factorCount },
      inverseCount: blocks.reduce(0) { $0 + $1.inverseCount })
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    let direction = direction(s, at: t, threads: threads)
    try s.curvature.step(
      &θ, on: &objective, labels: labels, momentum: momentum, learningRate: learningRate(at: t),
      at: t, timetable, threads: threads, direction: direction)
  }

  @usableFromInline
  var timetable: CurvatureTimetable {
    CurvatureTimetable(warmSteps: warmSteps, statistics: statisticsInterval, inverses: inverseInterval)
  }

  /// What parameters step along at step t.
  @usableFromInline
  func direction(
    _ s: State, at t: Int, threads: Int
  ) -> (Int, [Double], [Double]?, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> [Double] {
    let (blocks, λ, weight) = (s.blocks, damping, timetable.weight(at: t, keeping: decay))
    let (renewsInverses, isSingle) = (timetable.renewsInverses(at: t), Scalar.self == Float.self)
    let (μ, β2, ε) = (momentum, beta2, epsilon)
    let correction = 1 / Schedule.constant(β2).oneMinusProduct(through: max(1, t - warmSteps))
    return { p, m, gradient, factors, inverses in
      let blocks = blocks[p]
      guard blocks.kind != .diagonal else {
        let v = factors + blocks.factorOffset
        return m.indices.map { i in
          let u = (1 - μ) * m[i]
          v[i] = (v[i] - (1 - β2) * v[i]) + (1 - β2) * (u * u)
          let divisor = (correction * v[i]).squareRoot() + ε
          return divisor == 0 ? 0 * u : u / divisor
        }
      }
      if let gradient {
        blocks.accumulate(gradient, into: factors, weight: weight, isSingle: isSingle, threads: threads)
      }
      if renewsInverses { blocks.invert(factors, damping: λ, into: inverses, threads: threads) }
      return blocks.precondition(m, by: inverses, isSingle: isSingle, threads: threads)
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "μ: momentum of the gradients"),
      .number("damping", \.damping, in: .positive, "λ: added to the Fisher matrix"),
      .number("decay", \.decay, in: .unit, "ρ: decay of the Fisher matrix"),
      .choice("blocks", \.blocks, "a dense layer's blocks: its rows, its columns, or the mean of its columns"),
      .integer(
        "statisticsInterval", \.statisticsInterval, in: 1...1_000_000,
        "steps between gradients in the Fisher matrix"),
      .integer(
        "inverseInterval", \.inverseInterval, in: 1...1_000_000, "steps between computations of the inverses"),
      .integer("warmSteps", \.warmSteps, in: 0...1_000_000, "first steps that average the Fisher matrix only"),
      .choice("labels", \.labels, "labels of the Fisher matrix: given (paper) or drawn from the predictions"),
      .number("beta2", \.beta2, in: .unit, "β₂ of biases and the like"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε of biases and the like"),
    ]
  }
}

/// The blocks that ``MiniBlockFisher`` cuts a dense layer's weights into.
public enum DenseBlocks: String, Codable, CaseIterable, Sendable {
  /// All that one output reads.
  case rows
  /// All that one input affects.
  case columns
  /// The same, with the mean of their matrices for all of them: the authors' experiments.
  case columnsAveraged
}
