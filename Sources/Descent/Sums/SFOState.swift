/// The state of ``SFO``: θ, the subspace and what is known of each subfunction.
public struct SFOState<Scalar: LaneScalar>: SumMethodState {
  public private(set) var parameters: ParameterVector<Scalar>
  public private(set) var stepCount = 0
  /// Whether the last step's evaluation showed that the step before it had failed.
  public private(set) var isStepFailed = false
  /// The subfunction that was evaluated last.
  public private(set) var evaluated = 0
  /// Subfunctions in use.
  public var activeCount: Int { subfunctions.count { $0.isActive } }
  /// σ: the factor of the steps; halved after a failed one.
  public private(set) var stepScale = 1.0

  var subfunctions: [SFOSubfunction]
  private(set) var subspace: SFOSubspace
  /// θ now and before the last step, without padding.
  private var x, previous: [Double]
  /// θ in the subspace.
  private(set) var z: [Double]
  /// Σ ±cₖ cₖᵀ of all subfunctions: their Hessians without the diagonals.
  private(set) var hessian: [Double]
  /// The sum of ‖Δθ‖ over all steps.
  private var distance = 0.0
  private var evaluationCount = 0
  var stepsSinceGrowth = 0
  /// The gain that the model predicted for the last step.
  private var predictedGain = 0.0
  var nextInCycle = 0
  private let stream: RandomStream

  init(at θ: ParameterVector<Scalar>, count n: Int, subfunctions count: Int, options: SFO<Scalar>, seed: UInt64) {
    stream = RandomStream(seed: seed, name: "sfo")
    // Substream 0 is for the start, t for step t.
    var stream = stream.substream(0)
    let order = stream.permutation(of: n).map(Int.init)
    parameters = θ
    x = θ.doubles
    previous = x
    subspace = SFOSubspace(at: x, subfunctions: count, stream: &stream)
    z = subspace.coordinates(of: x)
    let position = z
    subfunctions = (0..<count).map { j in
      let terms = Array(order[(j * n / count)..<((j + 1) * n / count)])
      return SFOSubfunction(
        terms: terms, weight: Double(terms.count * count) / Double(n), capacity: options.history, position: position)
    }
    hessian = Array(repeating: 0, count: subspace.capacity * subspace.capacity)
    for j in stream.permutation(of: count).prefix(options.initialActive) {
      subfunctions[Int(j)].isActive = true
      subfunctions[Int(j)].resetHessian(to: options.initialHessian)
    }
  }

  mutating func step<Sum: FiniteSum>(
    with options: SFO<Scalar>, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    var stream = stream.substream(UInt64(stepCount + 1))
    let j = choose(options.selection, stream: &stream)
    evaluated = j
    let evaluation = try evaluateOrGoBack(j, on: sum, stream: &stream)
    subfunctions[j].record(evaluation.value, gradient: evaluation.coordinates, at: z)
    distance += x.minus(previous).norm
    updateHessian(of: j, options)

    let total = wholeHessian
    let inverse = Self.factor(total, order: z.count)
    var slope = [Double](repeating: 0, count: z.count)
    for subfunction in subfunctions where subfunction.isActive {
      slope.add(subfunction.predictedGradient(at: z))
    }
    var step = inverse.solve(slope).map { -stepScale * $0 }
    limit(&step, options)
    move(by: step)
    predictedGain = 0.5 * Self.squares(total, [step])[0]
    grow(options, inverse, stream: &stream)
    stepCount += 1
  }

  /// Σ Hⱼ of the active subfunctions.
  var wholeHessian: [Double] {
    let diagonal = subfunctions.reduce(0) { $1.isActive ? $0 + $1.smallest : $0 }
    var matrix = hessian
    for i in z.indices { matrix[i * z.count + i] += diagonal }
    return matrix
  }

  // MARK: Evaluations

  private struct Evaluation {
    let value: Double
    let gradient: [Double]
    /// The gradient's coordinates in the subspace.
    var coordinates: [Double]
    var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
  }

