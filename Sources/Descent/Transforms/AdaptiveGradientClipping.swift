/// Clips the gradient of each output's weights to a share of their norm (Brock et al. 2021, equation 3).
///
///     g ← g · min(1, λ max(‖θ‖, ε) / ‖g‖)     with the norms of one output's weights
///
/// The layout decides which extents are outputs (``ParameterAxes``). A parameter without inputs, such as a bias or a
/// scalar, is one unit. The paper leaves the last layer out: name it in ``excluded``. λ is 0.01 for batches of 4096;
/// smaller batches need clipping less, larger ones need a smaller λ.
///
/// Peers: optax and the authors' JAX code take the last extent as the outputs, timm the first, as each stores its
/// weights: `axes: .outputsLast` and `.outputsFirst` of a layout. Both keep ‖g‖ above 1e-6, which matters only if ‖θ‖
/// and ε are that small.
public struct AdaptiveGradientClipping<Scalar: LaneScalar>: GradientTransform {
  /// λ > 0.
  public var bound: Double
  /// ε > 0: ‖θ‖ counts as at least this, so that weights of zero can move.
  public var epsilon: Double
  /// Parameters that are not clipped: names, or patterns in which `*` stands for any characters.
  public var excluded: [String]

  public init(
    _ bound: Double = 0.01, epsilon: Double = 1e-3, excluding excluded: [String] = []
  ) {
    self.bound = bound
    self.epsilon = epsilon
    self.excluded = excluded
  }

  public var name: String { "adaptiveGradientClipping" }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) throws(GradientError) {
    guard bound > 0 else { throw .invalidBound(bound) }
    // The factor that the step multiplies the gradient by counts, too.
    let share = bound / report.gradientScale
    let blocks = gradient.layout.blocks.filter { block in
      !excluded.contains { matches(block.name[...], $0[...]) }
    }
    gradient.withUnsafeMutableElements { g in
      θ.withUnsafeElements { θ in
        for block in blocks {
          Scalar.clip(
            g.baseAddress! + block.offset, relativeTo: θ.baseAddress! + block.offset, bound: share, floor: epsilon,
            OutputUnits(of: block))
        }
      }
    }
  }
}
