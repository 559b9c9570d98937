/// The eigenbases of ``KroneckerFactors``, and the second moments of each example's gradient in them: the diagonal that is
/// nearest to the Fisher information in that basis (George et al. 2018).
///
///     S = E[(U_Aᵀ ∇W U_G)²], element by element
@usableFromInline
struct EigenbasisScales<Scalar: LaneScalar>: Sendable {
  @usableFromInline let layers: [FactoredLayer]
  /// U_A and U_G of each layer, a column for each eigenvector.
  @usableFromInline var inputs, outputs: [LaneArray<Scalar>]
  /// S of each layer, a row for each eigenvector of A.
  @usableFromInline var scales: [LaneArray<Scalar>]

  /// The bases are the identity, the moments zero.
  @usableFromInline
  init(of layout: ParameterLayout) {
    layers = layout.factoredLayers
    func identity(_ n: Int) -> LaneArray<Scalar> {
      var matrix = LaneArray<Scalar>(zeros: [n, n])
      let elements = matrix.mutableElements()
      for i in 0..<n { elements[i * n + i] = 1 }
      return matrix
    }
    inputs = layers.map { identity($0.inputOrder) }
    outputs = layers.map { identity($0.outputCount) }
    scales = layers.map { LaneArray(zeros: [$0.inputOrder, $0.outputCount]) }
  }

  /// Takes the eigenvectors of the factors, and their eigenvalues' products as the first guess of S: what K-FAC has. A
  /// layer whose factors are not finite keeps what it has.
  @inlinable
  mutating func renew(_ factors: KroneckerFactors<Scalar>, threads: Int) {
    for i in layers.indices {
      guard let (a, basisA) = Self.eigen(factors.inputs[i], threads: threads),
        let (g, basisG) = Self.eigen(factors.outputs[i], threads: threads)
      else { continue }
      (inputs[i], outputs[i]) = (basisA, basisG)
      let s = scales[i].mutableElements()
      for row in a.indices { for column in g.indices { s[row * g.count + column] = Scalar.finite(a[row] * g[column]) } }
    }
  }

  /// Eigenvalues, none below zero, and eigenvectors as columns.
  @inlinable
  static func eigen(_ matrix: LaneArray<Scalar>, threads: Int) -> (values: [Double], basis: LaneArray<Scalar>)? {
    let n = matrix.shape[0]
    let elements = matrix.elements
    let wide = [Double](unsafeUninitializedCapacity: n * n) { wide, count in
      for i in 0..<n * n { wide[i] = Double(elements[i]) }
      count = n * n
    }
    let eigen = SymmetricEigen(wide, order: n, threads: threads)
    guard eigen.values.allSatisfy({ $0.isFinite }) else { return nil }
    var basis = LaneArray<Scalar>(zeros: [n, n])
    let columns = basis.mutableElements()
    for i in 0..<n * n { columns[i] = Scalar(eigen.vectors[i]) }
    return (eigen.values.map { max($0, 0) }, basis)
  }

  /// S ← ε S + (1 − ε) Ŝ, where Ŝ is what a batch has shown.
  @inlinable
  mutating func move(to sums: EigenbasisSums<Scalar>, keeping ε: Double) {
    for i in layers.indices where sums.exampleCounts[i] > 0 {
      let size = Double(sums.batchCount)
      let share = Scalar((1 - ε) * size * size / Double(sums.exampleCounts[i]))
      let (s, new) = (scales[i].mutableElements(), sums.squares[i].elements)
      let isFinite = share.isFinite && (0..<scales[i].count).allSatisfy { (share * new[$0]).isFinite }
      if isFinite { KroneckerFactors.blend(s, new, count: scales[i].count, Scalar(ε), share) }
    }
  }

