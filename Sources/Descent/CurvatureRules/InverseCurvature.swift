/// A matrix H for each layer, positive definite, about the inverse of a curvature, that follows pairs of changes.
@usableFromInline
protocol InverseCurvature<Scalar>: Sendable {
  associatedtype Scalar: LaneScalar

  /// H v for layer i.
  func product(_ i: Int, _ v: [Double]) -> [Double]

  /// C ← V H for layer i, for a V of some rows, which may change.
  func multiply(
    _ v: UnsafeMutablePointer<Scalar>, rows: Int, layer i: Int, into c: UnsafeMutablePointer<Scalar>,
    on objective: StepObjective<Scalar>) throws

  /// H of layer i becomes one with H y = s, if it stays positive definite and bounded.
  mutating func update(_ i: Int, by pair: CurvaturePair)

  /// H of layer i becomes that of the start.
  mutating func restart(_ i: Int)
}

/// H as a matrix, by the formula of Broyden, Fletcher, Goldfarb and Shanno:
///
///     ρ = 1 / sᵀy
///     H ← H + ρ (ρ yᵀHy + 1) s sᵀ − ρ (s (H y)ᵀ + H y sᵀ)
@usableFromInline
struct InverseMatrices<Scalar: LaneScalar>: InverseCurvature {
  /// H of each layer, symmetric, row-major.
  @usableFromInline var matrices: [LaneArray<Scalar>]
  /// H = γ I at first.
  @usableFromInline let scale: Double

  @usableFromInline
  init(orders: [Int], scale γ: Double) {
    matrices = orders.map { LaneArray(zeros: [$0, $0]) }
    scale = γ
    for i in orders.indices { restart(i) }
  }

  @usableFromInline
  mutating func restart(_ i: Int) {
    let n = matrices[i].shape[0]
    var matrix = LaneArray<Scalar>(zeros: [n, n])
    for k in 0..<n { matrix[k * n + k] = Scalar.finite(scale) }
    matrices[i] = matrix
  }

  @inlinable
  func product(_ i: Int, _ v: [Double]) -> [Double] { Self.product(matrices[i], v) }

  /// M v with a symmetric M.
  @inlinable
  static func product(_ matrix: LaneArray<Scalar>, _ v: [Double]) -> [Double] {
    let n = v.count
    var result = [Double](repeating: 0, count: n)
    result.withUnsafeMutableBufferPointer { result in
      for (row, x) in v.enumerated() {
        let elements = matrix.elements + row * n
        for j in 0..<n { result[j] += x * Double(elements[j]) }
      }
    }
    return result
  }

  @inlinable
  func multiply(
    _ v: UnsafeMutablePointer<Scalar>, rows: Int, layer i: Int, into c: UnsafeMutablePointer<Scalar>,
    on objective: StepObjective<Scalar>
  ) throws {
    let n = matrices[i].shape[0]
    try objective.multiply(
      MatrixView(v, rows: rows, columns: n), MatrixView(matrices[i].elements, rows: n, columns: n), into: c)
  }

  @inlinable
  mutating func update(_ i: Int, by pair: CurvaturePair) {
    let (s, y, n) = (pair.s, pair.y, pair.s.count)
    let hy = product(i, y)
    let yHy = CurvaturePair.dot(y, hy)
    let ρ = 1 / CurvaturePair.dot(s, y)
    let c = ρ * (ρ * yHy + 1)
    // No element may be so large that a product with H could overflow. The diagonal bounds all others.
    func largest(_ x: [Double]) -> Double { x.reduce(0) { max($0, abs($1)) } }
    let diagonal = (0..<n).reduce(0.0) { max($0, abs(Double(matrices[i][$1 * n + $1]))) }
    let bound = diagonal + largest(s) * (c * largest(s) + 2 * ρ * largest(hy))
    guard yHy > 0, bound <= Double(Scalar.greatestFiniteMagnitude) / Double(n) else { return }
    let matrix = matrices[i].mutableElements()
    s.withUnsafeBufferPointer { s in
      hy.withUnsafeBufferPointer { hy in
        for row in 0..<n {
          let (elements, sr, hyr) = (matrix + row * n, s[row], hy[row])
          // In an order that leaves H symmetric to the last bit.
          for j in 0..<n {
            elements[j] = Scalar(Double(elements[j]) + (c * (sr * s[j]) - ρ * (sr * hy[j] + hyr * s[j])))
          }
        }
      }
    }
  }
}
