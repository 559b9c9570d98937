/// What SFO knows of one subfunction: its last evaluation, the differences of earlier ones, and the Hessian they imply.
/// All vectors are coordinates in the subspace.
///
///     H = λ I + Σ ±cₖ cₖᵀ
struct SFOSubfunction: Sendable {
  /// Its terms.
  let terms: [Int]
  /// The factor of the mean of its terms: 1, or more or less if it has more or fewer terms than the others.
  let weight: Double
  /// The most differences that are kept.
  let capacity: Int

  var isActive = false
  /// How often it was evaluated.
  var evaluationCount = 0
  /// Its value at the last recorded evaluation; nil before the first.
  private(set) var value: Double?
  private(set) var position: [Double]
  private(set) var gradient: [Double]
  /// Differences of positions, the newest first.
  private(set) var steps: [[Double]] = []
  /// Differences of gradients.
  private(set) var changes: [[Double]] = []
  /// λ.
  var smallest = 0.0
  /// The largest eigenvalue of the history's least-squares Hessian.
  var largest = 0.0
  /// cₖ and its sign.
  private(set) var columns: [(vector: [Double], sign: Double)] = []

  init(terms: [Int], weight: Double, capacity: Int, position: [Double]) {
    self.terms = terms
    self.weight = weight
    self.capacity = capacity
    self.position = position
    gradient = position.map { _ in 0 }
  }

  /// H z.
  func hessianProduct(_ z: [Double]) -> [Double] {
    var product = z.map { smallest * $0 }
    for (c, sign) in columns { product.add(c, times: sign * c.dot(z)) }
    return product
  }

  /// zᵀH z.
  func hessianSquare(_ z: [Double]) -> Double {
    columns.reduce(smallest * z.dot(z)) {
      let product = $1.vector.dot(z)
      return $0 + $1.sign * product * product
    }
  }

  /// The model's value at x.
  func prediction(at x: [Double]) -> Double {
    let step = x.minus(position)
    return (value ?? .nan) + gradient.dot(step) + 0.5 * hessianSquare(step)
  }

  /// The model's gradient at x.
  func predictedGradient(at x: [Double]) -> [Double] {
    var sum = hessianProduct(x.minus(position))
    sum.add(gradient)
    return sum
  }

  /// Takes an evaluation in, and its differences from the last one if they say something of the Hessian.
  mutating func record(_ value: Double, gradient g: [Double], at x: [Double]) {
    if self.value != nil {
      let negligible = 1e-12
      let step = x.minus(position)
      let change = g.minus(gradient)
      let (stepLength, changeLength) = (step.norm, change.norm)
      if stepLength >= negligible, changeLength >= negligible,
        (step.dot(change) / (stepLength * changeLength)).magnitude >= negligible
      {
        steps.insert(step, at: 0)
        changes.insert(change, at: 0)
        if steps.count > capacity {
          steps.removeLast()
          changes.removeLast()
        }
      }
    }
    self.value = value
    position = x
    gradient = g
  }

  /// Switches to other coordinates.
  /// - Parameter map: Maps vectors from the old coordinates to the new ones.
  mutating func transform(_ map: ([[Double]]) -> [[Double]]) {
    var vectors = map([position, gradient] + steps + changes + columns.map(\.vector))
    (position, gradient) = (vectors[0], vectors[1])
    vectors.removeFirst(2)
    steps = Array(vectors.prefix(steps.count))
    changes = Array(vectors.dropFirst(steps.count).prefix(changes.count))
    columns = zip(vectors.suffix(columns.count), columns).map { ($0, $1.sign) }
  }

  /// Adds ± Σ ±cₖ cₖᵀ, row-major, to `matrix`.
  func addColumns(to matrix: inout [Double], times factor: Double) {
    guard !columns.isEmpty else { return }
    let c = DenseMatrix(rows: columns.map(\.vector)).transposed
    let signed = DenseMatrix(rows: columns.map { c, sign in sign < 0 ? c.map(-) : c })
    matrix.add(c.product(signed, isSymmetric: true).elements, times: factor)
  }

  /// H = `eigenvalue` I.
  mutating func resetHessian(to eigenvalue: Double) {
    columns = []
    (smallest, largest) = (eigenvalue, eigenvalue)
  }

