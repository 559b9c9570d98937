import RealModule

/// TNT: gradients as tensors with a normal distribution (Ren & Goldfarb 2021, "Tensor normal training").
///
///     Hᵢ ← ρ Hᵢ + (1 − ρ) Ĝᵢ Ĝᵢᵀ                for each side i = 1, …, k; Hᵢ = Ĝᵢ Ĝᵢᵀ at first
///     H̃ᵢ = Hᵢ ÷ (c^(k−1) ∏_{j≠i} nⱼ),  c = (tr H₁ ÷ ∏ⱼ nⱼ)^(1/k)
///     M ← μ M + G
///     W ← W − α M ×₁ (H̃₁ + ε I)⁻¹ … ×ₖ (H̃ₖ + ε I)⁻¹
///
/// Ĝᵢ is the unfolding along side i. The product of all H̃ᵢ has the trace of the gradients' second moment: Shampoo with
/// the power −1 of this scale, on gradients with labels drawn from the model's predictions, so that it is a Fisher matrix.
/// A vector has one side, n₁ = n and H̃₁ = H₁: the full matrix's inverse. All Hᵢ have the same trace.
///
/// A parameter's sides are its inputs, its outputs and, for a convolution's kernel, the places of its window (`form:
/// tensor`, as in the paper: n_out × n_in × height · width); with `form: matrix` all that an output reads is one side, as in
/// K-FAC. Sides longer than `maximumSide` are cut into blocks that are preconditioned separately.
///
/// First step with one side: α g ÷ (‖ĝ‖² + ε) if g and ĝ are the same. Without `warmSteps`, the inverses of the first `inverseInterval` steps follow every
/// change of H. If H̃ + ε I is not positive definite to rounding, ε is raised for that side: see ``DampedInverse``.
///
/// Drawn labels need a ``SampledGradientObjective``, and cost their further backward pass only at the steps that use them.
/// `labels: given` takes the gradient itself, with what transforms made of it; the paper's ablation.
///
/// With `warmSteps`, θ stays for so many steps at the start, and H is the mean of their Ĝᵢ Ĝᵢᵀ. The authors' code does that
/// for an epoch. Schedules and averages of θ count these steps.
///
/// Differences from that code: it joins a dense layer's bias to its weights. It has α = 10⁻⁴, ε = 0.1, statistics in
/// every step and inverses in every 20th for autoencoders (the defaults), and statistics in every 10th and inverses in every
/// 100th for convolutional networks.
///
/// Factors and inverses are in `Double`, products in `Scalar`.
public struct TNT<Scalar: LaneScalar>: ObjectiveRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// μ in [0, 1).
  public var momentum: Double
  /// ε > 0.
  public var damping: Double
  /// ρ in [0, 1): decay of H.
  public var decay: Double
  /// The sides of a kernel.
  public var form: TNTForm
  /// The longest side of a block, at least 1.
  public var maximumSide: Int
  /// Steps from one gradient in H to the next, at least 1.
  public var statisticsInterval: Int
  /// Steps from one computation of the inverses to the next, at least 1.
  public var inverseInterval: Int
  /// Steps at the start that average the curvature and leave θ where it is, at least 0.
  public var warmSteps: Int
  /// The labels of H's gradient.
  public var labels: CurvatureLabels

  public init(
    learningRate: Schedule = 1e-4, momentum: Double = 0.9, damping: Double = 0.1, decay: Double = 0.9,
    form: TNTForm = .tensor, maximumSide: Int = 1024, statisticsInterval: Int = 1, inverseInterval: Int = 20,
    warmSteps: Int = 0, labels: CurvatureLabels = .sampled
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.damping = damping
    self.decay = decay
    self.form = form
    self.maximumSide = maximumSide
    self.statisticsInterval = statisticsInterval
    self.inverseInterval = inverseInterval
    self.warmSteps = warmSteps
    self.labels = labels
  }

  public var needs: Set<ObjectiveCapability> { labels == .sampled ? [.sampledGradients] : [] }
  public static var dependsOnAxes: Bool { true }

  public struct State: Sendable {
    @usableFromInline var curvature: GradientCurvature<Scalar>
    /// Of each parameter.
    let layouts: [KroneckerLayout]
    /// Where its factors and inverses start.
    let offsets: [Int]
  }

  @inlinable public func moves(at t: Int) -> Bool { t > warmSteps }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("momentum", \.curvature.momentum), .doubles("factors", \.curvature.factors),
      .doubles("inverses", \.curvature.inverses),
    ]
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    let layouts = layouts(of: θ.layout)
    var (offsets, count) = ([Int](), 0)
    for layout in layouts {
      offsets.append(count)
      count += layout.count
    }
    return State(
      curvature: GradientCurvature(for: θ, labels: labels, factorCount: count, inverseCount: count), layouts: layouts,
      offsets: offsets)
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    let count = layouts(of: layout).reduce(0) { $0 + Double($1.count) }
    return GradientCurvature<Scalar>.byteCount(
      of: layout, labels: labels, factorCount: count, inverseCount: count)
  }

  private func layouts(of layout: ParameterLayout) -> [KroneckerLayout] {
    layout.blocks.map { block in
      let sorted = SortedAxes(block)
      let shape = form.shape(of: sorted?.shape ?? block.shape, axes: sorted?.axes ?? block.axes)
      return KroneckerLayout(shape, blockLimit: maximumSide) { _, _ in .full }
    }
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
    let (layouts, offsets, ε, weight) = (s.layouts, s.offsets, damping, timetable.weight(at: t, keeping: decay))
    let (renewsInverses, isSingle) = (timetable.renewsInverses(at: t), Scalar.self == Float.self)
    return { p, m, gradient, factors, inverses in
      let layout = layouts[p]
      let (factors, inverses) = (factors + offsets[p], inverses + offsets[p])
      return [Double](unsafeUninitializedCapacity: m.count) { d, count in
        count = m.count
        nonisolated(unsafe) let d = d.baseAddress!
        forEachTask(layout.blocks.count, threads: threads) { b in
          let block = layout.blocks[b]
          let threads = layout.blocks.count < threads ? threads : 1
          if let gradient {
            let part = gradient.withUnsafeBufferPointer { layout.part(block, of: $0.baseAddress!) }
            TensorNormal.accumulate(
              part, block, factors, weight: weight, isSingle: isSingle, threads: threads)
          }
          if renewsInverses { TensorNormal.invert(block, factors, inverses, damping: ε, threads: threads) }
          var x = m.withUnsafeBufferPointer { layout.part(block, of: $0.baseAddress!) }
          for (mode, side) in block.sides.enumerated() {
            let inverse = MatrixView(inverses + side.offset, rows: side.extent, columns: side.extent)
            x = ModeProduct.multiply(
              x, shape: block.shape, mode: mode, by: inverse, isSingle: isSingle, threads: threads)
          }
          layout.assign(x, to: block, of: d)
        }
      }
    }
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("momentum", \.momentum, in: .unit, "μ: momentum of the gradients"),
      .number("damping", \.damping, in: .positive, "ε: added to the factors"),
      .number("decay", \.decay, in: .unit, "ρ: decay of the factors"),
      .choice(
        "form", \.form, "sides: window, inputs and outputs (tensor), or all that an output reads and outputs (matrix)"),
      .integer("maximumSide", \.maximumSide, in: 1...1_000_000, "longer sides are cut into blocks"),
      .integer(
        "statisticsInterval", \.statisticsInterval, in: 1...1_000_000, "steps between gradients in the factors"),
      .integer(
        "inverseInterval", \.inverseInterval, in: 1...1_000_000, "steps between computations of the inverses"),
      .integer("warmSteps", \.warmSteps, in: 0...1_000_000, "first steps that average the factors only"),
      .choice("labels", \.labels, "labels of the factors' gradient: drawn from the predictions (paper) or given"),
    ]
  }
}

