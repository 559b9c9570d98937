/// vSGD-b and vSGD-g: one step size for each parameter, or one for all, from the variance of the gradients (Schaul, Zhang &
/// LeCun 2013).
///
///     ḡ ← (1 − 1 / τ) ḡ + g / τ
///     h̄ ← (1 − 1 / τ) h̄ + |h| / τ
///     l̄ ← (1 − 1 / τ) l̄ + ‖g‖² / τ
///     r = ‖ḡ‖² / l̄
///     θ ← θ − α r g / (maxᵢ h̄ᵢ + μ)
///     τ ← (1 − r) τ + 1
///
/// Norms, the largest curvature, r and τ are those of one parameter (a matrix of weights, a vector of biases) with
/// `blocks: parameters`, the paper's vSGD-b, and of all with `blocks: all`, vSGD-g. With a step size for each element it is
/// ``VSGD``; with μ = 0 a parameter of one element is stepped by that method's equations.
///
/// The averages begin with the first gradient: ḡ = g, l̄ = C ‖g‖², h̄ = C |h|, τ = τ₀. First step: α g / (C (C max |h| + μ)).
/// C is the paper's slow start, there a tenth of the number of parameters, which networks need. The paper begins with the
/// averages of a few gradients instead of one.
///
/// μ is 0 in the paper. h is the diagonal of the Hessian that the objective gives (``DiagonalCurvature``). The paper takes a
/// layer for a block, its biases with its weights. A block whose gradients or curvatures are all 0 stays.
///
/// Memory: ḡ, h̄, h and two vectors for the answers. Norms are summed in `Double`.
public struct BlockVSGD<Scalar: LaneScalar>: ObjectiveRule {
  /// What has a step size of its own.
  public enum Blocks: String, Codable, CaseIterable, Sendable {
    /// Each parameter: vSGD-b.
    case parameters
    /// All together: vSGD-g.
    case all
  }

  /// α ≥ 0; 1 in the paper.
  public var learningRate: Schedule
  public var blocks: Blocks
  /// C ≥ 1.
  public var slowStart: Double
  /// τ₀ ≥ 1: the memory after the first step is (1 − 1 / C) τ₀ + 1.
  public var initialMemory: Double
  /// μ ≥ 0.
  public var mu: Double
  public var curvature: DiagonalCurvature

  public init(
    learningRate: Schedule = 1, blocks: Blocks = .parameters, slowStart: Double = 2, initialMemory: Double = 2,
    mu: Double = 0, curvature: DiagonalCurvature = DiagonalCurvature()
  ) {
    self.learningRate = learningRate
    self.blocks = blocks
    self.slowStart = slowStart
    self.initialMemory = initialMemory
    self.mu = mu
    self.curvature = curvature
  }

  public static var name: String { "vsgdb" }
  public var needs: Set<ObjectiveCapability> { [.curvatureDiagonal] }

  public struct State: Sendable {
    /// ḡ, h̄ and the h of the last question.
    @usableFromInline var mean, hMean, h: ParameterVector<Scalar>
    /// l̄ and τ of each block.
    @usableFromInline var squares, τ: LaneArray<Double>
    /// Memory for the gradient and for h.
    @usableFromInline var gradient, answer: ParameterVector<Scalar>

    init(for θ: ParameterVector<Scalar>, blockCount: Int, τ₀: Double) {
      let zeros = ParameterVector<Scalar>(zeros: θ.layout)
      (mean, hMean, h, gradient, answer) = (zeros, zeros, zeros, zeros, zeros)
      (squares, τ) = (LaneArray(zeros: [blockCount]), LaneArray(zeros: [blockCount]))
      τ.mutableElements().update(repeating: τ₀, count: blockCount)
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(for: θ, blockCount: ranges(of: θ.layout).count, τ₀: initialMemory)
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("mean", \.mean), .vector("hMean", \.hMean), .vector("h", \.h), .doubles("squares", \.squares),
      .doubles("memory", \.τ),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    5 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  /// The elements of each block.
  @usableFromInline
  func ranges(of layout: ParameterLayout) -> [Range<Int>] {
    switch blocks {
    case .parameters: layout.blocks.map(\.elements)
    case .all: [0..<layout.paddedCount]
    }
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    _ = try objective.value(at: θ, gradient: &s.gradient)
    if curvature.isDue(at: t) {
      try objective.curvatureDiagonal(at: θ, curvature.form, into: &s.answer)
      swap(&s.h, &s.answer)
    }
    let (α, C) = (learningRate(at: t), t == 1 ? slowStart : 1)
    let limit = Scalar.finite(Double(Scalar.largestSummable(count: θ.layout.parameterCount)) / C.squareRoot())
    let (squares, τ) = (s.squares.mutableElements(), s.τ.mutableElements())
    let (x, g, mean) = (θ.mutableLanes(), s.gradient.lanes, s.mean.mutableLanes())
    let (h, hMean) = (s.h.lanes, s.hMean.mutableLanes())
    for (b, elements) in ranges(of: θ.layout).enumerated() {
      let start = elements.lowerBound / Scalar.laneWidth
      let count = (elements.count + Scalar.laneWidth - 1) / Scalar.laneWidth
      let w = t == 1 ? 1 : 1 / τ[b]
      let (weight, factor) = (Scalar(w), Scalar(C))
      forEachLane(in: count, threads: threads) { i in
        let i = start + i
        mean[i].decay(toward: g[i].infinityAsNaN.limited(to: limit), by: weight)
        hMean[i].decay(toward: (factor * Scalar.magnitude(h[i])).finite, by: weight)
      }
      squares[b] += w * (C * Scalar.sumOfSquares(g + start, count: count, limit: limit) - squares[b])
      var largest = Scalar.Lane.zero
      for i in start..<start + count { largest = Scalar.maximum(largest, hMean[i]) }
      let bound = Double(largest.max()) + mu
      let r = Self.ratio(Scalar.sumOfSquares(mean + start, count: count, limit: limit), squares[b])
      τ[b] = (τ[b] - r * τ[b]) + 1
      let rate = bound > 0 ? Scalar.finite(α * r / bound) : 0
      forEachLane(in: count, threads: threads) { i in
        let i = start + i
        x[i] = (x[i] - rate * g[i].infinityAsNaN).finite
      }
    }
  }

  /// ‖ḡ‖² / l̄, and 0 for 0 / 0. Only rounding makes it exceed 1.
  @usableFromInline
  static func ratio(_ meanSquares: Double, _ squares: Double) -> Double {
    let ratio = squares == 0 ? 0 : meanSquares / squares
    return ratio > 1 ? 1 : ratio
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: multiplies the step"),
      .choice("blocks", \.blocks, "what has a step size of its own: each parameter (vSGD-b), or all (vSGD-g)"),
      .number(
        "slowStart", \.slowStart, in: .atLeastOne,
        "C: factor on the first variance and curvature; networks: parameters ÷ 10"),
      .number("initialMemory", \.initialMemory, in: .atLeastOne, "τ₀: memory at the start"),
      .number("mu", \.mu, in: .nonNegative, "μ: added to the curvature"),
    ] + DiagonalCurvature.options.map { $0.lifted(through: \.curvature) }
  }
}
