/// A function of two variables on a grid over a part of the plane, and the levels of its contours.
struct ContourGrid: Sendable {
  let x, y: ClosedRange<Double>
  /// The least value on the grid.
  let least: Double
  /// The value at the i-th x and the j-th y less the least value; nil if it is not finite.
  let heights: [[Double?]]

  /// Intervals of the grid in each direction.
  let count: Int

  /// The grid over `region`. If `points` leave it, the grid covers more of the plane, up to three times its width.
  ///
  /// - Parameter count: Intervals in each direction. With too few, the contours of a narrow valley break.
  /// - Returns: nil if the function is constant on the grid or nowhere finite.
  init?(
    of function: (Double, Double) -> Double, over region: (x: ClosedRange<Double>, y: ClosedRange<Double>),
    including points: [(x: Double, y: Double)], count: Int = 100
  ) {
    self.count = count
    x = Self.range(region.x, including: points.map(\.x))
    y = Self.range(region.y, including: points.map(\.y))
    let (x, y) = (x, y)
    let values = (0...count).map { i in
      (0...count).map { j in function(Self.position(x, i, of: count), Self.position(y, j, of: count)) }
    }
    let finite = values.joined().filter(\.isFinite)
    guard let least = finite.min(), let largest = finite.max(), largest > least else { return nil }
    self.least = least
    heights = values.map { column in column.map { $0.isFinite ? $0 - least : nil } }
  }

  /// At most `count` heights for contours, in ascending order.
  ///
  /// The shares of the plane below them grow as squares, so contours are denser where the function is low, whatever its
  /// scale.
  func levels(_ count: Int) -> [Double] {
    let sorted = heights.joined().compactMap { $0 }.sorted()
    let levels = (2...(count + 1)).map { sorted[(sorted.count - 1) * $0 * $0 / ((count + 2) * (count + 2))] }
    return levels.filter { $0 > 0 }
  }

  /// The i-th x and the i-th y of the grid.
  func position(_ i: Int) -> (x: Double, y: Double) {
    (Self.position(x, i, of: count), Self.position(y, i, of: count))
  }

  private static func position(_ range: ClosedRange<Double>, _ i: Int, of count: Int) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(i) / Double(count)
  }

  private static func range(_ range: ClosedRange<Double>, including values: [Double]) -> ClosedRange<Double> {
    let width = range.upperBound - range.lowerBound
    let finite = values.filter(\.isFinite)
    let low = max(finite.min() ?? range.lowerBound, range.lowerBound - width)
    let high = min(finite.max() ?? range.upperBound, range.upperBound + width)
    return min(low, range.lowerBound)...max(high, range.upperBound)
  }
}
