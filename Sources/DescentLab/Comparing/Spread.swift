/// A number that was measured several times: mean, standard deviation, smallest and largest.
public struct Spread: Hashable, Sendable {
  public let values: [Double]

  /// Returns nil if there are no values, or if one is missing.
  public init?(_ values: [Double?]) {
    let present = values.compactMap { $0 }
    guard !present.isEmpty, present.count == values.count else { return nil }
    self.values = present
  }

  public var mean: Double { values.reduce(0, +) / Double(values.count) }
  public var low: Double { values.reduce(.infinity) { $0.isNaN || $1.isNaN ? .nan : min($0, $1) } }
  public var high: Double { values.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) } }

  /// The sample's standard deviation, with a divisor of one less than the number of values; 0 for a single value.
  public var deviation: Double {
    guard values.count > 1 else { return 0 }
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  /// "0.1234 ± 0.0021", or the number alone if there is one.
  public func text(digits: Int, scale: Double = 1) -> String {
    let text = fixed(scale * mean, digits: digits)
    return values.count > 1 && mean.isFinite ? "\(text) ± \(fixed(scale * deviation, digits: digits))" : text
  }
}
