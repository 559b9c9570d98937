/// The moments of each layer with the one that follows it, E[āᵢ āᵢ₊₁ᵀ] and E[Dsᵢ Dsᵢ₊₁ᵀ]: the Fisher information between the
/// weights of the two is about their Kronecker product (Martens & Grosse 2015, section 3.1).
///
/// Layers follow each other in the order of the layout. Each must be used at one place: convolutions have no such factors.
@usableFromInline
struct NeighborFactors<Scalar: LaneScalar>: Sendable {
  @usableFromInline let layers: [FactoredLayer]
  /// E[āᵢ āᵢ₊₁ᵀ] and E[Dsᵢ Dsᵢ₊₁ᵀ] of each layer but the last, row-major.
  @usableFromInline var inputs, outputs: [LaneArray<Scalar>]

  /// Zeros.
  @usableFromInline
  init(of layout: ParameterLayout) {
    layers = layout.factoredLayers
    let pairs = zip(layers, layers.dropFirst())
    inputs = pairs.map { LaneArray(zeros: [$0.inputOrder, $1.inputOrder]) }
    outputs = pairs.map { LaneArray(zeros: [$0.outputCount, $1.outputCount]) }
  }

  /// F ← ε F + (1 − ε) F̂, where F̂ is what a batch has shown; factors whose moments are not finite are left as they are.
  @inlinable
  mutating func move(to batch: NeighborRows<Scalar>, keeping ε: Double, on objective: StepObjective<Scalar>) throws {
    for i in inputs.indices where batch.exampleCounts[i] > 0 && batch.exampleCounts[i + 1] == batch.exampleCounts[i] {
      let (count, size) = (batch.exampleCounts[i], Double(batch.batchCount))
      try Self.blend(
        &inputs[i], batch.inputs[i], batch.inputs[i + 1], rows: count, keeping: ε, weight: (1 - ε) / Double(count),
        on: objective)
      try Self.blend(
        &outputs[i], batch.outputs[i], batch.outputs[i + 1], rows: count, keeping: ε,
        weight: (1 - ε) * size * size / Double(count), on: objective)
    }
  }

  /// F ← ε F + w Xᵀ Y
  @inlinable
  static func blend(
    _ factor: inout LaneArray<Scalar>, _ x: [Scalar], _ y: [Scalar], rows: Int, keeping ε: Double, weight w: Double,
    on objective: StepObjective<Scalar>
  ) throws {
    let (n, m) = (factor.shape[0], factor.shape[1])
    var product = LaneArray<Scalar>(zeros: [n, m])
    try x.withUnsafeBufferPointer { x in
      try y.withUnsafeBufferPointer { y in
        try objective.multiply(
          MatrixView(x.baseAddress!, rows: rows, columns: n).transposed,
          MatrixView(y.baseAddress!, rows: rows, columns: m), into: product.mutableElements())
      }
    }
    let w = Scalar(w)
    guard (0..<n * m).allSatisfy({ (w * product[$0]).isFinite }) else { return }
    KroneckerFactors.blend(factor.mutableElements(), product.elements, count: n * m, Scalar(ε), w)
  }
}

/// A batch's inputs and output gradients of all layers, which moments of neighbors are made of.
@usableFromInline
struct NeighborRows<Scalar: LaneScalar>: Sendable {
  /// ā and dy of each layer, row by row.
  @usableFromInline var inputs, outputs: [[Scalar]]
  /// Examples that were added for each layer.
  @usableFromInline var exampleCounts: [Int]
  /// Examples of the whole batch.
  @usableFromInline var batchCount = 0
  @usableFromInline let hasBias: [Bool]

  @usableFromInline
  init(of layers: [FactoredLayer]) {
    inputs = layers.map { _ in [] }
    outputs = inputs
    exampleCounts = layers.map { _ in 0 }
    hasBias = layers.map { $0.bias != nil }
  }

  /// Forgets the last batch.
  @inlinable
  mutating func begin() {
    for i in exampleCounts.indices {
      exampleCounts[i] = 0
      inputs[i].removeAll(keepingCapacity: true)
      outputs[i].removeAll(keepingCapacity: true)
    }
  }

  /// Adds a part of a batch, but no more than the share τ of its examples, the first ones.
  ///
  /// - Throws: ``CurvatureError/usedAtManyPlaces(layer:count:)``.
  @inlinable
  mutating func add(_ part: LayerStatistics<Scalar>, share τ: Double) throws {
    let i = part.layer
    guard part.placeCount == 1 else {
      throw CurvatureError.usedAtManyPlaces(layer: i + 1, count: part.placeCount)
    }
    batchCount = part.batchCount
    let limit = max(1, Int((τ * Double(part.batchCount)).rounded()))
    let rows = min(part.exampleCount, limit - exampleCounts[i])
    guard rows > 0 else { return }
    for row in 0..<rows {
      let (n, m) = (part.inputs.columns, part.outputGradients.columns)
      inputs[i].append(contentsOf: UnsafeBufferPointer(start: part.inputs.elements + row * n, count: n))
      if hasBias[i] { inputs[i].append(1) }
      outputs[i].append(contentsOf: UnsafeBufferPointer(start: part.outputGradients.elements + row * m, count: m))
    }
    exampleCounts[i] += rows
  }
}
