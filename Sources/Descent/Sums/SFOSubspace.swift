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

  /// Whether the coordinates are θ's own.
  var isWhole: Bool { capacity == dimension }

  /// Whether the basis must be collapsed before it can take another direction.
  var isFull: Bool { !isWhole && basis.count >= capacity }

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
  func coordinates(of x: [Double]) -> [Double] {
    isWhole ? x : padded(basis.products(with: x))
  }

  /// x ← x + P z.
  func add(_ z: [Double], to x: inout [Double]) {
    if isWhole { x.add(z) } else { basis.add(z, to: &x) }
  }

  /// Adds the direction of x, unless the basis spans it. The basis must not be full.
  /// - Returns: The coordinates of x.
  mutating func take(_ x: [Double]) -> [Double] {
    if isWhole { return x }
    let (negligible, small) = (1e-12, 0.1)
    var weights = basis.products(with: x)
    let coordinates = weights
    let length = x.norm
    guard length >= negligible, length.isFinite else { return padded(coordinates) }
    // The part of x outside the basis. It is projected again if so little is left that rounding shows.
    var direction = x
    var before = length
    for _ in 0..<3 {
      let inside = weights.norm
      let isOrthogonal = before * before - inside * inside > small * small * before * before
      for k in weights.indices { weights[k] = -weights[k] }
      if isOrthogonal {
        basis.add(weights, to: &direction)
      } else {
        weights = basis.addAndProject(weights, to: &direction)
      }
      before = direction.norm
      guard before >= negligible * length else { return padded(coordinates) }
      if isOrthogonal { break }
    }
    direction.scale(by: 1 / before)
    basis.append(direction)
    return padded(coordinates + [before])
  }

  /// Collapses the basis to `collapsedCount` directions that span the points `coordinates`. If there are fewer points,
  /// random directions are added.
  ///
  /// - Returns: Q, row-major capacity × collapsedCount, which maps the old coordinates to the new ones: z ← Qᵀ z.
  mutating func collapse(holding coordinates: [[Double]], stream: inout RandomStream) -> [Double] {
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
