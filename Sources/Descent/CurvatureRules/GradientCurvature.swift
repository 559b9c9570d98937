/// What methods remember that precondition a momentum of gradients by curvature estimated from gradients alone, and the
/// part of a step that they share.
///
/// Factors and inverses of all parameters lie one after the other, in `Double`: the inverse magnifies the rounding errors
/// in a factor's small eigenvalues.
@usableFromInline
struct GradientCurvature<Scalar: LaneScalar>: Sendable {
  /// m ← μ m + g.
  @usableFromInline var momentum: ParameterVector<Scalar>
  @usableFromInline var factors: LaneArray<Double>
  @usableFromInline var inverses: LaneArray<Double>
  /// Memory for the gradients.
  @usableFromInline var gradient: ParameterVector<Scalar>
  @usableFromInline var sampled: ParameterVector<Scalar>

  @usableFromInline
  init(for θ: ParameterVector<Scalar>, labels: CurvatureLabels, factorCount: Int, inverseCount: Int) {
    let zeros = ParameterVector<Scalar>(zeros: θ.layout)
    (momentum, gradient) = (zeros, zeros)
    sampled = labels == .sampled ? zeros : .none
    factors = LaneArray(zeros: [factorCount])
    inverses = LaneArray(zeros: [inverseCount])
  }

  /// Bytes of such a state.
  static func byteCount(
    of layout: ParameterLayout, labels: CurvatureLabels, factorCount: Double, inverseCount: Double
  ) -> Double {
    let vectors = labels == .sampled ? 3.0 : 2
    return vectors * Double(MemoryLayout<Scalar>.size * layout.paddedCount) + 8 * (factorCount + inverseCount)
  }

  /// θ ← θ − α d, after one question to the objective.
  ///
  /// - Parameters:
  ///   - timetable: Whether this step takes part in the curvature: only then are drawn labels asked for.
  ///   - direction: A parameter's d from its momentum and, if the step renews the curvature, the curvature's gradient;
  ///     both in this package's order of axes, and at most 2⁴⁵⁰. Called on several threads.
  @inlinable
  mutating func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, labels: CurvatureLabels,
    momentum: Double, learningRate α: Double, at t: Int, _ timetable: CurvatureTimetable, threads: Int,
    direction:
      @escaping (
        _ parameter: Int, _ momentum: [Double], _ curvature: [Double]?, _ factors: UnsafeMutablePointer<Double>,
        _ inverses: UnsafeMutablePointer<Double>
      ) -> [Double]
  ) throws {
    let renews = timetable.renewsStatistics(at: t)
    if renews && labels == .sampled {
      if sampled.laneCount == 0 { sampled = ParameterVector(zeros: θ.layout) }
      _ = try objective.value(at: θ, gradient: &gradient, sampledGradient: &sampled)
    } else {
      _ = try objective.value(at: θ, gradient: &gradient)
    }
    if timetable.moves(at: t) {
      let μ = Scalar(momentum)
      let (m, g) = (self.momentum.mutableLanes(), gradient.lanes)
      forEachLane(in: θ.laneCount, threads: threads) { i in m[i] = (μ * m[i] + g[i].infinityAsNaN).finite }
    }
    let curvature = labels == .sampled ? sampled : gradient
    let (factors, inverses) = (factors.mutableElements(), inverses.mutableElements())
    let blocks = θ.layout.blocks
    let (x, mean) = (θ.mutableLanes(), self.momentum)
    forEachTask(blocks.count, threads: threads) { p in
      let sorted = SortedAxes(blocks[p])
      let d = direction(
        p, values(of: blocks[p], sorted, in: mean),
        renews ? values(of: blocks[p], sorted, in: curvature) : nil, factors, inverses)
      if timetable.moves(at: t) { subtract(d, times: α, from: TensorView<Scalar>(blocks[p], in: x), sorted) }
    }
  }
}

/// A parameter's elements in this package's order of axes, bounded by ``matrixElement(_:)``.
@inlinable
func values<Scalar: LaneScalar>(
  of block: ParameterLayout.Block, _ sorted: SortedAxes?, in vector: ParameterVector<Scalar>
) -> [Double] {
  let view = TensorView<Scalar>(block, in: UnsafeMutablePointer(mutating: vector.lanes))
  let copy = sorted.map { $0.gather(UnsafePointer(view.elements)) }
  let elements = copy?.elements ?? UnsafePointer(view.elements)
  return withExtendedLifetime(copy) {
    [Double](unsafeUninitializedCapacity: block.count) { values, count in
      for i in 0..<block.count { values[i] = matrixElement(elements[i]) }
      count = block.count
    }
  }
}

/// θ ← θ − α d, for d in this package's order of axes.
@inlinable
func subtract<Scalar: LaneScalar>(
  _ d: [Double], times α: Double, from θ: TensorView<Scalar>, _ sorted: SortedAxes?
) {
  func subtract(from elements: UnsafeMutablePointer<Scalar>) {
    for i in 0..<d.count { elements[i] = Scalar.finite(Double(elements[i]) - α * d[i]) }
  }
  guard let sorted else { return subtract(from: θ.elements) }
  var copy = sorted.gather(UnsafePointer(θ.elements))
  subtract(from: copy.mutableElements())
  sorted.scatter(copy.elements, to: θ.elements)
}

/// At which steps a curvature that is estimated from gradients is brought up to date.
@usableFromInline
struct CurvatureTimetable {
  /// Steps at the start in which θ stays, and every gradient goes into the curvature with the same weight.
  @usableFromInline let warmSteps: Int
  /// Steps from one gradient in the curvature to the next.
  @usableFromInline let statistics: Int
  /// Steps from one inverse to the next.
  @usableFromInline let inverses: Int

  @usableFromInline
  init(warmSteps: Int, statistics: Int, inverses: Int) {
    (self.warmSteps, self.statistics, self.inverses) = (warmSteps, statistics, inverses)
  }

  /// Whether θ moves.
  @usableFromInline
  func moves(at t: Int) -> Bool { t > warmSteps }

  /// In the first steps, at the first one in which θ moves, and every `statistics` steps after it.
  @usableFromInline
  func renewsStatistics(at t: Int) -> Bool { !moves(at: t) || (t - warmSteps - 1) % statistics == 0 }

  /// The weight of step t's gradient, where old ones keep ρ.
  func weight(at t: Int, keeping ρ: Double) -> Double { t == 1 || !moves(at: t) ? 1 / Double(t) : 1 - ρ }

  /// At the first step in which θ moves, every `inverses` steps after it and, because the curvature of a few gradients is soon
  /// out of date, whenever the curvature changes in the first `inverses` steps, unless there were steps without moving.
  @usableFromInline
  func renewsInverses(at t: Int) -> Bool {
    moves(at: t) && ((t - warmSteps - 1) % inverses == 0 || warmSteps == 0 && t <= inverses && renewsStatistics(at: t))
  }
}
