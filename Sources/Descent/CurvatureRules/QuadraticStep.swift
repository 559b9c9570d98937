/// The combination δ = Σ cᵢ dᵢ of one or two directions that minimizes M(δ) = ½ δᵀ (F + λ I) δ + gᵀ δ.
@usableFromInline
struct QuadraticStep<Scalar: LaneScalar>: Sendable {
  /// δ.
  @usableFromInline let direction: ParameterVector<Scalar>
  /// M(δ) − M(0) = ½ gᵀ δ.
  @usableFromInline let change: Double

  /// - Parameters:
  ///   - directions: d₁, or d₁ and d₂.
  ///   - forms: dᵢᵀ F dⱼ.
  ///   - λ: Positive.
  ///   - g: The gradient.
  @usableFromInline
  init(
    _ directions: [ParameterVector<Scalar>], forms: [[Double]], damping λ: Double, gradient g: ParameterVector<Scalar>
  ) {
    let slopes = directions.map { g.dot($0) }
    func form(_ i: Int, _ j: Int) -> Double { forms[i][j] + λ * directions[i].dot(directions[j]) }
    let first = form(0, 0)
    // Without curvature along d₁, or with numbers that are none, nothing is known of its length.
    var weights = [first > 0 ? -slopes[0] / first : 0]
    if directions.count > 1 {
      let (mixed, second) = (form(0, 1), form(1, 1))
      let determinant = first * second - mixed * mixed
      // Nearly parallel directions: one says all.
      if determinant > 1e-12 * first * second {
        weights = [
          (mixed * slopes[1] - second * slopes[0]) / determinant, (mixed * slopes[0] - first * slopes[1]) / determinant,
        ]
      }
    }
    if !weights.allSatisfy({ $0.isFinite }) { weights = [0] }
    var direction = directions[0]
    direction.scale(by: Scalar.finite(weights[0]))
    if weights.count > 1 { direction.add(directions[1], times: Scalar.finite(weights[1])) }
    self.direction = direction
    change = 0.5 * zip(weights, slopes).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
