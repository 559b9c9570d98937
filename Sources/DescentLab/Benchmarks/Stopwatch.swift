import Foundation

/// Times of repeated work.
enum Stopwatch {
  /// The seconds that each of `count` rounds of `body` took, shortest first.
  static func rounds(_ count: Int, _ body: () throws -> Void) rethrows -> [Double] {
    let clock = ContinuousClock()
    return try (0..<count).map { _ in
      let duration = try clock.measure(body).components
      return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
    }.sorted()
  }
}

/// `x` with three digits after the point.
func threeDigits(_ x: Double) -> String { String(format: "%.3f", x) }