/// The sides in which ``TNT`` sees a parameter.
public enum TNTForm: String, Codable, CaseIterable, Sendable {
  /// Places of the window, inputs, outputs.
  case tensor
  /// All that an output reads, outputs.
  case matrix

  /// The sides of a parameter of `shape`, in this package's order of axes; at least one. Sides of 1 are left out.
  func shape(of shape: [Int], axes: [AxisRole]) -> [Int] {
    let fans = Fans(shape, axes)
    guard fans.isMatrix else { return [shape.reduce(1, *)] }
    let sides = self == .matrix ? [fans.fanIn, fans.outputs] : [fans.window, fans.inputs, fans.outputs]
    let longer = sides.filter { $0 != 1 }
    return longer.isEmpty ? [1] : longer
  }
}

/// The factors of one block of ``TNT``.
private enum TensorNormal {
  /// No product of all sides' inverses and a gradient overflows.
  private static let limit = 0x1p150

  /// H ← (H − w H) + w Ĝᵢ Ĝᵢᵀ for each side.
  static func accumulate(
    _ g: [Double], _ block: KroneckerLayout.Block, _ factors: UnsafeMutablePointer<Double>, weight w: Double,
    isSingle: Bool, threads: Int
  ) {
    for (mode, side) in block.sides.enumerated() {
      withTemporaryMemory(of: Double.self, count: side.count) { gram in
        let gram = gram.baseAddress!
        ModeProduct.gram(
          g, shape: block.shape, mode: mode, into: gram, adds: false, isSingle: isSingle, threads: threads)
        DenseLoops.average(gram, into: factors + side.offset, weight: w, count: side.count)
      }
    }
  }

  /// (H̃ + ε I)⁻¹ for each side.
  static func invert(
    _ block: KroneckerLayout.Block, _ factors: UnsafePointer<Double>, _ inverses: UnsafeMutablePointer<Double>,
    damping ε: Double, threads: Int
  ) {
    let first = block.sides[0]
    let trace = (0..<first.extent).reduce(0.0) { $0 + factors[first.offset + $1 * (first.extent + 1)] }
    let size = block.shape.reduce(1.0) { $0 * Double($1) }
    let c = Double.root(trace / size, block.sides.count)
    var power = 1.0
    for _ in 1..<block.sides.count { power *= c }
    for side in block.sides {
      let divisor = power * (size / Double(side.extent))
      withTemporaryMemory(of: Double.self, count: side.count) { normalized in
        let normalized = normalized.baseAddress!
        for i in 0..<side.count {
          // Without a gradient there is nothing to scale.
          normalized[i] = divisor == 0 ? 0 * factors[side.offset + i] : factors[side.offset + i] / divisor
        }
        DampedInverse.compute(
          normalized, order: side.extent, damping: ε, limit: limit, into: inverses + side.offset, threads: threads)
      }
    }
  }
}
