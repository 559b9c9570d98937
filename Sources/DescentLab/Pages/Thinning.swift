/// Reduces a curve to fewer points, for a picture.
///
/// Each new point has the mean of neighbouring points, and also the least and the largest of them, so that no peak is
/// lost.
enum Thinning {
  struct Point: Hashable {
    var x, mean, low, high: Double
  }

  /// At most `buckets` points, each made of equally many neighbours. Numbers that are not finite are left out; a point
  /// with no other numbers is NaN.
  static func points(_ points: [(x: Double, y: Double)], buckets: Int) -> [Point] {
    let width = max(1, (points.count + buckets - 1) / buckets)
    return stride(from: 0, to: points.count, by: width).map { start in
      let part = points[start..<min(start + width, points.count)]
      let values = part.map(\.y).filter(\.isFinite)
      let x = part.reduce(0) { $0 + $1.x } / Double(part.count)
      guard let low = values.min(), let high = values.max() else {
        return Point(x: x, mean: .nan, low: .nan, high: .nan)
      }
      return Point(x: x, mean: values.reduce(0) { $0 + $1 / Double(values.count) }, low: low, high: high)
    }
  }

  /// The means alone.
  static func means(_ points: [(x: Double, y: Double)], buckets: Int) -> [(x: Double, y: Double)] {
    Thinning.points(points, buckets: buckets).map { ($0.x, $0.mean) }
  }
}
