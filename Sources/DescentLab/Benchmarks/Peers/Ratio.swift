import Descent

/// The ratio of two times that were measured in turn, round by round.
public struct Ratio: Hashable, Sendable {
  /// The median, least and greatest of the rounds' ratios.
  public let median, least, greatest: Double

  /// Nil if there are no rounds.
  public init?(_ times: [Double], over others: [Double]) {
    let ratios = zip(times, others).map { $0 / $1 }.filter(\.isFinite)
    guard let least = ratios.min(), let greatest = ratios.max() else { return nil }
    median = Descent.median(of: ratios) ?? .nan
    self.least = least
    self.greatest = greatest
  }

  /// "0.61–0.66".
  public var spread: String { "\(Self.text(least))–\(Self.text(greatest))" }

  /// The ratio with two digits after the point, or with two significant digits if it is below 0.1.
  static func text(_ ratio: Double) -> String { ratio < 0.1 ? significant(ratio, digits: 2) : fixed(ratio, digits: 2) }
}
