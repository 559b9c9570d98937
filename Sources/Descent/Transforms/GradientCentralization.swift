/// Subtracts from the gradient of each output's weights their mean (Yong et al. 2020, equation 1).
///
///     g ← g − mean(g)     over all dimensions but the output's
///
/// Each output's weights then keep their sum. Parameters of fewer than ``minimumRank`` dimensions, biases and scalars,
/// stay as they are.
///
/// Peers: the authors' torch code has `outputs: .first`, the layout of torch's weights; its `gc_conv_only` is
/// `minimumRank: 4`.
public struct GradientCentralization<Scalar: LaneScalar>: GradientTransform {
  /// Which dimension of a weight counts the outputs.
  public var outputs: OutputDimension
  /// Fewest dimensions of a parameter that is centralized, at least 2.
  public var minimumRank: Int

  public init(outputs: OutputDimension = .last, minimumRank: Int = 2) {
    self.outputs = outputs
    self.minimumRank = max(2, minimumRank)
  }

  public var name: String { "gradientCentralization" }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) {
    let blocks = gradient.layout.blocks
    gradient.withUnsafeMutableElements { elements in
      for block in blocks where block.shape.count >= minimumRank {
        Scalar.centralize(elements.baseAddress! + block.offset, OutputUnits(of: block.shape, outputs))
      }
    }
  }
}
