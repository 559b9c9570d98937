/// The inverse of the matrix whose inverse is block-tridiagonal and which agrees with the Fisher information's factors on the
/// diagonal and beside it (Martens & Grosse 2015, section 4.3).
///
///     F⁻¹ = Ξᵀ Λ Ξ
///     (Ξ V)ᵢ = Vᵢ − Ψᵢ Vᵢ₊₁ Φᵢᵀ                Ψᵢ = E[āᵢ āᵢ₊₁ᵀ] Āᵢ₊₁⁻¹,  Φᵢ = E[Dsᵢ Dsᵢ₊₁ᵀ] Ḡᵢ₊₁⁻¹
///     Λᵢ = (Āᵢ ⊗ Ḡᵢ − Cᵢ ⊗ Dᵢ)⁻¹              Cᵢ = Ψᵢ Āᵢ₊₁ Ψᵢᵀ,  Dᵢ = Φᵢ Ḡᵢ₊₁ Φᵢᵀ;  0 for the last layer
///
/// Ā and Ḡ are the factors with their share of the damping. Λᵢ V = P [(Pᵀ V Q) / (1 − a bᵀ)] Qᵀ, where P Pᵀ = Āᵢ⁻¹ and
/// Pᵀ Cᵢ P = diag(a), and Q and b are those of Ḡᵢ and Dᵢ (the paper's appendix B, with a Cholesky factor for the root).
@usableFromInline
struct TridiagonalInverses<Scalar: LaneScalar>: Sendable {
  @usableFromInline let layers: [FactoredLayer]
  /// Ψ and Φ of each layer but the last.
  @usableFromInline var inputs, outputs: [LaneArray<Scalar>]
  /// P and Q of each layer.
  @usableFromInline var inputBases, outputBases: [LaneArray<Scalar>]
  /// 1 / (1 − a bᵀ) of each layer but the last, for which it is 1.
  @usableFromInline var weights: [LaneArray<Scalar>]

  /// Zeros.
  @usableFromInline
  init(of layout: ParameterLayout) {
    let (factors, neighbors) = (KroneckerFactors<Scalar>(of: layout), NeighborFactors<Scalar>(of: layout))
    layers = factors.layers
    (inputs, outputs) = (neighbors.inputs, neighbors.outputs)
    (inputBases, outputBases) = (factors.inputs, factors.outputs)
    weights = layers.dropLast().map { LaneArray(zeros: [$0.inputOrder, $0.outputCount]) }
  }

  /// Computes them anew. If a factor is not finite, all stays as it is.
  @inlinable
  mutating func invert(
    _ factors: KroneckerFactors<Scalar>, _ neighbors: NeighborFactors<Scalar>, damping λ: Double, split: DampingSplit,
    threads: Int
  ) {
    let root = λ.squareRoot()
    var new = self
    var next: (a: DampedFactor, g: DampedFactor)?
    for i in layers.indices.reversed() {
      let (inputs, outputs) = (factors.inputs[i], factors.outputs[i])
      let π = split == .equal ? 1 : KroneckerInverses.ratio(inputs, outputs)
      guard let a = DampedFactor(Self.wide(inputs), order: inputs.shape[0], adding: π * root, threads: threads),
        let g = DampedFactor(Self.wide(outputs), order: outputs.shape[0], adding: root / π, threads: threads)
      else { return }
      if let next {
        let forA = a.coupled(with: next.a, Self.wide(neighbors.inputs[i]), threads: threads)
        let forG = g.coupled(with: next.g, Self.wide(neighbors.outputs[i]), threads: threads)
        Self.assign(forA.ψ, to: &new.inputs[i])
        Self.assign(forG.ψ, to: &new.outputs[i])
        Self.assign(forA.basis, to: &new.inputBases[i])
        Self.assign(forG.basis, to: &new.outputBases[i])
        // Both diagonals are below 1, but for rounding.
        Self.assign(
          forA.diagonal.flatMap { x in forG.diagonal.map { 1 / max(1 - x * $0, 0x1p-40) } }, to: &new.weights[i])
      } else {
        Self.assign(a.inverseRoot(threads: threads), to: &new.inputBases[i])
        Self.assign(g.inverseRoot(threads: threads), to: &new.outputBases[i])
      }
      next = (a, g)
    }
    self = new
  }

