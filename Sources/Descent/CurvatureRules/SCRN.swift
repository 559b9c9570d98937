import RealModule

/// SCRN: stochastic cubic regularization (Tripuraneni, Stern, Jin, Regier & Jordan 2018, Algorithms 1 and 2).
///
///     dₜ ≈ argmin m(d),  m(d) = gᵀd + ½ dᵀB d + (ρ ÷ 6) ‖d‖³
///     θₜ₊₁ = θₜ + α dₜ
///
/// g and B are the batch's. If ‖g‖ ≥ ℓ² ÷ ρ, d is the minimizer of m along −g, the Cauchy step:
///
///     d = −R g ÷ ‖g‖,  R = −c + √(c² + 2 ‖g‖ ÷ ρ),  c = gᵀB g ÷ (ρ ‖g‖²)
///
/// Otherwise d is where T gradient steps on a perturbed model end, from d = 0 on:
///
///     d ← d − η (g + σ ζ + B d + (ρ ÷ 2) ‖d‖ d),  η = 1 ÷ (20 ℓ),  ζ even over the sphere
///
/// It needs products alone, and leaves strict saddles: there g is small, and the gradient steps on m grow along
/// directions of negative curvature. The random ζ gives them a start where g has no part along these.
///
/// First step: as every other one; the method remembers nothing. A step costs a gradient and T products, or one for a
/// Cauchy step. The paper's σ and T follow from the accuracy ε that is aimed at, T ∼ ℓ ÷ √(ρ ε); its last step, which
/// solves the model to the end when the decrease is small, is for proofs, and left out. α = 1 is the paper's.
public struct SCRN<Scalar: LaneScalar>: ObjectiveRule {
  /// α > 0.
  public var learningRate: Schedule
  /// ρ > 0: how fast the Hessian changes.
  public var rho: Double
  /// ℓ > 0: how fast the gradient changes, the largest eigenvalue of the Hessian.
  public var ell: Double
  /// T: gradient steps on the model.
  public var iterations: Int
  /// σ ≥ 0: the length of the perturbation.
  public var perturbation: Double
  /// The seed of ζ.
  public var seed: Int

  public init(
    learningRate: Schedule = 1, rho: Double = 1, ell: Double = 1, iterations: Int = 10, perturbation: Double = 1e-3,
    seed: Int = 0
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.ell = ell
    self.iterations = iterations
    self.perturbation = perturbation
    self.seed = seed
  }

  public var needs: Set<ObjectiveCapability> { [.hessianProducts] }

  public func stateByteCount(of layout: ParameterLayout) -> Double { 0 }

  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout NoState, at t: Int,
    threads: Int
  ) throws {
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    _ = try objective.value(at: θ, gradient: &g)
    try Self.checkFinite(g)
    let d = try minimizer(g, at: t) { try objective.hessianProduct(at: θ, with: $0, into: &$1) }
    θ.addFinite(d, times: learningRate(at: t))
  }

  /// The approximate minimizer of m (the paper's cubic subsolver).
  func minimizer(
    _ g: ParameterVector<Scalar>, at t: Int, multiply: ConjugateGradients.Multiply<Scalar>
  ) throws -> ParameterVector<Scalar> {
    let norm = g.norm()
    var (d, product) = (ParameterVector<Scalar>(zeros: g.layout), ParameterVector<Scalar>(zeros: g.layout))
    if norm >= ell * ell / rho, norm > 0 {
      var unit = g
      unit.scale(by: Scalar.finite(1 / norm))
      try multiply(unit, &product)
      let length = cauchyLength(norm, curvature: unit.dot(product))
      guard length.isFinite else { throw CurvatureError.notFinite(method: Self.name) }
      d.addFinite(unit, times: -length)
      return d
    }
    let η = 1 / (20 * ell)
    if perturbation > 0 {
      let ζ: ParameterVector<Scalar> = Probe(distribution: .sphere, name: Self.name, seed: seed)
        .vector(g.layout, at: t)
      var perturbed = g
      perturbed.addFinite(ζ, times: perturbation)
      return try descend(on: perturbed, from: d, η, multiply)
    }
    return try descend(on: g, from: d, η, multiply)
  }

  private func descend(
    on g: ParameterVector<Scalar>, from start: ParameterVector<Scalar>, _ η: Double,
    _ multiply: ConjugateGradients.Multiply<Scalar>
  ) throws -> ParameterVector<Scalar> {
    var (d, product) = (start, start)
    for i in 1...max(1, iterations) {
      // At d = 0 the product is known.
      if i > 1 {
        try multiply(d, &product)
        if i == 2 { try Self.checkFinite(product) }
      }
      var next = d
      next.add(g, times: Scalar.finite(-η))
      next.add(product, times: Scalar.finite(-η))
      next.add(d, times: Scalar.finite(-η * 0.5 * rho * d.norm()))
      // Too small an ℓ lets the steps grow: the last finite one is taken.
      guard next.sumOfSquares().isFinite else { return d }
      d = next
    }
    return d
  }

  /// R, without cancellation.
  private func cauchyLength(_ norm: Double, curvature: Double) -> Double {
    // √(2 ‖g‖ ÷ ρ): its square may overflow.
    let (c, x) = (curvature / rho, 2.0.squareRoot() * norm.squareRoot() / rho.squareRoot())
    let root = Double.hypot(c, x)
    return c > 0 ? x * (x / (c + root)) : root - c
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "α: a factor of the step; 1 is the model's"),
      .number("rho", \.rho, in: .positive, "ρ: of the model's (ρ ÷ 6) ‖d‖³, the Lipschitz constant of the Hessian"),
      .number("ell", \.ell, in: .positive, "ℓ: the Lipschitz constant of the gradient"),
      .integer("iterations", \.iterations, in: 1...1_000_000, "T: gradient steps on the model, each a product"),
      .number("perturbation", \.perturbation, in: .nonNegative, "σ: the length of the model's perturbation"),
      .seed(\.seed),
    ]
  }
}
