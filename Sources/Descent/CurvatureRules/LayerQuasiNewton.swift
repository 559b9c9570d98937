/// What ``KBFGS`` and ``KBFGSL`` have in common: everything but the form of H_g.
@usableFromInline
struct LayerQuasiNewton<Outputs: InverseCurvature>: Sendable {
  @usableFromInline typealias Scalar = Outputs.Scalar

  @usableFromInline let layers: [FactoredLayer]
  /// M.
  @usableFromInline var momentum: ParameterVector<Scalar>
  /// A of each layer.
  @usableFromInline var moments: [LaneArray<Scalar>]
  /// H_a and H_g.
  @usableFromInline var inputs: InverseMatrices<Scalar>
  @usableFromInline var outputs: Outputs
  /// s̄ and ȳ, the running averages of the pairs of H_g, of one layer after the other.
  @usableFromInline var points, gradients: LaneArray<Double>
  /// Memory for the gradient, the direction and the point that it leads to, and for the means at both points.
  @usableFromInline var gradient, direction, next: ParameterVector<Scalar>
  @usableFromInline var here, there: LayerMeans<Scalar>

  @usableFromInline
  init(for θ: ParameterVector<Scalar>, outputs: ([Int]) -> Outputs) {
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    layers = θ.layout.factoredLayers
    (momentum, gradient, direction, next) = (zeros, zeros, zeros, zeros)
    moments = layers.map { LaneArray(zeros: [$0.inputOrder, $0.inputOrder]) }
    inputs = InverseMatrices(orders: layers.map(\.inputOrder), scale: 1)
    self.outputs = outputs(layers.map(\.outputCount))
    points = LaneArray(zeros: [layers.reduce(0) { $0 + $1.outputCount }])
    gradients = points
    here = LayerMeans(of: layers, moments: true)
    there = LayerMeans(of: layers, moments: false)
  }

  /// What a checkpoint keeps of it, but for H_g.
  @usableFromInline
  static var fields: [StateField<Self, Scalar>] {
    [
      .vector("momentum", \.momentum), .arrays("inputs", \.moments), .arrays("inverseInputs", \.inputs.matrices),
      .doubles("points", \.points), .doubles("gradients", \.gradients),
    ]
  }

  /// About the bytes of all of it, where H_g has `outputs` numbers for a layer of so many outputs.
  @usableFromInline
  static func byteCount(of layout: ParameterLayout, outputs: (Double) -> Double) -> Double {
    let matrices = layout.factoredLayers.reduce(0.0) {
      $0 + 3 * Double($1.inputOrder) * Double($1.inputOrder) + outputs(Double($1.outputCount))
    }
    return Double(MemoryLayout<Scalar>.size) * (matrices + 4 * Double(layout.paddedCount))
  }

