/// The second moments of each layer's inputs and output gradients, A = E[ā āᵀ] and G = E[Ds Dsᵀ]: the Fisher information
/// of the layer's weights is about A ⊗ G (Martens & Grosse 2015; for convolutions Grosse & Martens 2016).
///
/// ā is the layer's input with a 1 for the bias. Of a convolution, A sums over the places at which its window lies, and G
/// is a mean over them.
@usableFromInline
struct KroneckerFactors<Scalar: LaneScalar>: Sendable {
  @usableFromInline let layers: [FactoredLayer]
  /// A of each layer, symmetric, row-major; the bias' row and column come last.
  @usableFromInline var inputs: [LaneArray<Scalar>]
  /// G of each layer.
  @usableFromInline var outputs: [LaneArray<Scalar>]

  /// Zeros.
  @usableFromInline
  init(of layout: ParameterLayout) {
    layers = layout.factoredLayers
    inputs = layers.map { LaneArray(zeros: [$0.inputOrder, $0.inputOrder]) }
    outputs = layers.map { LaneArray(zeros: [$0.outputCount, $0.outputCount]) }
  }

  /// About the bytes of `copies` of the factors, and of `vectors` vectors like θ.
  @usableFromInline
  static func byteCount(of layout: ParameterLayout, copies: Double, vectors: Double) -> Double {
    let factors = layout.factoredLayers.reduce(0.0) {
      $0 + Double($1.inputOrder) * Double($1.inputOrder) + Double($1.outputCount) * Double($1.outputCount)
    }
    return Double(MemoryLayout<Scalar>.size) * (copies * factors + vectors * Double(layout.paddedCount))
  }

  /// F ← ε F + (1 − ε) F̂, where F̂ is what a batch has shown; a layer whose sums are not finite is left as it is.
  @inlinable
  mutating func move(to batch: LayerMoments<Scalar>, keeping ε: Double) {
    for i in layers.indices where batch.exampleCounts[i] > 0 {
      let (count, places) = (Double(batch.exampleCounts[i]), Double(batch.placeCounts[i]))
      // dy = Ds ÷ batch, so E[Ds Dsᵀ] = batch² Σ dy dyᵀ ÷ (count · places).
      let size = Double(batch.batchCount)
      let inputShare = Scalar((1 - ε) / count)
      let outputShare = Scalar((1 - ε) * size * size / (count * places))
      guard batch.isFinite(i, inputShare, outputShare) else { continue }
      let keep = Scalar(ε)
      Self.blendInputs(
        &inputs[i], of: layers[i], batch.inputs[i].elements, means: batch.inputSums[i].elements,
        corner: Scalar((1 - ε) * places), keep, inputShare)
      let m = layers[i].outputCount
      Self.blend(outputs[i].mutableElements(), batch.outputs[i].elements, count: m * m, keep, outputShare)
    }
  }

  /// A ← keep A + share Σ ā āᵀ, from Σ a aᵀ, Σ a and the share of the number of rows.
  @inlinable
  static func blendInputs(
    _ matrix: inout LaneArray<Scalar>, of layer: FactoredLayer, _ sums: UnsafePointer<Scalar>,
    means: UnsafePointer<Scalar>, corner: Scalar, _ keep: Scalar, _ share: Scalar
  ) {
    let (n, order) = (layer.inputCount, layer.inputOrder)
    let a = matrix.mutableElements()
    for row in 0..<n {
      blend(a + row * order, sums + row * n, count: n, keep, share)
      if order > n { a[row * order + n] = keep * a[row * order + n] + share * means[row] }
    }
    if order > n {
      blend(a + n * order, means, count: n, keep, share)
      a[n * order + n] = keep * a[n * order + n] + corner
    }
  }

  /// x ← keep x + share y
  @inlinable
  static func blend(
    _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafePointer<Scalar>, count: Int, _ keep: Scalar, _ share: Scalar
  ) {
    for i in stride(from: 0, to: count, by: Scalar.laneWidth) {
      let n = count - i
      Scalar.store(keep * Scalar.load(x + i, count: n) + share * Scalar.load(y + i, count: n), to: x + i, count: n)
    }
  }
}

