// What a rule may ask besides values and gradients, if it says so in its `needs`. An optimizer refuses an objective that
// cannot give it before the step.
extension StepObjective {
  /// The value at a point, its gradient, transformed, and the gradient with labels drawn from the model's predictions, as
  /// it is. For rules that need ``ObjectiveCapability/sampledGradients``.
  public mutating func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>,
    sampledGradient: inout ParameterVector<Scalar>
  ) throws -> Double {
    let objective = try given((any SampledGradientObjective<Scalar>).self, .sampledGradients)
    let value = try value(at: θ, gradient: &gradient) {
      try objective.value(at: $0, gradient: &$1, sampledGradient: &sampledGradient)
    }
    try check(sampledGradient)
    return value
  }

  /// How many examples the objective is the mean of; 1 if it does not say.
  public var exampleCount: Int { max(1, around((any SampledGradientObjective<Scalar>).self)?.exampleCount ?? 1) }

  /// The value at a point, its gradient, transformed, and the statistics of layers. For rules that need
  /// ``ObjectiveCapability/layers``.
  public mutating func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Scalar>) throws -> Void
  ) throws -> Double {
    let objective = try given((any LayerwiseObjective<Scalar>).self, .layers)
    return try value(at: θ, gradient: &gradient) {
      try objective.value(at: $0, gradient: &$1, labels: labels, statistics: body)
    }
  }

  /// C ← A B or C ← C + A B, as fast as the objective can: ``LayerwiseObjective/multiply(_:_:into:adds:)``.
  public func multiply(
    _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, into c: UnsafeMutablePointer<Scalar>, adds: Bool = false
  ) throws {
    try given((any LayerwiseObjective<Scalar>).self, .layers).multiply(a, b, into: c, adds: adds)
  }

  /// Replaces `diagonal` by that of the curvature at θ. For rules that need ``ObjectiveCapability/curvatureDiagonal``.
  public func curvatureDiagonal(
    at θ: ParameterVector<Scalar>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Scalar>
  ) throws {
    try given((any CurvatureDiagonalObjective<Scalar>).self, .curvatureDiagonal)
      .curvatureDiagonal(at: θ, form, into: &diagonal)
    try check(diagonal)
    guard ridge != 0 else { return }
    let (λ, blocks) = (Scalar.finite(ridge), diagonal.layout.blocks)
    diagonal.withUnsafeMutableElements { x in
      for block in blocks { for i in block.elements { x[i] += λ } }
    }
  }

  /// Replaces `product` by the Hessian at θ times v. For rules that need ``ObjectiveCapability/hessianProducts``.
  public func hessianProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>
  ) throws {
    try given((any HessianObjective<Scalar>).self, .hessianProducts).hessianProduct(at: θ, with: v, into: &product)
    try check(product)
    if ridge != 0 { product.add(v, times: Scalar.finite(ridge)) }
  }

  /// Replaces `product` by the Gauss–Newton matrix at θ times v. For rules that need
  /// ``ObjectiveCapability/gaussNewtonProducts``.
  public func gaussNewtonProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>
  ) throws {
    try given((any GaussNewtonObjective<Scalar>).self, .gaussNewtonProducts)
      .gaussNewtonProduct(at: θ, with: v, into: &product)
    try check(product)
    if ridge != 0 { product.add(v, times: Scalar.finite(ridge)) }
  }

  /// vᵢᵀ G vⱼ with the Gauss–Newton matrix G at θ, for all pairs of some vectors.
  public func gaussNewtonForms(
    at θ: ParameterVector<Scalar>, _ vectors: [ParameterVector<Scalar>]
  ) throws -> [[Double]] {
    var product = ParameterVector<Scalar>(zeros: θ.layout)
    return try vectors.map { v in
      try gaussNewtonProduct(at: θ, with: v, into: &product)
      return vectors.map { product.dot($0) }
    }
  }

  /// The objective as one that gives more.
  private func given<Capable>(_ type: Capable.Type, _ capability: ObjectiveCapability) throws(ObjectiveError) -> Capable
  {
    guard let capable = around(type) else {
      throw .lacks(capability, objective: objective.name, method: "the method")
    }
    return capable
  }

  private func around<Capable>(_: Capable.Type) -> Capable? {
    ((objective as? any ObjectiveAround<Scalar>)?.watched ?? objective) as? Capable
  }
}

/// An objective that stands for another one, and sees its values and gradients alone.
protocol ObjectiveAround<Scalar>: Objective {
  var watched: any Objective<Scalar> { get }
}
