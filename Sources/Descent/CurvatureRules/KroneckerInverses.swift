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

  /// Computes the inverses anew; where damping is too small to rounding, it is raised (``DampedInverse``).
  @inlinable
  mutating func invert(_ factors: KroneckerFactors<Scalar>, damping λ: Double, split: DampingSplit, threads: Int) {
    for i in layers.indices {
      let (a, g) = (factors.inputs[i], factors.outputs[i])
      let π = split == .equal ? 1 : Self.ratio(a, g)
      let root = λ.squareRoot()
      inputs[i] = Self.inverse(a, adding: π * root, threads: threads)
      outputs[i] = Self.inverse(g, adding: root / π, threads: threads)
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

  /// (M + δ I)⁻¹, computed in Double.
  @inlinable
  static func inverse(_ matrix: LaneArray<Scalar>, adding δ: Double, threads: Int) -> LaneArray<Scalar> {
    let n = matrix.shape[0]
    var result = LaneArray<Scalar>(zeros: [n, n])
    let (source, target) = (matrix.elements, result.mutableElements())
    withTemporaryMemory(of: Double.self, count: 2 * n * n) { memory in
      let (wide, inverse) = (memory.baseAddress!, memory.baseAddress! + n * n)
      for i in 0..<n * n { wide[i] = Double(source[i]) }
      let limit = Double(Scalar.greatestFiniteMagnitude) / Double(n)
      DampedInverse.compute(wide, order: n, damping: δ, limit: limit, into: inverse, threads: threads)
      for i in 0..<n * n { target[i] = Scalar(inverse[i]) }
    }
    return result
  }

  /// Replaces the layers' parts of `vector` by A⁻¹ V G⁻¹: their natural gradient, if it is a gradient. V has a row for
  /// each input, and the bias as the last.
  @inlinable
  func precondition(_ vector: inout ParameterVector<Scalar>, on objective: StepObjective<Scalar>) throws {
    for (i, layer) in layers.enumerated() {
      let (n, m) = (layer.inputOrder, layer.outputCount)
      try layer.transformMatrix(of: &vector) { v, memory, result in
        try objective.multiply(
          MatrixView(inputs[i].elements, rows: n, columns: n), MatrixView(v, rows: n, columns: m), into: memory)
        try objective.multiply(
          MatrixView(memory, rows: n, columns: m), MatrixView(outputs[i].elements, rows: m, columns: m), into: result)
      }
    }
  }
}

extension FactoredLayer {
  /// Replaces the layer's part of `vector`, as one matrix with a row for each input and the bias as the last, by what `body`
  /// writes to `result`. If that overflows, it stays as it is.
  @inlinable
  func transformMatrix<Scalar>(
    of vector: inout ParameterVector<Scalar>,
    _ body: (
      _ matrix: UnsafeMutablePointer<Scalar>, _ memory: UnsafeMutablePointer<Scalar>,
      _ result: UnsafeMutablePointer<Scalar>
    ) throws -> Void
  ) throws {
    let size = inputOrder * outputCount
    try withMatrix(of: &vector) { matrix in
      try withTemporaryMemory(of: Scalar.self, count: 2 * size) { memory in
        guard let memory = memory.baseAddress else { return }
        let result = memory + size
        try body(matrix, memory, result)
        if (0..<size).allSatisfy({ result[$0].isFinite }) { matrix.update(from: result, count: size) }
      }
    }
  }

  /// Calls `body` with the layer's part of `vector` as one matrix, a row for each input and the bias as the last; then writes
  /// the matrix back.
  @inlinable
  func withMatrix<Scalar>(
    of vector: inout ParameterVector<Scalar>, _ body: (_ matrix: UnsafeMutablePointer<Scalar>) throws -> Void
  ) throws {
    let blocks = vector.layout.blocks
    let count = inputCount * outputCount
    try withTemporaryMemory(of: Scalar.self, count: inputOrder * outputCount) { memory in
      let matrix = memory.baseAddress!
      try vector.withUnsafeMutableElements { elements in
        let weights = elements.baseAddress! + blocks[weight].offset
        let biases = bias.map { elements.baseAddress! + blocks[$0].offset }
        matrix.update(from: weights, count: count)
        if let biases { (matrix + count).update(from: biases, count: outputCount) }
        try body(matrix)
        weights.update(from: matrix, count: count)
        if let biases { biases.update(from: matrix + count, count: outputCount) }
      }
    }
  }
}