extension FactoredLayer {
  /// Rows of A: the inputs, and the 1 of the bias.
  @usableFromInline var inputOrder: Int { inputCount + (bias == nil ? 0 : 1) }
}

/// Sums over a batch from which ``KroneckerFactors`` are made. Memory that is used again in every step.
@usableFromInline
struct LayerMoments<Scalar: LaneScalar>: Sendable {
  /// Σ a aᵀ, Σ a and Σ dy dyᵀ of each layer.
  @usableFromInline var inputs, inputSums, outputs: [LaneArray<Scalar>]
  /// Examples that were added for each layer, and the places of each example.
  @usableFromInline var exampleCounts, placeCounts: [Int]
  /// Examples of the whole batch.
  @usableFromInline var batchCount = 0
  private let ones: LaneArray<Scalar>

  @usableFromInline
  init(of layers: [FactoredLayer]) {
    inputs = layers.map { LaneArray(zeros: [$0.inputCount, $0.inputCount]) }
    inputSums = layers.map { LaneArray(zeros: [$0.inputCount]) }
    outputs = layers.map { LaneArray(zeros: [$0.outputCount, $0.outputCount]) }
    exampleCounts = layers.map { _ in 0 }
    placeCounts = layers.map { _ in 1 }
    ones = LaneArray(Array(repeating: 1, count: Self.rowsAtOnce), shape: [Self.rowsAtOnce])
  }

  private static var rowsAtOnce: Int { 4096 }

  /// The objective's value and gradient at θ; the sums become those of this batch.
  @usableFromInline
  mutating func value(
    at θ: ParameterVector<Scalar>, of objective: inout StepObjective<Scalar>,
    gradient: inout ParameterVector<Scalar>, labels: CurvatureLabels, share τ: Double
  ) throws -> Double {
    begin()
    return try objective.value(at: θ, gradient: &gradient, labels: labels) { try add($0, share: τ) }
  }

  /// Forgets the last batch.
  @usableFromInline
  mutating func begin() {
    for i in exampleCounts.indices { exampleCounts[i] = 0 }
  }

  /// Adds a part of a batch, but no more than the share τ of its examples, the first ones.
  @usableFromInline
  mutating func add(_ part: LayerStatistics<Scalar>, share τ: Double) throws {
    let i = part.layer
    batchCount = part.batchCount
    let limit = max(1, Int((τ * Double(part.batchCount)).rounded()))
    let taken = min(part.exampleCount, limit - exampleCounts[i])
    guard taken > 0 else { return }
    let adds = exampleCounts[i] > 0
    let rows = taken * part.placeCount
    let x = MatrixView(part.inputs.elements, rows: rows, columns: part.inputs.columns)
    let dy = MatrixView(part.outputGradients.elements, rows: rows, columns: part.outputGradients.columns)
    try part.multiply(x.transposed, x, inputs[i].mutableElements(), adds)
    try part.multiply(dy.transposed, dy, outputs[i].mutableElements(), adds)
    for first in stride(from: 0, to: rows, by: Self.rowsAtOnce) {
      let count = min(Self.rowsAtOnce, rows - first)
      let slice = MatrixView(x.elements + first * x.columns, rows: count, columns: x.columns)
      try part.multiply(
        MatrixView(ones.elements, rows: 1, columns: count), slice, inputSums[i].mutableElements(), adds || first > 0)
    }
    exampleCounts[i] += taken
    placeCounts[i] = part.placeCount
  }

  /// Whether the sums of layer i, weighed, are finite: the diagonals bound all other elements.
  @usableFromInline
  func isFinite(_ i: Int, _ inputShare: Scalar, _ outputShare: Scalar) -> Bool {
    func hasFiniteDiagonal(_ matrix: LaneArray<Scalar>, _ share: Scalar) -> Bool {
      let n = matrix.shape[0]
      return (0..<n).allSatisfy { (share * matrix[$0 * n + $0]).isFinite }
    }
    return outputShare.isFinite && hasFiniteDiagonal(inputs[i], inputShare)
      && hasFiniteDiagonal(outputs[i], outputShare)
  }
}
