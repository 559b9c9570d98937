/// Newton's method with cubic regularization, solved exactly (Nesterov & Polyak 2006).
///
///     dₜ = argmin gᵀd + ½ dᵀH d + (ρ ÷ 6) ‖d‖³
///     θₜ₊₁ = θₜ + α dₜ
///
/// If ρ is at least the Lipschitz constant of H, every step lowers f, and the method ends near points where g = 0 and H
/// has no negative eigenvalue: it leaves strict saddles, also from exactly there.
///
/// First step: as every other one; the method remembers nothing. A step costs a gradient, n products with H and an
/// eigendecomposition: it is refused above 1000 parameters. The paper raises ρ while f does not fall as the model says;
/// here ρ is given. α = 1 is the paper's.
public struct CubicNewton<Scalar: LaneScalar>: ObjectiveRule {
  /// α > 0.
  public var learningRate: Schedule
  /// ρ > 0: how fast H changes.
  public var rho: Double

  public init(learningRate: Schedule = 1, rho: Double = 1) {
    self.learningRate = learningRate
    self.rho = rho
  }

  public var needs: Set<ObjectiveCapability> { [.hessianProducts] }

  public func stateByteCount(of layout: ParameterLayout) -> Double { 0 }

  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout NoState, at t: Int,
    threads: Int
  ) throws {
    try Self.checkCount(θ.layout)
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    _ = try objective.value(at: θ, gradient: &g)
    let hessian = try DenseCurvature.matrix(θ.layout) { try objective.hessianProduct(at: θ, with: $0, into: &$1) }
    let model = CubicModel(
      eigen: SymmetricEigen(hessian, order: θ.layout.parameterCount, threads: threads),
      gradient: g.values.map { Double($0) }, regularization: rho)
    guard let step = model.minimizer() else { throw CurvatureError.notFinite(method: Self.name) }
    θ.add(step, times: learningRate(at: t))
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .positive, "α: a factor of the step; 1 is the model's"),
      .number("rho", \.rho, in: .positive, "ρ: of the model's (ρ ÷ 6) ‖d‖³, the Lipschitz constant of the Hessian"),
    ]
  }
}