  /// Replaces the layers' parts of `vector` by U_A [(U_Aᵀ V U_G) / (S + λ)] U_Gᵀ.
  @inlinable
  func precondition(
    _ vector: inout ParameterVector<Scalar>, damping λ: Double, on objective: StepObjective<Scalar>
  ) throws {
    // λ must not vanish in `Float`: S may be 0.
    let λ = max(Scalar(λ), Scalar.leastNormalMagnitude)
    for (i, layer) in layers.enumerated() {
      let (n, m) = (layer.inputOrder, layer.outputCount)
      let a = MatrixView(inputs[i].elements, rows: n, columns: n)
      let g = MatrixView(outputs[i].elements, rows: m, columns: m)
      let s = scales[i].elements
      try layer.transformMatrix(of: &vector) { v, memory, result in
        try objective.multiply(a.transposed, MatrixView(v, rows: n, columns: m), into: memory)
        try objective.multiply(MatrixView(memory, rows: n, columns: m), g, into: result)
        for k in 0..<n * m { result[k] /= s[k] + λ }
        try objective.multiply(a, MatrixView(result, rows: n, columns: m), into: memory)
        try objective.multiply(MatrixView(memory, rows: n, columns: m), g.transposed, into: result)
      }
    }
  }
}

/// Sums over a batch from which ``EigenbasisScales`` are made. Memory that is used again in every step.
@usableFromInline
struct EigenbasisSums<Scalar: LaneScalar>: Sendable {
  /// Σ (U_Aᵀ ∇W U_G)² of each layer, where ∇W is an example's part of the batch's gradient.
  @usableFromInline var squares: [LaneArray<Scalar>]
  /// Examples that were added for each layer.
  @usableFromInline var exampleCounts: [Int]
  /// Examples of the whole batch.
  @usableFromInline var batchCount = 0

  @usableFromInline
  init(of layers: [FactoredLayer]) {
    squares = layers.map { LaneArray(zeros: [$0.inputOrder, $0.outputCount]) }
    exampleCounts = layers.map { _ in 0 }
  }

  /// Forgets the last batch.
  @inlinable
  mutating func begin() {
    for i in exampleCounts.indices {
      exampleCounts[i] = 0
      squares[i].mutableElements().update(repeating: 0, count: squares[i].count)
    }
  }

  /// Adds a part of a batch, in the bases of `scales`.
  @inlinable
  mutating func add(_ part: LayerStatistics<Scalar>, in scales: EigenbasisScales<Scalar>) throws {
    let (i, rows) = (part.layer, part.inputs.rows)
    let layer = scales.layers[i]
    let (order, m) = (layer.inputOrder, layer.outputCount)
    batchCount = part.batchCount
    exampleCounts[i] += part.exampleCount
    let sums = squares[i].mutableElements()
    try withTemporaryMemory(of: Scalar.self, count: rows * (order + m) + order * m) { memory in
      let x = memory.baseAddress!
      let (d, product) = (x + rows * order, x + rows * (order + m))
      let basis = scales.inputs[i].elements
      try part.multiply(
        part.inputs, MatrixView(basis, rows: layer.inputCount, columns: order), x, false)
      if order > layer.inputCount {
        let last = basis + layer.inputCount * order
        for row in 0..<rows { for k in 0..<order { x[row * order + k] += last[k] } }
      }
      try part.multiply(
        part.outputGradients, MatrixView(scales.outputs[i].elements, rows: m, columns: m), d, false)
      if part.placeCount == 1 {
        // An example's gradient is one outer product: its square is that of the squares.
        for k in 0..<rows * (order + m) { x[k] *= x[k] }
        try part.multiply(
          MatrixView(x, rows: rows, columns: order).transposed, MatrixView(d, rows: rows, columns: m), sums, true)
        return
      }
      for example in 0..<part.exampleCount {
        let first = example * part.placeCount
        try part.multiply(
          MatrixView(x + first * order, rows: part.placeCount, columns: order).transposed,
          MatrixView(d + first * m, rows: part.placeCount, columns: m), product, false)
        for k in 0..<order * m { sums[k] += product[k] * product[k] }
      }
    }
  }
}
