/// The subspace in which SFO works: an orthonormal basis that grows by a direction at a time until it is full.
///
/// A point's coordinates are always `capacity` numbers; those of directions that the basis does not have yet are zero.
struct SFOSubspace: Sendable {
  /// Elements of θ.
  let dimension: Int
  /// Directions that are kept when the basis is collapsed.
  let collapsedCount: Int
  /// The most directions.
  let capacity: Int
  /// Not used if the subspace is the whole space.
  private(set) var basis: SFOBasis
  /// A gradient whose part outside the basis, `vector` + P `weights`, is the next direction. It is computed when the
  /// basis is read next, which takes most of the time.
  private var pending: (vector: [Double], weights: [Double])?

  /// Whether the coordinates are θ's own.
  var isWhole: Bool { capacity == dimension }

  /// Whether the basis must be collapsed before it can take another direction.
  var isFull: Bool { !isWhole && basis.count + (pending == nil ? 0 : 1) >= capacity }

  /// - Parameters:
  ///   - x: The first direction, θ₀; a random one if θ₀ is zero.
  ///   - count: N, the number of subfunctions.
  init(at x: [Double], subfunctions count: Int, stream: inout RandomStream) {
    dimension = x.count
    basis = SFOBasis(dimension: x.count)
    collapsedCount = min(2 * count + 2, x.count)
    capacity = min((3 * collapsedCount + 1) / 2, x.count)
    guard !isWhole else { return }
    var first = x
    if first.norm == 0 { first = x.map { _ in stream.normal() } }
    first.scale(by: 1 / first.norm)
    basis.append(first)
  }

  /// Pᵀx.
  mutating func coordinates(of x: [Double]) -> [Double] {
    complete()
    return isWhole ? x : padded(basis.products(with: x))
  }

  /// x ← x + P z.
  mutating func add(_ z: [Double], to x: inout [Double]) {
    if isWhole { return x.add(z) }
    guard let pending else { return basis.add(z, to: &x) }
    var direction = pending.vector
    let last = basis.count
    basis.add(z, to: &x, pending.weights, to: &direction)
    append(direction)
    x.add(basis[last], times: z[last])
  }

  /// Computes the direction that is not in the basis yet.
  private mutating func complete() {
    guard let pending else { return }
    var direction = pending.vector
    basis.add(pending.weights, to: &direction)
    append(direction)
  }

  private mutating func append(_ direction: [Double]) {
    pending = nil
    var direction = direction
    direction.scale(by: 1 / direction.norm)
    basis.append(direction)
  }

  /// Adds the direction of x, unless the basis spans it. The basis must not be full.
  /// - Returns: The coordinates of x.
  mutating func take(_ x: [Double]) -> [Double] {
    if isWhole { return x }
    complete()
    let (negligible, small) = (1e-12, 0.1)
    var weights = basis.products(with: x)
    let coordinates = weights
    let length = x.norm
    guard length >= negligible, length.isFinite else { return padded(coordinates) }
    // The part of x outside the basis. It is projected again if so little is left that rounding shows.
    func square(ofLength length: Double) -> Double {
      let square = length * length - weights.norm * weights.norm
      return square > small * small * length * length ? square : 0
    }
    let outside = square(ofLength: length)
    if outside > 0 {
      pending = (x, weights.map(-))
      return padded(coordinates + [outside.squareRoot()])
    }
    var direction = x
    var before = length
    for _ in 0..<3 {
      let isOrthogonal = square(ofLength: before) > 0
      let outward = weights.map(-)
      if isOrthogonal {
        basis.add(outward, to: &direction)
      } else {
        weights = basis.addAndProject(outward, to: &direction)
      }
      before = direction.norm
      guard before >= negligible * length else { return padded(coordinates) }
      if isOrthogonal { break }
    }
    append(direction)
    return padded(coordinates + [before])
  }

  /// Collapses the basis to `collapsedCount` directions that span the points `coordinates`. If there are fewer points,
  /// random directions are added.
  ///
  /// - Returns: Q, row-major capacity × collapsedCount, which maps the old coordinates to the new ones: z ← Qᵀ z.
  mutating func collapse(holding coordinates: [[Double]], stream: inout RandomStream) -> [Double] {
    complete()
    let (k, kept) = (capacity, collapsedCount)
    var points = [Double](repeating: 0, count: k * kept)
    for j in 0..<kept {
      for i in 0..<k { points[i * kept + j] = j < coordinates.count ? coordinates[j][i] : stream.normal() }
    }
    let q = HouseholderQR(points, rows: k, columns: kept).q
    var (collapsed, square) = basis.times(DenseMatrix(q, rows: k, columns: kept))
    // Corrects rounding, which would grow from one collapse to the next: (I + E)^-½ is I − ½ E for a tiny E.
    for i in 0..<kept { square[i * kept + i] -= 1 }
    if square.contains(where: { $0.magnitude > 1e-14 }) {
      var correction = square.map { -0.5 * $0 }
      for i in 0..<kept { correction[i * kept + i] += 1 }
      collapsed = collapsed.times(DenseMatrix(correction, rows: kept, columns: kept)).basis
    }
    basis = collapsed
    return q
  }

  private func padded(_ z: [Double]) -> [Double] { z + repeatElement(0, count: capacity - z.count) }
}