  @inlinable
  mutating func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, _ c: LayerQuasiNewtonConstants,
    at t: Int, threads: Int
  ) throws {
    _ = try here.value(at: θ, of: &objective, gradient: &gradient)
    guard t > c.warmSteps else {
      for i in layers.indices { here.blend(into: &moments[i], of: i, keeping: 1 - 1 / Double(t)) }
      return
    }
    // The gradient's memory becomes M, and nothing that is kept changes until the objective has been asked again.
    let (ρ, rest) = (Scalar(c.momentum), Scalar(1 - c.momentum))
    let (m, old) = (gradient.mutableLanes(), momentum.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { m[$0] = (ρ * old[$0] + rest * m[$0].infinityAsNaN).finite }
    let root = c.λ.squareRoot()
    let first = t == c.warmSteps + 1 ? try firstInverses(adding: root, isWarm: t > 1, threads: threads) : nil
    direction.copyElements(of: gradient)
    try precondition(first ?? inputs, on: objective)
    let step = Scalar.finite(-c.α)
    let (x, d, ahead) = (θ.lanes, direction.lanes, next.mutableLanes())
    forEachLane(in: θ.laneCount, threads: threads) { ahead[$0] = (x[$0] + step * d[$0]).finite }
    _ = try there.value(at: next, of: &objective, gradient: &direction)

    swap(&momentum, &gradient)
    if let first { inputs = first }
    var offset = 0
    for i in layers.indices {
      here.blend(into: &moments[i], of: i, keeping: t == 1 ? 0 : c.decay)
      updateOutputs(i, offset: offset, at: θ, c)
      updateInputs(i, adding: root, threshold: c.threshold)
      offset += layers[i].outputCount
    }
    swap(&θ, &next)
  }

  /// (A + √λ I)⁻¹, where A is that of the first batch if there were no others.
  @inlinable
  func firstInverses(adding root: Double, isWarm: Bool, threads: Int) throws -> InverseMatrices<Scalar> {
    var first = inputs
    for i in layers.indices {
      var a = moments[i]
      if !isWarm { here.blend(into: &a, of: i, keeping: 0) }
      first.matrices[i] = KroneckerInverses<Scalar>.inverse(a, adding: root, threads: threads)
    }
    return first
  }

  /// Replaces the layers' parts of the direction, M, by H_a M H_g. A layer in which that overflows keeps M.
  @inlinable
  mutating func precondition(_ inputs: InverseMatrices<Scalar>, on objective: StepObjective<Scalar>) throws {
    for (i, layer) in layers.enumerated() {
      let (n, m) = (layer.inputOrder, layer.outputCount)
      try layer.transformMatrix(of: &direction) { v, memory, result in
        try objective.multiply(
          MatrixView(inputs.matrices[i].elements, rows: n, columns: n), MatrixView(v, rows: n, columns: m), into: memory
        )
        try outputs.multiply(memory, rows: n, layer: i, into: result, on: objective)
      }
    }
  }

  /// H_g follows the change of the layer's mean outputs and of the mean gradients there.
  @inlinable
  mutating func updateOutputs(_ i: Int, offset: Int, at θ: ParameterVector<Scalar>, _ c: LayerQuasiNewtonConstants) {
    guard let h = here.output(i, at: θ), let h1 = there.output(i, at: next), let g = here.gradient(i),
      let g1 = there.gradient(i)
    else { return }
    let (δ, rest) = (c.pairDecay, 1 - c.pairDecay)
    let places = offset..<offset + h.count
    var pair = CurvaturePair(
      s: zip(places, zip(h, h1)).map { δ * points[$0] + rest * ($1.0 - $1.1) },
      y: zip(places, zip(g, g1)).map { δ * gradients[$0] + rest * ($1.0 - $1.1) })
    guard pair.isFinite else { return }
    for (k, place) in places.enumerated() { (points[place], gradients[place]) = (pair.s[k], pair.y[k]) }
    let hy = outputs.product(i, pair.y)
    guard hy.allSatisfy({ $0.isFinite }) else {
      outputs.restart(i)
      return
    }
    pair.damp(hy: hy, μ1: c.μ1, μ2: c.μ2)
    if pair.isFinite, pair.isCurved(at: g, threshold: c.threshold) { outputs.update(i, by: pair) }
  }

  /// "Hessian action": H_a learns what A + √λ I does to the direction in which it sends the mean input.
  @inlinable
  mutating func updateInputs(_ i: Int, adding root: Double, threshold: Double) {
    guard let input = here.input(i) else { return }
    let s = inputs.product(i, input)
    let pair = CurvaturePair(s: s, y: zip(InverseMatrices.product(moments[i], s), s).map { $0 + root * $1 })
    if pair.isFinite, pair.isCurved(at: input, threshold: threshold) { inputs.update(i, by: pair) }
  }
}

/// The numbers of one step, as ``KBFGS`` names them.
@usableFromInline
struct LayerQuasiNewtonConstants {
  @usableFromInline let α, λ, momentum, decay, pairDecay, μ1, μ2, threshold: Double
  @usableFromInline let warmSteps: Int

  @usableFromInline
  init(
    α: Double, λ: Double, momentum: Double, decay: Double, pairDecay: Double, μ1: Double, μ2: Double,
    threshold: Double, warmSteps: Int
  ) {
    (self.α, self.λ, self.momentum, self.decay) = (α, λ, momentum, decay)
    (self.pairDecay, self.μ1, self.μ2, self.threshold) = (pairDecay, μ1, μ2, threshold)
    self.warmSteps = warmSteps
  }
}
