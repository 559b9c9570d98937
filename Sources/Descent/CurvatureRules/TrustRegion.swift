import RealModule

/// The trust-region Newton method with conjugate gradients (Steihaug 1983; Nocedal & Wright 2006, Algorithms 4.1 and 7.2).
///
///     dₜ ≈ argmin mₜ(d) over ‖d‖ ≤ Δₜ,  mₜ(d) = gᵀd + ½ dᵀH d
///     ρ = (f(θₜ + dₜ) − f(θₜ)) ÷ mₜ(dₜ)
///     Δₜ₊₁ = ¼ ‖dₜ‖ if ρ < ¼,  min(2 Δₜ, Δ̂) if ρ > ¾ and ‖dₜ‖ = Δₜ,  otherwise Δₜ
///     θₜ₊₁ = θₜ + α dₜ if ρ > η,  otherwise θₜ
///
/// Conjugate gradients minimize m from d = 0 on. They end at the boundary, if they cross it or meet a direction along
/// which H is not positive, or when the residual is at most min(κ, √‖g‖) ‖g‖.
///
/// First step: Δ₁ = 1. A step costs a gradient, a product with H for each step of the conjugate gradients, and a value, for
/// which an objective computes a gradient, too, at θ + d. After a step that is not made, only the radius has changed. κ = ½.
public struct TrustRegion<Scalar: LaneScalar>: ObjectiveRule {
  /// α > 0: multiplies the step.
  public var learningRate: Schedule
  /// Δ̂ > 0: the largest radius.
  public var maximumRadius: Double
  /// Δ₁ > 0.
  public var radius: Double
  /// η in [0, 1): the share of the model's decrease that a step must reach; the book's are below ¼.
  public var acceptance: Double
  /// κ: the residual at which conjugate gradients stop, relative to ‖g‖.
  public var tolerance: Double
  /// The most steps of conjugate gradients.
  public var iterations: Int

  public init(
    learningRate: Schedule = 1, maximumRadius: Double = 100, radius: Double = 1, acceptance: Double = 0.1,
    tolerance: Double = 0.5,
    iterations: Int = 250
  ) {
    self.learningRate = learningRate
    self.maximumRadius = maximumRadius
    self.radius = radius
    self.acceptance = acceptance
    self.tolerance = tolerance
    self.iterations = iterations
  }

  public var needs: Set<ObjectiveCapability> { [.hessianProducts, .otherPoints] }

  public struct State: Sendable {
    /// Δₜ of the next step.
    var radius: Double
  }

  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(radius: radius) }

  public static var fields: [StateField<State, Scalar>] { [.number("radius", \.radius, in: .positive)] }

  public func stateByteCount(of layout: ParameterLayout) -> Double { 8 }

  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    let value = try objective.value(at: θ, gradient: &g)
    try Self.checkFinite(g)
    try Self.checkValue(value)
    let Δ = min(s.radius, maximumRadius)
    let step = try minimizer(g, radius: Δ) { try objective.hessianProduct(at: θ, with: $0, into: &$1) }
    guard step.model < 0 else { return }
    var next = θ
    next.addFinite(step.d, times: 1)
    // The whole step is judged, whatever part of it is made.
    let ratio = (try objective.value(at: next) - value) / step.model
    // Written this way round so that a ratio that is not a number shrinks the radius.
    if !(ratio >= 0.25) {
      s.radius = max(0.25 * step.d.norm(), .leastNormalMagnitude)
    } else {
      s.radius = ratio > 0.75 && step.isOnBoundary ? min(2 * Δ, maximumRadius) : Δ
    }
    guard ratio > acceptance else { return }
    let α = learningRate(at: t)
    if α == 1 { θ = next } else { θ.addFinite(step.d, times: α) }
  }

  /// Steihaug's approximate minimizer of m within the radius, and m there.
  func minimizer(
    _ g: ParameterVector<Scalar>, radius Δ: Double, multiply: ConjugateGradients.Multiply<Scalar>
  ) throws -> (d: ParameterVector<Scalar>, model: Double, isOnBoundary: Bool) {
    // In units of ‖g‖, so that no square of an extreme gradient overflows or vanishes.
    let norm = g.norm()
    var (d, product) = (ParameterVector<Scalar>(zeros: g.layout), ParameterVector<Scalar>(zeros: g.layout))
    guard norm > 0 else { return (d, 0, false) }
    let scale = 0x1p-40...0x1p40 ~= norm ? 1 : norm
    var b = g
    b.scale(by: Scalar.finite(-1 / scale))
    let bound = Δ / scale
    var (r, p) = (b, b)
    var square = r.sumOfSquares()
    let target = min(tolerance, norm.squareRoot()) * square.squareRoot()
    // H d, for m(d) at the end.
    var curved = d
    var isOnBoundary = false
    var i = 0
    while i < iterations, square.squareRoot() > target {
      try multiply(p, &product)
      let curvature = p.dot(product)
      guard curvature.isFinite else {
        if i == 0 { throw CurvatureError.notFinite(method: Self.name) }
        break
      }
      i += 1
      let α = square / curvature
      var next = d
      if curvature > 0 { next.add(p, times: Scalar.finite(α)) }
      if !(curvature > 0 && next.norm() < bound) {
        let τ = Self.distance(from: d, along: p, to: bound)
        d.add(p, times: Scalar.finite(τ))
        curved.add(product, times: Scalar.finite(τ))
        isOnBoundary = true
        break
      }
      d = next
      curved.add(product, times: Scalar.finite(α))
      r.add(product, times: Scalar.finite(-α))
      let nextSquare = r.sumOfSquares()
      guard nextSquare.isFinite else { break }
      p.scale(by: Scalar.finite(nextSquare / square))
      p.add(r)
      square = nextSquare
    }
    let model = (0.5 * d.dot(curved) - d.dot(b)) * scale * scale
    d.scale(by: Scalar.finite(scale))
    d.limit()
    return (d, model.isNaN ? 0 : Double.finite(model), isOnBoundary)
  }

  /// τ ≥ 0 with ‖d + τ p‖ = Δ.
  private static func distance(
    from d: ParameterVector<Scalar>, along p: ParameterVector<Scalar>, to Δ: Double
  ) -> Double {
    let length = p.norm()
    let (along, norm) = (d.dot(p) / length, d.norm())
    let rest = max(0, Δ - norm).squareRoot() * (Δ + norm).squareRoot()
    let root = Double.hypot(along, rest)
    // The form without cancellation.
    return (along > 0 ? rest * (rest / (along + root)) : root - along) / length
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "α: a factor of the step; 1 is the model's"),
      .number("maximumRadius", \.maximumRadius, in: .positive, "Δ̂: the largest radius"),
      .number("radius", \.radius, in: .positive, "Δ₁: the first radius"),
      .number("acceptance", \.acceptance, in: .unit, "η: the share of the model's decrease that a step must reach"),
      .number("tolerance", \.tolerance, in: .openUnit, "κ: conjugate gradients stop at the residual min(κ, √‖g‖) ‖g‖"),
      .integer("iterations", \.iterations, in: 1...1_000_000, "the most steps of conjugate gradients"),
    ]
  }
}
