/// SFO: the sum of functions optimizer (Sohl-Dickstein, Poole & Ganguli 2014).
///
///     f = Σ fⱼ over N subfunctions, each the mean of a mini-batch; model of each, from its own last evaluation at xⱼ:
///     fⱼ(x) ≈ fⱼ(xⱼ) + gⱼᵀ(x − xⱼ) + ½ (x − xⱼ)ᵀ Hⱼ (x − xⱼ)
///     x ← x − σ (Σ Hⱼ)⁻¹ Σ [gⱼ + Hⱼ (x − xⱼ)]: Newton's step on the whole model
///     Hⱼ by BFGS from the differences of that subfunction's own positions and gradients
///
/// A quasi-Newton method that evaluates one mini-batch a step. It works in a subspace of 2N + 2 to 3N + 3 dimensions
/// that holds the last positions and gradients. A new gradient adds a direction; when the subspace is full, it is
/// collapsed to what the subfunctions remember. So the memory is about 3N vectors like θ, and N should be small: 25 or
/// more, about √n ÷ 10 for large n.
///
/// As in the authors' code: two subfunctions are active at first, with Hⱼ = 1e5 I. One more becomes active when the
/// gradient's standard error exceeds its length in the metric H⁻¹, after a failed step, and after a pass without a new
/// one. An active subfunction with one evaluation is evaluated next, then one with none. Otherwise it is the one whose
/// last position is farthest from x, in the metric of Σ Hⱼ or of its own Hⱼ: a coin toss decides. BFGS starts from the
/// smallest eigenvalue of the least-squares Hessian of the history. Resulting eigenvalues below 1e-8 times the largest
/// are replaced by the median positive one. Steps are at least 1e-8 and, after the first pass, at most 10 times the
/// mean step. A step has failed if the subfunction exceeds its prediction by more than the others were predicted to
/// gain: x goes back (unless it was worse there) and σ is halved; σ returns to 1 within about N steps.
///
/// Unlike the authors' code: if a subfunction's first evaluation failed, its first difference is not taken between its
/// gradient and zero. If all steps so far have failed, the mean step is zero and does not limit the next one.
/// Subfunctions of unequal size are weighted by their size. The authors' rank-1 update is left out.
///
/// First step: the first subfunction's gradient ÷ initialHessian. A step costs one subfunction's term gradients, about
/// n ÷ N; a failed one two to twelve times that. The terms must be deterministic.
public struct SFO<Scalar: LaneScalar>: SumMethod {
  /// N in 1…n. If none is given: the larger of 25 and √n ÷ 10, but at most n.
  public var subfunctions: AutomaticCount
  /// The most differences that a subfunction keeps, at least 1.
  public var history: Int
  /// The first active subfunctions start with Hⱼ = this number times I; > 0. Large, so that the first steps are short.
  public var initialHessian: Double
  /// Subfunctions active at the start, at least 1.
  public var initialActive: Int
  /// Above 0. A subfunction is added if the gradient's squared standard error is at least this many times its squared
  /// length.
  public var gradientNoise: Double
  /// The longest step is this many times the mean step; > 0.
  public var stepRatio: Double
  /// The shortest step, ≥ 0. `Float` needs a larger value, about 1e-5 ‖θ‖.
  public var minimumStep: Double
  /// The largest eigenvalue of an Hⱼ is at most this many times the smallest; > 0.
  public var hessianRatio: Double
  /// Which subfunction is evaluated next.
  public var selection: Selection

  /// Which subfunction is evaluated next.
  public enum Selection: String, Codable, CaseIterable, Sendable {
    /// The farthest, in the metric of the whole Hessian or of its own: a coin toss decides.
    case both
    /// The farthest in the metric of the whole Hessian.
    case total
    /// The farthest in the metric of its own Hessian.
    case own
    /// One of the active ones, each with the same probability.
    case random
    /// The active ones in turn.
    case cyclic
  }

  public init(
    subfunctions: AutomaticCount = .automatic, history: Int = 10, initialHessian: Double = 1e5,
    initialActive: Int = 2, gradientNoise: Double = 1, stepRatio: Double = 10, minimumStep: Double = 1e-8,
    hessianRatio: Double = 1e8, selection: Selection = .both
  ) {
    self.subfunctions = subfunctions
    self.history = history
    self.initialHessian = initialHessian
    self.initialActive = initialActive
    self.gradientNoise = gradientNoise
    self.stepRatio = stepRatio
    self.minimumStep = minimumStep
    self.hessianRatio = hessianRatio
    self.selection = selection
  }

  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> SFOState<Scalar> {
    let count = subfunctions.count(automatic: min(n, max(25, Int(Double(n).squareRoot() / 10))))
    try check(batchSize: count, option: "subfunctions", count: n)
    return SFOState(at: θ, count: n, subfunctions: count, options: self, seed: seed)
  }

  public func step<Sum: FiniteSum>(
    _ state: inout SFOState<Scalar>, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    try state.step(with: self, on: sum)
  }

  public static var options: [RuleOption<Self>] {
    [
      .text(
        "subfunctions", \.subfunctions, domain: AutomaticCount.domain, "N: auto is at least 25 and √n ÷ 10"),
      .integer("history", \.history, in: 1...1000, "differences that a subfunction keeps"),
      .number("initialHessian", \.initialHessian, in: .positive, "the first Hessian, times I"),
      .integer("initialActive", \.initialActive, in: 1...1_000_000_000, "subfunctions active at the start"),
      .number("gradientNoise", \.gradientNoise, in: .positive, "standard error ÷ gradient that adds a subfunction"),
      .number("stepRatio", \.stepRatio, in: .positive, "the longest step ÷ the mean step"),
      .number("minimumStep", \.minimumStep, in: .nonNegative, "the shortest step"),
      .number("hessianRatio", \.hessianRatio, in: .positive, "the largest eigenvalue ÷ the smallest, at most"),
      .choice("selection", \.selection, "which subfunction is evaluated next"),
    ]
  }
}
