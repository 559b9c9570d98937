/// H of each layer from its last pairs alone: limited-memory BFGS, which starts from γ I (Nocedal 1980).
///
/// With no more updates than pairs it is the H of ``InverseMatrices`` without the matrix.
@usableFromInline
struct CurvaturePairs<Scalar: LaneScalar>: InverseCurvature {
  /// s and y of each layer, a row for each pair, the oldest first; zeros where there is no pair yet.
  @usableFromInline var points, gradients: [LaneArray<Scalar>]
  /// γ.
  @usableFromInline let scale: Double

  @usableFromInline
  init(orders: [Int], history: Int, scale γ: Double) {
    points = orders.map { LaneArray(zeros: [history, $0]) }
    gradients = points
    scale = γ
  }

  @usableFromInline
  mutating func restart(_ i: Int) {
    points[i] = LaneArray(zeros: points[i].shape)
    gradients[i] = points[i]
  }

  /// The pairs of layer i, the oldest first, and sᵀy of each.
  @inlinable
  func pairs(_ i: Int) -> (pairs: [CurvaturePair], sy: [Double]) {
    let (history, n) = (points[i].shape[0], points[i].shape[1])
    var (pairs, products): ([CurvaturePair], [Double]) = ([], [])
    for row in 0..<history {
      let range = row * n..<(row + 1) * n
      let pair = CurvaturePair(s: range.map { Double(points[i][$0]) }, y: range.map { Double(gradients[i][$0]) })
      let sy = CurvaturePair.dot(pair.s, pair.y)
      guard sy > 0 else { break }
      pairs.append(pair)
      products.append(sy)
    }
    return (pairs, products)
  }

  /// The recursion's two loops:
  ///
  ///     q = v;   from the newest pair:  αₖ = sₖᵀq / sₖᵀyₖ,  q ← q − αₖ yₖ
  ///     r = γ q; from the oldest pair:  r ← r + (αₖ − yₖᵀr / sₖᵀyₖ) sₖ
  @inlinable
  func product(_ i: Int, _ v: [Double]) -> [Double] {
    let (pairs, sy) = pairs(i)
    var (r, α) = (v, sy)
    for (k, pair) in pairs.enumerated().reversed() {
      α[k] = CurvaturePair.dot(pair.s, r) / sy[k]
      r = zip(r, pair.y).map { $0 - α[k] * $1 }
    }
    r = r.map { scale * $0 }
    for (k, pair) in pairs.enumerated() {
      let γ = α[k] - CurvaturePair.dot(pair.y, r) / sy[k]
      r = zip(r, pair.s).map { $0 + γ * $1 }
    }
    return r
  }

  /// The same two loops for all rows of V at once, by matrix products: with S and Y of a row for each pair, and the
  /// products B = S Yᵀ,
  ///
  ///     αₖ = (S Vᵀ − Σ_{j>k} Bₖⱼ αⱼ) / Bₖₖ,   V ← γ (V − αᵀ Y)
  ///     βₖ = αₖ − (Y Vᵀ + Σ_{j<k} Bⱼₖ βⱼ) / Bₖₖ,  V ← V + βᵀ S
  @inlinable
  func multiply(
    _ v: UnsafeMutablePointer<Scalar>, rows: Int, layer i: Int, into c: UnsafeMutablePointer<Scalar>,
    on objective: StepObjective<Scalar>
  ) throws {
    let (n, sy) = (points[i].shape[1], pairs(i).sy)
    let count = sy.count
    c.update(from: v, count: rows * n)
    let s = MatrixView(points[i].elements, rows: count, columns: n)
    let y = MatrixView(gradients[i].elements, rows: count, columns: n)
    let matrix = MatrixView(c, rows: rows, columns: n)
    try withTemporaryMemory(of: Scalar.self, count: count * (2 * rows + count)) { memory in
      guard count > 0, let α = memory.baseAddress else {
        scaleRows(c, count: rows * n, by: scale)
        return
      }
      let (β, b) = (α + count * rows, α + 2 * count * rows)
      try objective.multiply(s, y.transposed, into: b)
      try objective.multiply(s, matrix.transposed, into: α)
      for k in (0..<count).reversed() {
        for j in k + 1..<count { Self.add(α + j * rows, times: b[k * count + j], to: α + k * rows, count: rows) }
        // The loop above and the product below subtract: α has the opposite sign.
        scaleRows(α + k * rows, count: rows, by: -1 / sy[k])
      }
      try objective.multiply(MatrixView(α, rows: count, columns: rows).transposed, y, into: c, adds: true)
      scaleRows(c, count: rows * n, by: scale)
      try objective.multiply(y, matrix.transposed, into: β)
      for k in 0..<count {
        for j in 0..<k { Self.add(β + j * rows, times: b[j * count + k], to: β + k * rows, count: rows) }
        scaleRows(β + k * rows, count: rows, by: -1 / sy[k])
        Self.add(α + k * rows, times: -1, to: β + k * rows, count: rows)
      }
      try objective.multiply(MatrixView(β, rows: count, columns: rows).transposed, s, into: c, adds: true)
    }
  }

  /// y ← y + a x
  @inlinable
  static func add(_ x: UnsafePointer<Scalar>, times a: Scalar, to y: UnsafeMutablePointer<Scalar>, count: Int) {
    for i in 0..<count { y[i] += a * x[i] }
  }

  /// x ← a x
  @inlinable
  func scaleRows(_ x: UnsafeMutablePointer<Scalar>, count: Int, by a: Double) {
    let a = Scalar.finite(a)
    for i in 0..<count { x[i] *= a }
  }

  @inlinable
  mutating func update(_ i: Int, by pair: CurvaturePair) {
    let (history, n) = (points[i].shape[0], points[i].shape[1])
    let (s, y) = (pair.s.map { Scalar($0) }, pair.y.map { Scalar($0) })
    // Rounding may have taken the curvature away.
    let sy = CurvaturePair.dot(s.map { Double($0) }, y.map { Double($0) })
    guard sy > 0, sy.isFinite, Scalar(1 / sy).isFinite else { return }
    var row = pairs(i).sy.count
    let (points, gradients) = (points[i].mutableElements(), gradients[i].mutableElements())
    if row == history {
      row -= 1
      points.update(from: points + n, count: row * n)
      gradients.update(from: gradients + n, count: row * n)
    }
    (points + row * n).update(from: s, count: n)
    (gradients + row * n).update(from: y, count: n)
  }
}
