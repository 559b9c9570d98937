/// How a damping λ of A ⊗ G is shared between the factors, (A + π √λ I) ⊗ (G + √λ ÷ π I).
public enum DampingSplit: String, CaseIterable, Codable, Sendable {
  /// π² is the mean eigenvalue of A over that of G (Martens & Grosse 2015, section 6.3).
  case trace
  /// π = 1.
  case equal
}

/// The inverses of damped ``KroneckerFactors``, and the gradients that are multiplied by them.
@usableFromInline
struct KroneckerInverses<Scalar: LaneScalar>: Sendable {
  @usableFromInline let layers: [FactoredLayer]
  /// (A + π √λ I)⁻¹ and (G + √λ ÷ π I)⁻¹ of each layer.
  @usableFromInline var inputs, outputs: [LaneArray<Scalar>]

  /// Zeros.
  @usableFromInline
  init(of layout: ParameterLayout) {
    let zeros = KroneckerFactors<Scalar>(of: layout)
    (layers, inputs, outputs) = (zeros.layers, zeros.inputs, zeros.outputs)
  }

  /// Computes the inverses anew. A layer whose damped factors have none to rounding keeps its old ones.
  @inlinable
  mutating func invert(_ factors: KroneckerFactors<Scalar>, damping λ: Double, split: DampingSplit, threads: Int) {
    for i in layers.indices {
      let (a, g) = (factors.inputs[i], factors.outputs[i])
      let π = split == .equal ? 1 : Self.ratio(a, g)
      let root = λ.squareRoot()
      guard let inverseA = Self.inverse(a, adding: π * root, threads: threads),
        let inverseG = Self.inverse(g, adding: root / π, threads: threads)
      else { continue }
      (inputs[i], outputs[i]) = (inverseA, inverseG)
    }
  }

  /// π.
  @inlinable
  static func ratio(_ a: LaneArray<Scalar>, _ g: LaneArray<Scalar>) -> Double {
    func meanEigenvalue(_ matrix: LaneArray<Scalar>) -> Double {
      let n = matrix.shape[0]
      return (0..<n).reduce(0.0) { $0 + Double(matrix[$1 * n + $1]) } / Double(n)
    }
    let ratio = (meanEigenvalue(a) / meanEigenvalue(g)).squareRoot()
    return ratio > 0 && ratio.isFinite ? ratio : 1
  }

  /// (M + δ I)⁻¹, computed in Double; nil if it has none to rounding.
  @inlinable
  static func inverse(_ matrix: LaneArray<Scalar>, adding δ: Double, threads: Int) -> LaneArray<Scalar>? {
    let n = matrix.shape[0]
    var wide = [Double](unsafeUninitializedCapacity: n * n) { wide, count in
      let elements = matrix.elements
      for i in 0..<n * n { wide[i] = Double(elements[i]) }
      count = n * n
    }
    for i in 0..<n { wide[i * n + i] += δ }
    guard let inverse = Cholesky.inverse(of: wide, order: n, threads: threads) else { return nil }
    var result = LaneArray<Scalar>(zeros: [n, n])
    let elements = result.mutableElements()
    for i in 0..<n * n { elements[i] = Scalar.finite(inverse[i]) }
    return result
  }

  /// Replaces the layers' parts of `vector` by A⁻¹ V G⁻¹: their natural gradient, if it is a gradient. V has a row for
  /// each input, and the bias as the last.
  @inlinable
  func precondition(_ vector: inout ParameterVector<Scalar>, on objective: StepObjective<Scalar>) throws {
    let blocks = vector.layout.blocks
    for (i, layer) in layers.enumerated() {
      let (rows, columns) = (layer.inputOrder, layer.outputCount)
      try withTemporaryMemory(of: Scalar.self, count: 2 * rows * columns) { memory in
        let (v, product) = (memory.baseAddress!, memory.baseAddress! + rows * columns)
        try vector.withUnsafeMutableElements { elements in
          let weight = elements.baseAddress! + blocks[layer.weight].offset
          v.update(from: weight, count: layer.inputCount * columns)
          let bias = layer.bias.map { elements.baseAddress! + blocks[$0].offset }
          if let bias { (v + layer.inputCount * columns).update(from: bias, count: columns) }
          try objective.multiply(
            MatrixView(inputs[i].elements, rows: rows, columns: rows), MatrixView(v, rows: rows, columns: columns),
            into: product)
          try objective.multiply(
            MatrixView(product, rows: rows, columns: columns),
            MatrixView(outputs[i].elements, rows: columns, columns: columns), into: v)
          weight.update(from: v, count: layer.inputCount * columns)
          if let bias { bias.update(from: v + layer.inputCount * columns, count: columns) }
        }
      }
    }
  }
}