  /// The value and gradient of subfunction j at x, which may be infinite or not numbers; the gradient's direction is
  /// added to the subspace.
  private mutating func evaluate<Sum: FiniteSum>(
    _ j: Int, at x: [Double], on sum: CountedSum<Sum>, stream: inout RandomStream
  ) throws -> Evaluation where Sum.Scalar == Scalar {
    var θ = parameters
    θ.assign(x)
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    let weight = subfunctions[j].weight
    let value = weight * (try sum.trial(at: θ, of: subfunctions[j].terms, gradient: &g))
    var gradient = g.doubles
    if weight != 1 { gradient.scale(by: weight) }
    subfunctions[j].evaluationCount += 1
    evaluationCount += 1
    var coordinates = subspace.take(gradient)
    if subspace.isFull {
      collapse(holding: coordinates, stream: &stream)
      coordinates = subspace.coordinates(of: gradient)
    }
    return Evaluation(value: value, gradient: gradient, coordinates: coordinates)
  }

  private mutating func collapse(holding gradient: [Double], stream: inout RandomStream) {
    let active = subfunctions.filter(\.isActive)
    let points = active.map(\.gradient) + active.map(\.position) + [gradient, subspace.coordinates(of: x)]
    let (k, kept) = (subspace.capacity, subspace.collapsedCount)
    let q = DenseMatrix(subspace.collapse(holding: points, stream: &stream), rows: k, columns: kept)
    let padding = [Double](repeating: 0, count: k - kept)
    for j in subfunctions.indices {
      subfunctions[j].transform { old in
        let new = (DenseMatrix(rows: old) * q).elements
        return old.indices.map { i in Array(new[(i * kept)..<((i + 1) * kept)]) + padding }
      }
    }
    z = subspace.coordinates(of: x)
    // From scratch, so that rounding errors do not accumulate.
    hessian = Array(repeating: 0, count: k * k)
    for subfunction in subfunctions { subfunction.addColumns(to: &hessian, times: 1) }
  }

  /// Evaluates subfunction j. If that shows that the last step failed, goes back, unless it was worse there.
  private mutating func evaluateOrGoBack<Sum: FiniteSum>(
    _ j: Int, on sum: CountedSum<Sum>, stream: inout RandomStream
  ) throws -> Evaluation where Sum.Scalar == Scalar {
    var here = try evaluate(j, at: x, on: sum, stream: &stream)
    isStepFailed = !here.isFinite || isFailure(j, here.value)
    let share = 1 / Double(subfunctions.count)
    guard isStepFailed else {
      stepScale = share + stepScale * (1 - share)
      return here
    }
    stepScale = max(stepScale / 2, 1e-5)
    var back = try evaluate(j, at: previous, on: sum, stream: &stream)
    guard back.isFinite else {
      guard back.value.isFinite else { throw MinimizeError.nonFiniteValue(step: stepCount) }
      throw MinimizeError.nonFiniteGradient(step: stepCount, parameter: firstBad(back.gradient))
    }
    // A value beyond reason would spoil the history: shorten the step until it is within an order of magnitude.
    let last = subfunctions[j].value
    var expected =
      last.map { (subfunctions[j].prediction(at: z) - $0).magnitude } ?? (here.value - back.value).magnitude
    if !expected.isFinite || expected < 1e-12 { expected = 1e-12 }
    for _ in 0..<10 where !(here.value - back.value < 10 * expected) {
      set(zip(previous, x).map { 0.99 * $0 + 0.01 * $1 })
      here = try evaluate(j, at: x, on: sum, stream: &stream)
    }
    // The subspace may have changed by now.
    back.coordinates = subspace.coordinates(of: back.gradient)
    here.coordinates = subspace.coordinates(of: here.gradient)
    if here.value < back.value, here.isFinite {
      // It was worse there; the evaluation is not wasted.
      subfunctions[j].record(back.value, gradient: back.coordinates, at: subspace.coordinates(of: previous))
      return here
    }
    if here.isFinite { subfunctions[j].record(here.value, gradient: here.coordinates, at: z) }
    set(previous)
    return back
  }

  /// The name of the parameter with the gradient's first element that is infinite or not a number.
  private func firstBad(_ gradient: [Double]) -> String {
    var rest = gradient.firstIndex { !$0.isFinite } ?? 0
    let block = parameters.layout.blocks.first {
      rest -= $0.count
      return rest < 0
    }
    return block?.name ?? ""
  }

  /// Whether the finite value of subfunction j shows that the last step failed.
  private func isFailure(_ j: Int, _ value: Double) -> Bool {
    guard subfunctions[j].evaluationCount > 1, let last = subfunctions[j].value else {
      // Never seen before: is it far above the others?
      let others = subfunctions.filter { $0.evaluationCount > 1 }.compactMap(\.value)
      guard !others.isEmpty else { return false }
      let mean = others.reduce(0, +) / Double(others.count)
      let variance = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(others.count)
      return value > mean + 3 * variance.squareRoot()
    }
    guard value > last else { return false }
    // It grew by more than was predicted, and by more than the others were predicted to gain.
    let prediction = subfunctions[j].prediction(at: z)
    return value - prediction > predictedGain - (last - prediction)
  }

