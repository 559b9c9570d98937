/// The momentum of gradients that a curvature preconditions, and the step along it that ``KFAC`` and ``EKFAC`` share.
///
///     M ← μ M + g,  Δ = F⁻¹ M,  θ ← θ − α ν Δ,  ν = min(1, √(κ ÷ (α² ⟨Δ, M⟩)))
@usableFromInline
struct PreconditionedMomentum<Scalar: LaneScalar>: Sendable {
  /// M.
  @usableFromInline var momentum: ParameterVector<Scalar>
  /// Memory for g and Δ.
  @usableFromInline var gradient, direction: ParameterVector<Scalar>

  @inlinable
  init(zeros layout: ParameterLayout) {
    let zeros = ParameterVector<Scalar>(zeros: layout)
    (momentum, gradient, direction) = (zeros, zeros, zeros)
  }

  /// A step by ``gradient``. M changes, and θ, when nothing can be refused any more.
  ///
  /// - Parameters:
  ///   - α: The learning rate.
  ///   - μ: How much of M is kept.
  ///   - κ: Bound of the step's squared length in the curvature, α² ⟨Δ, M⟩; 0 for none.
  ///   - precondition: Replaces M by F⁻¹ M.
  @inlinable
  mutating func step(
    _ θ: inout ParameterVector<Scalar>, learningRate α: Double, momentum μ: Double, klClip κ: Double, threads: Int,
    precondition: (inout ParameterVector<Scalar>) throws -> Void
  ) rethrows {
    let μ = Scalar(μ)
    let (m, new) = (momentum.lanes, gradient.mutableLanes())
    forEachLane(in: θ.laneCount, threads: threads) { new[$0] = (μ * m[$0] + new[$0].infinityAsNaN).finite }
    direction.copyElements(of: gradient)
    try precondition(&direction)
    swap(&momentum, &gradient)
    let squaredLength = α * α * direction.dot(momentum)
    let ν = κ > 0 && squaredLength > κ ? (κ / squaredLength).squareRoot() : 1
    let step = Scalar.finite(-α * ν)
    let (x, d) = (θ.mutableLanes(), direction.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { x[$0] = (x[$0] + step * d[$0]).finite }
  }
}
