/// Subtracts the mean from the gradient of each output's weights (Yong et al. 2020, equation 1).
///
///     g ← g − mean(g)     over all dimensions but the output's
///
/// Each output's weights then keep their sum. The layout decides which extents are outputs (``ParameterAxes``).
/// Parameters without inputs, such as biases and scalars, or with fewer than ``minimumRank`` dimensions are left
/// alone.
///
/// Peers: the authors' torch code and optax take the first extent as the outputs, as in torch's weights
/// (`axes: .outputsFirst` of a layout); the authors' `gc_conv_only` is `minimumRank: 4`.
public struct GradientCentralization<Scalar: LaneScalar>: GradientTransform {
  /// Fewest dimensions of a parameter that is centralized, at least 2.
  public var minimumRank: Int

  public init(minimumRank: Int = 2) {
    self.minimumRank = max(2, minimumRank)
  }

  public var name: String { "gradientCentralization" }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) {
    let blocks = gradient.layout.blocks
    gradient.withUnsafeMutableElements { elements in
      for block in blocks where block.shape.count >= minimumRank && block.fans.isMatrix {
        Scalar.centralize(elements.baseAddress! + block.offset, OutputUnits(of: block))
      }
    }
  }
}
