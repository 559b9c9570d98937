/// K-BFGS(L): ``KBFGS`` with limited memory: H_g is made of the last pairs s, y in each step (Goldfarb, Ren & Bahamou 2020).
///
///     H_g M by the two loops of L-BFGS (Nocedal 1980) over at most `history` pairs, from γ I
///
/// All else is K-BFGS: while there are no more pairs than `history`, its steps are the same to rounding. The products with
/// all rows of M are products of matrices: two loops over the pairs' coefficients, not over the rows.
///
/// First step: that of K-BFGS.
///
/// The authors' code has the recursion in its compact form (Byrd, Nocedal & Schnabel 1994); γ = 1 there, too.
///
/// Memory: that of K-BFGS with 2 · `history` · m in the place of m² for a layer of m outputs, and cost n² m + 4 n m · `history`
/// for Δ.
public struct KBFGSL<Scalar: LaneScalar>: ObjectiveRule {
  /// The options that it has in common with K-BFGS.
  public var kbfgs: KBFGS<Scalar>
  /// Pairs of each layer, at least 1.
  public var history: Int

  public init(_ kbfgs: KBFGS<Scalar> = KBFGS(), history: Int = 100) {
    self.kbfgs = kbfgs
    self.history = history
  }

  public var learningRate: Schedule {
    get { kbfgs.learningRate }
    set { kbfgs.learningRate = newValue }
  }

  public var needs: Set<ObjectiveCapability> { kbfgs.needs }

  public struct State: Sendable {
    @usableFromInline var layers: LayerQuasiNewton<CurvaturePairs<Scalar>>

    @usableFromInline
    init(for θ: ParameterVector<Scalar>, history: Int, scale γ: Double) {
      layers = LayerQuasiNewton(for: θ) { CurvaturePairs(orders: $0, history: history, scale: γ) }
    }
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(for: θ, history: history, scale: kbfgs.initialScale)
  }

  @inlinable public func moves(at t: Int) -> Bool { kbfgs.moves(at: t) }

  public static var fields: [StateField<State, Scalar>] {
    LayerQuasiNewton<CurvaturePairs<Scalar>>.fields.map { $0.lifted(through: \.layers) } + [
      .arrays("pairPoints", \.layers.outputs.points), .arrays("pairGradients", \.layers.outputs.gradients),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    LayerQuasiNewton<CurvaturePairs<Scalar>>.byteCount(of: layout) { 2 * Double(history) * $0 }
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) throws {
    guard !state.layers.layers.isEmpty else { throw ObjectiveError.noLayers(method: Self.name) }
    try state.layers.step(&θ, on: &objective, kbfgs.constants(at: t), at: t, threads: threads)
  }

  public static var options: [RuleOption<Self>] {
    KBFGS<Scalar>.options.map { $0.lifted(through: \.kbfgs) } + [
      .integer("history", \.history, in: 1...10_000, "pairs that H_g is made of")
    ]
  }
}