  @inlinable
  static func wide(_ matrix: LaneArray<Scalar>) -> [Double] { (0..<matrix.count).map { Double(matrix[$0]) } }

  @inlinable
  static func assign(_ values: [Double], to matrix: inout LaneArray<Scalar>) {
    let elements = matrix.mutableElements()
    for (k, value) in values.enumerated() { elements[k] = Scalar.finite(value) }
  }

  /// Replaces the layers' parts of `vector` by those of F⁻¹ V. If that overflows, V stays as it is.
  @inlinable
  func precondition(_ vector: inout ParameterVector<Scalar>, on objective: StepObjective<Scalar>) throws {
    var parts = layers.map { LaneArray<Scalar>(zeros: [$0.inputOrder, $0.outputCount]) }
    for (i, layer) in layers.enumerated() {
      try layer.withMatrix(of: &vector) { v in parts[i].mutableElements().update(from: v, count: parts[i].count) }
    }
    // Ξ, from the first layer on: each needs its follower as it was.
    for i in layers.indices.dropLast() {
      let product = try Self.product(
        view(inputs[i]), parts[i + 1], view(outputs[i]).transposed, on: objective)
      Self.subtract(product, from: &parts[i])
    }
    for i in layers.indices {
      let (p, q) = (view(inputBases[i]), view(outputBases[i]))
      var inner = try Self.product(p.transposed, parts[i], q, on: objective)
      if i < weights.count {
        let (x, w) = (inner.mutableElements(), weights[i].elements)
        for k in 0..<inner.count { x[k] *= w[k] }
      }
      parts[i] = try Self.product(p, inner, q.transposed, on: objective)
    }
    // Ξᵀ, from the last layer on: each needs its predecessor as Λ left it.
    for i in layers.indices.dropFirst().reversed() {
      let product = try Self.product(
        view(inputs[i - 1]).transposed, parts[i - 1], view(outputs[i - 1]), on: objective)
      Self.subtract(product, from: &parts[i])
    }
    guard parts.allSatisfy({ part in (0..<part.count).allSatisfy { part[$0].isFinite } }) else { return }
    for (i, layer) in layers.enumerated() {
      try layer.withMatrix(of: &vector) { v in v.update(from: parts[i].elements, count: parts[i].count) }
    }
  }

  @inlinable
  func view(_ matrix: LaneArray<Scalar>) -> MatrixView<Scalar> {
    MatrixView(matrix.elements, rows: matrix.shape[0], columns: matrix.shape[1])
  }

  /// A X B.
  @inlinable
  static func product(
    _ a: MatrixView<Scalar>, _ x: LaneArray<Scalar>, _ b: MatrixView<Scalar>, on objective: StepObjective<Scalar>
  ) throws -> LaneArray<Scalar> {
    var half = LaneArray<Scalar>(zeros: [a.rows, x.shape[1]])
    var whole = LaneArray<Scalar>(zeros: [a.rows, b.columns])
    try objective.multiply(
      a, MatrixView(x.elements, rows: x.shape[0], columns: x.shape[1]), into: half.mutableElements())
    try objective.multiply(
      MatrixView(half.elements, rows: a.rows, columns: x.shape[1]), b, into: whole.mutableElements())
    return whole
  }

  @inlinable
  static func subtract(_ x: LaneArray<Scalar>, from y: inout LaneArray<Scalar>) {
    let (count, target) = (y.laneCount, y.mutableLanes())
    for i in 0..<count { target[i] -= x.lanes[i] }
  }
}
