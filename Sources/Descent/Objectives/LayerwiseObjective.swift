/// An objective that hands over what its backward pass knows of layers: what K-FAC and its relatives are made of.
///
/// The layers are those of the parameters' layout (``ParameterLayout/factoredLayers``).
public protocol LayerwiseObjective<Scalar>: Objective {
  /// The value at a point and its gradient, and the statistics of each layer.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - gradient: As in ``Objective/value(at:gradient:)``.
  ///   - labels: Those of the statistics. Drawn ones cost a further backward pass without gradients of weights.
  ///   - body: Called once or more for each layer, in any order: a large layer's examples come in parts, which depend
  ///     on sizes alone. The memory is valid during the call.
  /// - Returns: The objective's value at θ.
  func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Scalar>) throws -> Void
  ) throws -> Double

  /// C ← A B or, if `adds`, C ← C + A B, as fast as the objective can. C is row-major without gaps, and so are A and B or
  /// their transposes; where A is Bᵀ, C is symmetric. Descent's own product unless the objective says otherwise.
  func multiply(
    _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, into c: UnsafeMutablePointer<Scalar>, adds: Bool) throws
}

extension LayerwiseObjective {
  public func multiply(
    _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, into c: UnsafeMutablePointer<Scalar>, adds: Bool
  ) {
    Scalar.multiply(a, b, into: c, rowStride: b.columns, part: .whole, adds: adds, threads: processorCount)
  }
}

/// A layer s = Wᵀ a + b of an objective: the gradient of its parameters is a sum of outer products of the layer's inputs a
/// and its output gradients Ds.
public struct FactoredLayer: Hashable, Sendable {
  /// Position of the weights in the layout's blocks; they are stored [..., inputs, outputs].
  public let weight: Int
  /// Position of the bias, [outputs]; nil for a layer without.
  public let bias: Int?
  /// Numbers of an input, without the 1 of the bias; of a convolution: height · width · channels of its window.
  public let inputCount: Int
  /// Numbers of an output; of a convolution: its filters.
  public let outputCount: Int

  public init(weight: Int, bias: Int?, inputCount: Int, outputCount: Int) {
    (self.weight, self.bias, self.inputCount, self.outputCount) = (weight, bias, inputCount, outputCount)
  }
}

extension ParameterLayout {
  /// The dense layers and convolutions among the blocks: a weight called `name.weight`, whose last extent are the outputs,
  /// and the bias called `name.bias`, if there is one.
  public var factoredLayers: [FactoredLayer] {
    blocks.indices.compactMap { i in
      let block = blocks[i]
      guard block.fans.isMatrix, block.name.hasSuffix(".weight"), block.axes.last == .output else { return nil }
      let bias = blocks.firstIndex {
        $0.name == block.name.dropLast(6) + "bias" && $0.count == block.fans.outputs
      }
      return FactoredLayer(
        weight: i, bias: bias, inputCount: block.count / block.fans.outputs, outputCount: block.fans.outputs)
    }
  }
}

/// What a backward pass knows of one layer, or of a part of the batch's examples in it: a row for each example and place.
public struct LayerStatistics<Scalar: LaneScalar> {
  /// C ← A B or C ← C + A B, as ``LayerwiseObjective/multiply(_:_:into:adds:)``.
  public typealias Multiply = (
    _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, _ c: UnsafeMutablePointer<Scalar>, _ adds: Bool
  ) throws -> Void

  /// Position of the layer among the layout's ``ParameterLayout/factoredLayers``.
  public let layer: Int
  /// Examples of the whole batch.
  public let batchCount: Int
  /// Examples of this part.
  public let exampleCount: Int
  /// The layer's inputs without the 1 of the bias, [rows, inputs]. Rows: this part's examples, times the places at which
  /// the layer's weights are used (the positions of a convolution; the rows of an example come together).
  public let inputs: MatrixView<Scalar>
  /// The gradients of the batch's loss by the layer's outputs before the nonlinearity, [rows, outputs]. The loss is a
  /// mean over the batch: ``batchCount`` times a row is the gradient of its example's own loss.
  public let outputGradients: MatrixView<Scalar>
  /// Multiplies matrices as fast as the objective can.
  public let multiply: Multiply

  public init(
    layer: Int, batchCount: Int, exampleCount: Int, inputs: MatrixView<Scalar>, outputGradients: MatrixView<Scalar>,
    multiply: @escaping Multiply
  ) {
    (self.layer, self.batchCount, self.exampleCount) = (layer, batchCount, exampleCount)
    (self.inputs, self.outputGradients, self.multiply) = (inputs, outputGradients, multiply)
  }

  /// At how many places the layer's weights are used for one example.
  public var placeCount: Int { inputs.rows / exampleCount }
}
