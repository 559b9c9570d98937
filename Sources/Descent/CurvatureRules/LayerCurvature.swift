/// Which blocks of the Fisher information, of a layer's weights with another's, a method takes into account.
public enum CurvatureStructure: String, CaseIterable, Codable, Sendable {
  /// Those of a layer with itself.
  case diagonal
  /// Those of a layer with the one that follows it, too: the inverse is block-tridiagonal. For dense layers.
  case tridiagonal
}

/// The factors of the curvature and their damped inverses, of either ``CurvatureStructure``.
@usableFromInline
struct LayerCurvature<Scalar: LaneScalar>: Sendable {
  @usableFromInline let structure: CurvatureStructure
  @usableFromInline var factors: KroneckerFactors<Scalar>
  // Of the structure's own layers, and of none.
  @usableFromInline var inverses: KroneckerInverses<Scalar>
  @usableFromInline var neighbors: NeighborFactors<Scalar>
  @usableFromInline var tridiagonal: TridiagonalInverses<Scalar>

  @usableFromInline
  init(of layout: ParameterLayout, _ structure: CurvatureStructure) {
    let isDiagonal = structure == .diagonal
    self.structure = structure
    factors = KroneckerFactors(of: layout)
    inverses = KroneckerInverses(of: isDiagonal ? layout : .empty)
    neighbors = NeighborFactors(of: isDiagonal ? .empty : layout)
    tridiagonal = TridiagonalInverses(of: isDiagonal ? .empty : layout)
  }

  @usableFromInline
  static var fields: [StateField<Self, Scalar>] {
    [
      .arrays("inputs", \.factors.inputs), .arrays("outputs", \.factors.outputs),
      .arrays("inverseInputs", \.inverses.inputs), .arrays("inverseOutputs", \.inverses.outputs),
      .arrays("neighborInputs", \.neighbors.inputs), .arrays("neighborOutputs", \.neighbors.outputs),
      .arrays("psiInputs", \.tridiagonal.inputs), .arrays("psiOutputs", \.tridiagonal.outputs),
      .arrays("inputBases", \.tridiagonal.inputBases), .arrays("outputBases", \.tridiagonal.outputBases),
      .arrays("weights", \.tridiagonal.weights),
    ]
  }

  /// F ← ε F + (1 − ε) F̂, where F̂ is what a batch has shown.
  @inlinable
  mutating func move(to batch: LayerBatch<Scalar>, keeping ε: Double, on objective: StepObjective<Scalar>) throws {
    factors.move(to: batch.moments, keeping: ε)
    try neighbors.move(to: batch.rows, keeping: ε, on: objective)
  }

  /// Computes the inverses anew.
  @inlinable
  mutating func invert(damping λ: Double, threads: Int) {
    switch structure {
    case .diagonal: inverses.invert(factors, damping: λ, split: .trace, threads: threads)
    case .tridiagonal: tridiagonal.invert(factors, neighbors, damping: λ, split: .trace, threads: threads)
    }
  }

  /// Replaces the layers' parts of `vector` by those of F⁻¹ V.
  @inlinable
  func precondition(_ vector: inout ParameterVector<Scalar>, on objective: StepObjective<Scalar>) throws {
    switch structure {
    case .diagonal: try inverses.precondition(&vector, on: objective)
    case .tridiagonal: try tridiagonal.precondition(&vector, on: objective)
    }
  }
}

/// What a batch shows of the layers. Memory that is used again in every step.
@usableFromInline
struct LayerBatch<Scalar: LaneScalar>: Sendable {
  @usableFromInline var moments: LayerMoments<Scalar>
  /// Of no layers if only their own moments are wanted.
  @usableFromInline var rows: NeighborRows<Scalar>
  @usableFromInline let keepsRows: Bool

  @usableFromInline
  init(of layout: ParameterLayout, _ structure: CurvatureStructure) {
    keepsRows = structure == .tridiagonal
    moments = LayerMoments(of: layout.factoredLayers)
    rows = NeighborRows(of: keepsRows ? layout.factoredLayers : [])
  }

  /// The objective's value and gradient at θ; what is kept becomes that of its batch, or of its first share τ.
  @inlinable
  mutating func value(
    at θ: ParameterVector<Scalar>, of objective: inout StepObjective<Scalar>,
    gradient: inout ParameterVector<Scalar>, labels: CurvatureLabels, share τ: Double
  ) throws -> Double {
    moments.begin()
    rows.begin()
    return try objective.value(at: θ, gradient: &gradient, labels: labels) { part in
      try moments.add(part, share: τ)
      if keepsRows { try rows.add(part, share: τ) }
    }
  }
}
