import Descent

/// How a study chooses the values that it tries.
///
/// If a study searches K optimizers, each has its own space and the trials take turns: trial i is point ⌊i ÷ K⌋ of
/// space i mod K. (A grid tries all points of one space before those of the next.)
public enum SearchMethod: String, Codable, CaseIterable, Sendable {
  /// Every combination of the values; the last option's value changes fastest.
  case grid
  /// Independent uniform points: the point of trial i is drawn from substream i of the study's seed.
  case random
  /// A sequence that fills the box more evenly than random points do.
  ///
  /// It is the additive recurrence `x_j = frac(s + (j + 1) α)`, `α_k = φ_d^−k`, where `φ_d` is the positive root of
  /// `x^(d+1) = x + 1` (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences"). In one dimension it
  /// is the golden ratio's sequence, and no other is better. The start s is drawn with the study's seed (Cranley and
  /// Patterson 1976).
  case quasirandom

  /// A combination of values to try.
  struct Point: Hashable, Sendable {
    /// Index of the space.
    var space: Int
    /// One value for each dimension of the space.
    var values: [String]
  }

  /// The largest number of points that a grid may have.
  private static let most = 100_000

  /// The points of `spaces` that a study tries.
  ///
  /// - Parameters:
  ///   - spaces: One space for each optimizer.
  ///   - count: The number of points; a grid ignores it and has its own number.
  ///   - seed: The study's seed.
  /// - Throws: ``SearchError`` if a grid has too many points or a range without a number of points, or if another
  ///   search has an optimizer for which nothing varies.
  func points(in spaces: [SearchSpace], count: Int, seed: UInt64) throws(SearchError) -> [Point] {
    guard self == .grid else {
      if let constant = spaces.first(where: \.dimensions.isEmpty) { throw .nothingToSearch(constant.label) }
      return (0..<count).map { point($0, in: spaces, seed: seed) }
    }
    var points: [Point] = []
    for (i, space) in spaces.enumerated() {
      points += try Self.grid(space).map { Point(space: i, values: $0) }
      guard points.count <= Self.most else { throw Self.tooMany }
    }
    return points
  }

  private static func grid(_ space: SearchSpace) throws(SearchError) -> [[String]] {
    var total = 1
    for dimension in space.dimensions {
      guard let count = dimension.range.count else {
        throw .needsPoints(dimension.range.text, option: dimension.name)
      }
      let product = total.multipliedReportingOverflow(by: count)
      guard !product.overflow, product.partialValue <= most else { throw tooMany }
      total = product.partialValue
    }
    return (0..<total).map { number in
      var rest = number
      let values = space.dimensions.reversed().map { dimension -> String in
        let count = dimension.range.count ?? 1
        defer { rest /= count }
        return dimension.range.value(number: rest % count) ?? ""
      }
      return values.reversed()
    }
  }

  private static var tooMany: SearchError {
    .tooManyTrials(
      "the grid has more than \(most.grouped) points: take fewer points for each option, or --search random")
  }

  private func point(_ trial: Int, in spaces: [SearchSpace], seed: UInt64) -> Point {
    let space = trial % spaces.count
    let dimensions = spaces[space].dimensions
    let coordinates: [Double]
    if self == .random {
      var stream = RandomStream(seed: seed, name: "search").substream(UInt64(trial))
      coordinates = dimensions.map { _ in stream.uniform() }
    } else {
      var stream = RandomStream(seed: seed, name: "shift").substream(UInt64(space))
      let j = Double(trial / spaces.count + 1)
      coordinates = Self.recurrence(dimensions.count).map { α in
        let x = stream.uniform() + j * α
        return x - x.rounded(.down)
      }
    }
    return Point(space: space, values: zip(dimensions, coordinates).map { $0.range.value(at: $1) })
  }

  /// α of the additive recurrence in `d` dimensions. All operations are ones that IEEE 754 rounds exactly.
  static func recurrence(_ d: Int) -> [Double] {
    func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { product, _ in product * x } }
    var φ = 2.0
    // Newton's method from above, where the function is convex: it falls until rounding stops it.
    while true {
      let next = φ - (power(φ, d + 1) - φ - 1) / (Double(d + 1) * power(φ, d) - 1)
      guard next < φ else { break }
      φ = next
    }
    return (0..<d).map { k in 1 / power(φ, k + 1) }
  }
}