  // MARK: Steps

  private mutating func updateHessian(of j: Int, _ options: SFO<Scalar>) {
    let active = subfunctions.filter(\.isActive)
    if subfunctions[j].steps.isEmpty {
      // Its curvature is not known: take the median eigenvalue of the active ones' mean Hessian.
      let eigenvalues = SymmetricEigen(wholeHessian, order: z.count).values
      var eigenvalue = (median(of: eigenvalues) ?? 0) / Double(active.count)
      // The first Hessian was so large that the step was too short to learn from.
      if subfunctions[j].evaluationCount > 2, subfunctions.reduce(0, { $0 + $1.evaluationCount }) < 5 {
        eigenvalue /= 10
      }
      subfunctions[j].addColumns(to: &hessian, times: -1)
      subfunctions[j].resetHessian(to: eigenvalue)
    } else {
      subfunctions[j].addColumns(to: &hessian, times: -1)
      subfunctions[j].updateHessian(ratio: options.hessianRatio, fallback: active.map(\.smallest).max() ?? 0)
      subfunctions[j].addColumns(to: &hessian, times: 1)
    }
  }

  private func limit(_ step: inout [Double], _ options: SFO<Scalar>) {
    var length = step.norm
    guard length > 0 else { return }
    if length < options.minimumStep {
      for i in step.indices { step[i] *= options.minimumStep / length }
      length = options.minimumStep
    }
    let mean = distance / Double(evaluationCount)
    if evaluationCount > subfunctions.count, mean > 0, length > options.stepRatio * mean {
      for i in step.indices { step[i] *= options.stepRatio * mean / length }
    }
  }

  private mutating func move(by step: [Double]) {
    previous = x
    subspace.add(step, to: &x)
    if Scalar.self == Double.self {
      parameters.assign(x)
      z.add(step)
    } else {
      // θ's scalars round, so θ is not exactly where the step led.
      set(x)
    }
  }

  /// x ← `x`, rounded to θ's scalars.
  private mutating func set(_ x: [Double]) {
    parameters.assign(x)
    self.x = parameters.doubles
    z = subspace.coordinates(of: self.x)
  }

  /// The factor of a matrix that is positive definite up to rounding. If it has none, its lowest eigenvalues are
  /// raised first.
  private static func factor(_ matrix: [Double], order n: Int) -> Cholesky {
    if let factor = Cholesky(matrix, order: n) { return factor }
    let eigen = SymmetricEigen(matrix, order: n)
    let bound = 1e-10 * max(eigen.values.reduce(0) { max($0, $1.magnitude) }, .leastNormalMagnitude)
    return Cholesky(eigen.matrix { max($0, bound) }, order: n) ?? identity(n)
  }

  private static func identity(_ n: Int) -> Cholesky {
    Cholesky((0..<(n * n)).map { $0 / n == $0 % n ? 1 : 0 }, order: n)!
  }

  /// zᵀM z for each z.
  static func squares(_ matrix: [Double], _ z: [[Double]]) -> [Double] {
    guard let n = z.first?.count else { return [] }
    let products = (DenseMatrix(rows: z) * DenseMatrix(matrix, rows: n, columns: n)).elements
    return z.indices.map { z[$0].dot(Array(products[($0 * n)..<(($0 + 1) * n)])) }
  }
}

extension ParameterVector where Scalar: LaneScalar {
  /// All values, in the order of the blocks.
  fileprivate var doubles: [Double] { (values as? [Double]) ?? values.map { Double($0) } }

  /// Replaces all values, in the order of the blocks, by the nearest ones that a scalar can hold.
  fileprivate mutating func assign(_ values: [Double]) {
    let values = (values as? [Scalar]) ?? values.map { Scalar($0) }
    let blocks = layout.blocks
    withUnsafeMutableElements { elements in
      var done = 0
      for block in blocks {
        let target = UnsafeMutableBufferPointer(rebasing: elements[block.elements])
        _ = target.update(fromContentsOf: values[done..<(done + block.count)])
        done += block.count
      }
    }
  }
}
