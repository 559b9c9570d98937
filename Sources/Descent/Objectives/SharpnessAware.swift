/// Sharpness-aware minimization: every gradient is that at the worst point nearby, of the same batch (Foret, Kleiner,
/// Mobahi & Neyshabur 2021).
///
///     ε = r ∇f(θ) ÷ ‖∇f(θ)‖,                      g = ∇f(θ + ε)
///     ε = r T² ∇f(θ) ÷ ‖T ∇f(θ)‖,  T = |θ| + η    if adaptive (ASAM: Kwon, Kim, Park & Choi 2021)
///
/// It is a setting of an optimizer, ``Optimizer/sharpness``, and works with every rule: whatever gradient the rule asks
/// for at θ is the one at θ + ε. The optimizer's transforms see that one alone. Values stay those at θ. Each gradient
/// costs two. Statistics of layers and gradients with drawn labels are those at θ + ε, too; products with the curvature
/// are those at θ.
///
/// ```swift
/// var optimizer = try Optimizer(Momentum(), for: θ)
/// optimizer.sharpness = SharpnessAware(radius: 0.05)
/// ```
///
/// The authors' code of ASAM takes T = 1 for biases; here every parameter has its T.
public struct SharpnessAware: Hashable, Sendable, Codable {
  /// r ≥ 0: the length of ε. 0.05 is usual; 0.5 if adaptive.
  public var radius: Double
  /// Whether the ball is scaled by the parameters' magnitudes.
  public var isAdaptive: Bool
  /// η ≥ 0: what T is at θ = 0; without effect if not adaptive.
  public var eta: Double

  public init(radius: Double, isAdaptive: Bool = false, eta: Double = 0.01) {
    self.radius = radius
    self.isAdaptive = isAdaptive
    self.eta = eta
  }

  /// - Throws: ``RuleError`` for a radius or an η that is negative or not finite.
  public func validate() throws(RuleError) {
    func check(_ option: String, _ value: Double) throws(RuleError) {
      guard !(value >= 0 && value.isFinite) else { return }
      throw .invalidOption(
        rule: isAdaptive ? "asam" : "sam", option: option, problem: "\(value) is not in \(Interval.nonNegative)")
    }
    try check("radius", radius)
    try check("eta", eta)
  }

  /// θ + ε; θ itself if the gradient is zero, or not finite.
  func point<Scalar: LaneScalar>(
    from θ: ParameterVector<Scalar>, gradient: ParameterVector<Scalar>
  ) -> ParameterVector<Scalar> {
    var (point, step) = (θ, gradient)
    if isAdaptive { scale(&step, by: θ) }
    let norm = step.norm()
    guard norm > 0, norm.isFinite else { return θ }
    // At a norm near 1 neither a factor nor a product of factors overflows.
    step.scale(by: Scalar.finite(1 / norm))
    if isAdaptive { scale(&step, by: θ) }
    point.add(step, times: Scalar.finite(radius))
    point.limit()
    return point
  }

  /// x ← T x.
  private func scale<Scalar: LaneScalar>(_ x: inout ParameterVector<Scalar>, by θ: ParameterVector<Scalar>) {
    let (count, η) = (x.laneCount, Scalar.finite(eta))
    θ.withUnsafeLanes { θ in
      x.withUnsafeMutableLanes { x in
        for i in 0..<count { x[i] = ((Scalar.magnitude(θ[i]) + η) * x[i].infinityAsNaN).finite }
      }
    }
  }
}
