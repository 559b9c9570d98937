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
  /// Orthonormal; not used where the subspace is the whole space.
  private(set) var basis: [[Double]] = []

  /// Whether the coordinates are θ's own.
  var isWhole: Bool { capacity == dimension }

  /// - Parameters:
  ///   - x: The first direction, θ₀; a random one where it is zero.
  ///   - count: N, the number of subfunctions.
  init(at x: [Double], subfunctions count: Int, stream: inout RandomStream) {
    dimension = x.count
    collapsedCount = min(2 * count + 2, x.count)
    capacity = min((3 * collapsedCount + 1) / 2, x.count)
    guard !isWhole else { return }
    var first = x
    if first.norm == 0 { first = x.map { _ in stream.normal() } }
    let length = first.norm
    basis = [first.map { $0 / length }]
  }

  /// Pᵀx.
  func coordinates(of x: [Double]) -> [Double] {
    if isWhole { return x }
    var z = basis.map { $0.dot(x) }
    z.append(contentsOf: repeatElement(0, count: capacity - z.count))
    return z
  }

  /// P z.
  func point(at z: [Double]) -> [Double] {
    if isWhole { return z }
    var x = [Double](repeating: 0, count: dimension)
    for (direction, weight) in zip(basis, z) where weight != 0 { x.add(direction, times: weight) }
    return x
  }

  /// Takes the direction of x in, unless the basis has it.
  /// - Returns: Whether the basis is full now and must be collapsed.
  mutating func add(_ x: [Double]) -> Bool {
    let negligible = 1e-12
    let length = x.norm
    guard !isWhole, length >= negligible, length.isFinite else { return false }
    var direction = x.map { $0 / length }
    // What points out of the basis; again, if so little is left that rounding shows.
    for _ in 0..<3 {
      for other in basis { direction.add(other, times: -other.dot(direction)) }
      let rest = direction.norm
      guard rest >= negligible else { return false }
      for i in direction.indices { direction[i] /= rest }
      if rest > 0.1 { break }
    }
    basis.append(direction)
    return basis.count >= capacity
  }

  /// Collapses the basis to `collapsedCount` directions that hold the points `coordinates`, and random ones if these are
  /// fewer.
  ///
  /// - Returns: The old coordinates' map to the new ones, row-major capacity × collapsedCount: z ← Qᵀ z.
  mutating func collapse(holding coordinates: [[Double]], stream: inout RandomStream) -> [Double] {
    let (k, kept) = (capacity, collapsedCount)
    var points = [Double](repeating: 0, count: k * kept)
    for j in 0..<kept {
      for i in 0..<k { points[i * kept + j] = j < coordinates.count ? coordinates[j][i] : stream.normal() }
    }
    let q = HouseholderQR(points, rows: k, columns: kept).q
    var collapsed: [[Double]] = []
    for j in 0..<kept {
      var direction = point(at: (0..<k).map { q[$0 * kept + j] })
      // Against rounding, which would grow from one collapse to the next.
      for other in collapsed { direction.add(other, times: -other.dot(direction)) }
      let length = direction.norm
      for i in direction.indices { direction[i] /= length }
      collapsed.append(direction)
    }
    basis = collapsed
    return q
  }
}
