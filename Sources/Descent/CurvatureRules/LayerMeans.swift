/// A batch's means of each layer's inputs and output gradients, and the second moment of its inputs: what quasi-Newton
/// methods of layers compare between two points.
///
/// Of a convolution they are means over the places of its window, too.
@usableFromInline
struct LayerMeans<Scalar: LaneScalar>: Sendable {
  @usableFromInline let layers: [FactoredLayer]
  /// Σ a aᵀ of each layer; empty if only means are wanted.
  @usableFromInline var moments: [LaneArray<Scalar>]
  /// Σ a and Σ dy of each layer.
  @usableFromInline var inputs, gradients: [LaneArray<Double>]
  /// Examples that were added for each layer, and rows.
  @usableFromInline var exampleCounts, rowCounts: [Int]
  /// Examples of the whole batch.
  @usableFromInline var batchCount = 0

  @usableFromInline
  init(of layers: [FactoredLayer], moments: Bool) {
    self.layers = layers
    self.moments = moments ? layers.map { LaneArray(zeros: [$0.inputCount, $0.inputCount]) } : []
    inputs = layers.map { LaneArray(zeros: [$0.inputCount]) }
    gradients = layers.map { LaneArray(zeros: [$0.outputCount]) }
    (exampleCounts, rowCounts) = (layers.map { _ in 0 }, layers.map { _ in 0 })
  }

  /// The objective's value and gradient at θ; the means become those of its batch there, with the batch's own labels.
  @inlinable
  mutating func value(
    at θ: ParameterVector<Scalar>, of objective: inout StepObjective<Scalar>, gradient: inout ParameterVector<Scalar>
  ) throws -> Double {
    for i in layers.indices { (exampleCounts[i], rowCounts[i]) = (0, 0) }
    return try objective.value(at: θ, gradient: &gradient, labels: .given) { try add($0) }
  }

  @inlinable
  mutating func add(_ part: LayerStatistics<Scalar>) throws {
    let i = part.layer
    let isFirst = rowCounts[i] == 0
    batchCount = part.batchCount
    if !moments.isEmpty {
      try part.multiply(part.inputs.transposed, part.inputs, moments[i].mutableElements(), !isFirst)
    }
    Self.addRows(of: part.inputs, to: inputs[i].mutableElements(), isFirst: isFirst)
    Self.addRows(of: part.outputGradients, to: gradients[i].mutableElements(), isFirst: isFirst)
    exampleCounts[i] += part.exampleCount
    rowCounts[i] += part.inputs.rows
  }

  @inlinable
  static func addRows(of matrix: MatrixView<Scalar>, to sums: UnsafeMutablePointer<Double>, isFirst: Bool) {
    let n = matrix.columns
    if isFirst { sums.update(repeating: 0, count: n) }
    for row in 0..<matrix.rows {
      let x = matrix.elements + row * n
      for j in 0..<n { sums[j] += Double(x[j]) }
    }
  }

  /// The mean of ā, the inputs with a 1 for the bias; nil if the batch has shown nothing of the layer.
  @usableFromInline
  func input(_ i: Int) -> [Double]? {
    guard rowCounts[i] > 0 else { return nil }
    let mean = inputs[i].values.map { $0 / Double(rowCounts[i]) }
    return layers[i].bias == nil ? mean : mean + [1]
  }

  /// The mean of the examples' gradients by the layer's outputs, Ds; nil if the batch has shown nothing of the layer.
  @usableFromInline
  func gradient(_ i: Int) -> [Double]? {
    guard rowCounts[i] > 0 else { return nil }
    return gradients[i].values.map { $0 * (Double(batchCount) / Double(rowCounts[i])) }
  }

  /// The mean of the layer's outputs before the nonlinearity, Wᵀ E[a] + b, if these are the means at θ; nil if the batch has
  /// shown nothing of the layer.
  @inlinable
  func output(_ i: Int, at θ: ParameterVector<Scalar>) -> [Double]? {
    guard let input = input(i) else { return nil }
    let (layer, m) = (layers[i], layers[i].outputCount)
    var mean = [Double](repeating: 0, count: m)
    θ.withUnsafeElements { elements in
      mean.withUnsafeMutableBufferPointer { mean in
        for (row, x) in input.enumerated() {
          let isBias = row == layer.inputCount
          let block = isBias ? layer.bias ?? layer.weight : layer.weight
          let first = θ.layout.blocks[block].offset + (isBias ? 0 : row * m)
          for j in 0..<m { mean[j] += x * Double(elements[first + j]) }
        }
      }
    }
    return mean
  }

  /// A ← ε A + (1 − ε) Â, where Â is the batch's mean over its examples of ā āᵀ, summed over places. A is left as it is
  /// where that is not finite.
  @inlinable
  func blend(into matrix: inout LaneArray<Scalar>, of i: Int, keeping ε: Double) {
    guard exampleCounts[i] > 0 else { return }
    let n = layers[i].inputCount
    let share = Scalar((1 - ε) / Double(exampleCounts[i]))
    let sums = inputs[i].values.map { Scalar.finite($0) }
    // The diagonal bounds all other elements.
    guard (0..<n).allSatisfy({ (share * moments[i][$0 * n + $0]).isFinite }) else { return }
    sums.withUnsafeBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      KroneckerFactors<Scalar>.blendInputs(
        &matrix, of: layers[i], moments[i].elements, means: sums,
        corner: Scalar((1 - ε) * Double(rowCounts[i]) / Double(exampleCounts[i])), Scalar(ε), share)
    }
  }
}
