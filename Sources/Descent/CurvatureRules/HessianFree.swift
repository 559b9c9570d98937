/// Hessian-free optimization: a truncated Newton method on the Gauss–Newton matrix (Martens 2010).
///
///     dₜ ≈ argmin qₜ(d),  qₜ(d) = gᵀd + ½ dᵀ(G + λₜ I) d
///     θₜ₊₁ = θₜ + α dₜ
///     ρ = (f(θₜ + dₜ) − f(θₜ)) ÷ qₜ(dₜ)
///     λₜ₊₁ = 3⁄2 λₜ if ρ < ¼,  2⁄3 λₜ if ρ > ¾
///
/// g, G and f are of the same batch. Conjugate gradients minimize qₜ from ζ dₜ₋₁ on; their stop is that of
/// ``ConjugateGradients``. α is the first of η, 0.8 η, 0.8² η, … for which f(θ + α d) ≤ f(θ) + 0.01 α gᵀd; after 60
/// trials no step is made, and λ grows.
///
/// First step: d₀ = 0. A step costs a gradient, a product with G for each step of the conjugate gradients and at least
/// one value. Batches should be large, thousands of examples: noise in G or g is what the conjugate gradients overfit.
/// The paper's preconditioner takes the squared gradients of single examples, which objectives do not give: there is
/// none here. q includes λ, as it does in K-FAC. λ₁ = 45 and ζ = 0.95 are those of the author's code, for losses that are
/// sums over an example's outputs.
public struct HessianFree<Scalar: LaneScalar>: ObjectiveRule {
  /// η: the longest α.
  public var learningRate: Schedule
  /// λ₁ ≥ 0.
  public var damping: Double
  /// ζ: the share of the last solution that conjugate gradients start from.
  public var decay: Double
  /// The most steps of conjugate gradients.
  public var iterations: Int
  /// ε: the conjugate gradients' progress, relative and for each step, below which they stop.
  public var tolerance: Double

  public init(
    learningRate: Schedule = 1, damping: Double = 45, decay: Double = 0.95, iterations: Int = 250,
    tolerance: Double = 5e-4
  ) {
    self.learningRate = learningRate
    self.damping = damping
    self.decay = decay
    self.iterations = iterations
    self.tolerance = tolerance
  }

  public var needs: Set<ObjectiveCapability> { [.gaussNewtonProducts, .otherPoints] }

  public struct State: Sendable {
    /// dₜ of the last step.
    var direction: ParameterVector<Scalar>
    /// λₜ of the next step.
    var damping: Double
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(direction: ParameterVector(zeros: θ.layout), damping: damping)
  }

  public static var fields: [StateField<State, Scalar>] {
    [.vector("direction", \.direction), .number("damping", \.damping, in: .nonNegative)]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  private static var mostTrials: Int { 60 }

  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    let value = try objective.value(at: θ, gradient: &g)
    try Self.checkFinite(g)
    try Self.checkValue(value)
    let (direction, model) = try direction(at: θ, g, on: objective, s)

    // Each trial asks the same batch.
    func trial(_ α: Double) throws -> (θ: ParameterVector<Scalar>, change: Double) {
      var point = θ
      point.addFinite(direction, times: α)
      return (point, try objective.value(at: point) - value)
    }
    let full = try trial(1)
    let slope = g.dot(direction)
    var α = learningRate(at: t)
    var next = α == 1 ? full : try trial(α)
    var trials = 1
    // Written this way round so that a value that is not a number is no decrease.
    while !(next.change <= 0.01 * α * slope), trials < Self.mostTrials {
      α *= 0.8
      next = try trial(α)
      trials += 1
    }
    if next.change <= 0.01 * α * slope { θ = next.θ }
    s.direction = direction
    // At a stationary point the model says nothing about λ.
    if model < 0 { s.damping = Self.adapted(s.damping, ratio: full.change / model) }
  }

  /// dₜ and qₜ(dₜ).
  private func direction(
    at θ: ParameterVector<Scalar>, _ g: ParameterVector<Scalar>, on objective: StepObjective<Scalar>, _ s: State
  ) throws -> (ParameterVector<Scalar>, model: Double) {
    // A gradient of extreme size is brought to a norm near 1, so that no square overflows or vanishes.
    let norm = g.norm()
    let scale = norm == 0 || 0x1p-40...0x1p40 ~= norm ? 1 : norm
    var (b, start) = (g, s.direction)
    b.scale(by: Scalar.finite(-1 / scale))
    start.scale(by: Scalar.finite(decay / scale))
    let solver = ConjugateGradients(mostSteps: iterations, tolerance: tolerance)
    let solution = try solver.solve(b, from: start) { v, product in
      try objective.gaussNewtonProduct(at: θ, with: v, into: &product)
      product.add(v, times: Scalar.finite(s.damping))
    }
    guard var solution else { throw CurvatureError.notFinite(method: Self.name) }
    solution.x.scale(by: Scalar.finite(scale))
    solution.x.limit()
    return (solution.x, Double.finite(solution.value * scale * scale))
  }

  /// λₜ₊₁, which stays a normal number.
  private static func adapted(_ λ: Double, ratio: Double) -> Double {
    if ratio > 0.75 { return λ == 0 ? 0 : max(.leastNormalMagnitude, 2.0 / 3 * λ) }
    return ratio >= 0.25 ? λ : Double.finite(1.5 * λ)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule(
        "learningRate", \.learningRate, in: .positive, "η: the longest step of the line search; 1 is the model's"),
      .number("damping", \.damping, in: .nonNegative, "λ₁: added to the curvature, later as the model fits; 0: never"),
      .number("decay", \.decay, in: .closedUnit, "ζ: the share of the last solution that the next one starts from"),
      .integer("iterations", \.iterations, in: 1...1_000_000, "the most steps of conjugate gradients"),
      .number("tolerance", \.tolerance, in: .nonNegative, "ε: their relative progress, for each step, at the end"),
    ]
  }
}