  /// H by BFGS from the history, made positive definite.
  ///
  /// - Parameters:
  ///   - ratio: The largest allowed ratio of the largest eigenvalue to the smallest.
  ///   - fallback: λ if the history gives none.
  mutating func updateHessian(ratio: Double, fallback: Double) {
    let (n, h) = (position.count, steps.count)
    // Works in the space that the history spans, of 2h or n dimensions, whichever is less.
    var history = [Double](repeating: 0, count: n * 2 * h)
    for k in 0..<h {
      for i in 0..<n {
        history[i * 2 * h + k] = steps[k][i]
        history[i * 2 * h + h + k] = changes[k][i]
      }
    }
    let qr = HouseholderQR(history, rows: n, columns: 2 * h)
    let order = min(n, 2 * h)
    let s = (0..<h).map { k in (0..<order).map { qr.r[$0 * 2 * h + k] } }
    let y = (0..<h).map { k in (0..<order).map { qr.r[$0 * 2 * h + h + k] } }

    let spectrum = Self.leastSquaresSpectrum(s, y) ?? (fallback, fallback)
    largest = spectrum.largest
    smallest = max(spectrum.smallest, largest / ratio)

    var matrix = [Double](repeating: 0, count: order * order)
    for i in 0..<order { matrix[i * order + i] = smallest }
    for k in (0..<h).reversed() { Self.updateBFGS(&matrix, s[k], y[k]) }
    let eigen = SymmetricEigen(matrix, order: order)
    let values = Self.positive(eigen.values, ratio: ratio, fallback: largest)
    columns = []
    for (k, value) in values.enumerated() where value != smallest {
      let root = (value - smallest).magnitude.squareRoot()
      let c = (0..<n).map { i in
        root * (0..<order).reduce(0) { $0 + qr.q[i * order + $1] * eigen.vectors[$1 * order + k] }
      }
      columns.append((c, value < smallest ? -1 : 1))
    }
  }

  /// H ← H + y yᵀ / yᵀs − H s sᵀH / sᵀH s.
  private static func updateBFGS(_ matrix: inout [Double], _ step: [Double], _ change: [Double]) {
    let n = step.count
    // The step's length changes the result by rounding alone.
    let length = step.norm
    let (s, y) = (step.map { $0 / length }, change.map { $0 / length })
    let hs = (0..<n).map { i in (0..<n).reduce(0) { $0 + matrix[i * n + $1] * s[$1] } }
    let (ys, shs) = (y.dot(s), s.dot(hs))
    let isFinite = (0..<n).allSatisfy { (y[$0] * y[$0] / ys).isFinite && (hs[$0] * hs[$0] / shs).isFinite }
    guard isFinite else { return }
    for i in 0..<n {
      for j in 0..<n { matrix[i * n + j] += y[i] * y[j] / ys - hs[i] * hs[j] / shs }
    }
  }

  /// The range of the singular values of the least H with H S = Y, which is Y S⁺; nil if S or Y is degenerate.
  private static func leastSquaresSpectrum(_ s: [[Double]], _ y: [[Double]]) -> (smallest: Double, largest: Double)? {
    let svd = SingularValues(columns: s)
    guard let top = svd.values.first, top > 0 else { return nil }
    // Y S⁺ is Y V Σ⁺ Uᵀ, and Uᵀ changes no singular value.
    let columns = zip(svd.values, svd.right).filter { $0.0 > 1e-15 * top }.map { σ, v in
      var column = [Double](repeating: 0, count: y[0].count)
      for (yi, vi) in zip(y, v) { column.add(yi, times: vi / σ) }
      return column
    }
    let values = SingularValues(columns: columns).values
    guard let smallest = values.last, let largest = values.first, smallest > 0, largest.isFinite else { return nil }
    return (smallest, largest)
  }

  /// The eigenvalues with those that are too small or negative replaced by the median positive one.
  private static func positive(_ values: [Double], ratio: Double, fallback: Double) -> [Double] {
    guard let median = median(of: values.filter { $0 > 0 }) else { return values.map { _ in fallback } }
    let bound = values.reduce(0) { max($0, $1.magnitude) } / ratio
    return values.map { $0 < bound ? median : $0 }
  }
}
