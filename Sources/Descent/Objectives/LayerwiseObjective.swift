/// Which labels the loss has where curvature is estimated from gradients.
public enum CurvatureLabels: String, CaseIterable, Codable, Sendable {
  /// Drawn from the model's predictions: the gradients' second moment is the Fisher information.
  case sampled
  /// The batch's own: the "empirical Fisher", which is not the Fisher information.
  case given
}

/// An objective that also gives its gradient with labels drawn from the model's predictions.
public protocol SampledGradientObjective<Scalar>: Objective {
  /// How many examples the objective is the mean of. 1 unless it says otherwise.
  var exampleCount: Int { get }

  /// The value at a point, its gradient, and the gradient of the same batch's mean loss with other labels.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - gradient: As in ``Objective/value(at:gradient:)``.
  ///   - sampledGradient: A vector of θ's layout with any numbers; replaced by the mean gradient at θ with labels drawn
  ///     from the model's predictions there.
  /// - Returns: The objective's value at θ.
  func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>,
    sampledGradient: inout ParameterVector<Scalar>
  ) throws -> Double
}

extension SampledGradientObjective {
  public var exampleCount: Int { 1 }
}

/// A layer s = W ā of an objective: the gradient of its weights is a sum of outer products of the layer's inputs ā and
/// its output gradients Ds.
public struct FactoredLayer: Hashable, Sendable {
  /// Position of the weights in the layout's blocks; they are stored [..., inputs, outputs].
  public let weight: Int
  /// Position of the bias, [outputs]; nil for a layer without.
  public let bias: Int?
  /// Numbers of an input, without the 1 of the bias; of a convolution: height · width · channels of its window.
  public let inputCount: Int
  /// Numbers of an output; of a convolution: its filters.
  public let outputCount: Int
  /// At how many places the layer's weights are used for one example: 1, or the positions of a convolution.
  public let placeCount: Int

  public init(weight: Int, bias: Int?, inputCount: Int, outputCount: Int, placeCount: Int = 1) {
    (self.weight, self.bias) = (weight, bias)
    (self.inputCount, self.outputCount, self.placeCount) = (inputCount, outputCount, placeCount)
  }
}

/// What a backward pass knows of one layer: a row for each example and place.
public struct LayerStatistics<Scalar: LaneScalar> {
  /// Position of the layer in ``LayerwiseObjective/layers``.
  public let layer: Int
  /// Examples; the layer's ``FactoredLayer/placeCount`` rows of each come together.
  public let exampleCount: Int
  /// Rows: examples times places.
  public let rowCount: Int
  /// The layer's inputs without the 1 of the bias, [rows, inputs].
  public let inputs: UnsafePointer<Scalar>
  /// The gradients of each example's own loss by the layer's outputs before the nonlinearity, [rows, outputs].
  public let outputGradients: UnsafePointer<Scalar>
  /// Multiplies matrices as fast as the objective can: C ← op(A) op(B), row-major.
  public let multiply: Multiply

  /// C ← op(A) op(B) with op(A) m×k and op(B) k×n, all row-major; a transposed factor's memory holds its transpose.
  public typealias Multiply = (
    _ a: UnsafePointer<Scalar>, _ transposesA: Bool, _ b: UnsafePointer<Scalar>, _ transposesB: Bool,
    _ c: UnsafeMutablePointer<Scalar>, _ m: Int, _ n: Int, _ k: Int
  ) throws -> Void

  public init(
    layer: Int, exampleCount: Int, rowCount: Int, inputs: UnsafePointer<Scalar>,
    outputGradients: UnsafePointer<Scalar>, multiply: @escaping Multiply
  ) {
    (self.layer, self.exampleCount, self.rowCount) = (layer, exampleCount, rowCount)
    (self.inputs, self.outputGradients, self.multiply) = (inputs, outputGradients, multiply)
  }
}

/// An objective that hands over what its backward pass knows of layers: what K-FAC and its relatives are made of.
public protocol LayerwiseObjective<Scalar>: Objective {
  /// The layers. Parameters outside of them have no such structure.
  var layers: [FactoredLayer] { get }

  /// The value at a point and its gradient, and the statistics of each layer.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - gradient: As in ``Objective/value(at:gradient:)``.
  ///   - labels: Those of the statistics. Drawn ones cost a further backward pass without gradients of weights.
  ///   - body: Called once for each layer, in any order. The memory is valid during the call.
  /// - Returns: The objective's value at θ.
  func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Scalar>) throws -> Void
  ) throws -> Double
}
