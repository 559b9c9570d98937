import Descent
import Foundation

/// Measures the time of repeated work.
enum Stopwatch {
  /// The seconds that each of `count` rounds of `body` took, shortest first.
  static func rounds(_ count: Int, _ body: () throws -> Void) rethrows -> [Double] {
    try (0..<count).map { _ in try seconds(of: body) }.sorted()
  }

  /// The seconds that one run of `body` takes: the median over blocks of runs. All blocks take about `duration`
  /// seconds.
  ///
  /// A block takes a millisecond, or one run if that is longer, so that the clock's precision does not matter.
  static func secondsPerRun(for duration: Double, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let once = try seconds(of: body)
    let count = max(1, Int(1e-3 / max(once, 1e-9)))
    var blocks: [Double] = []
    repeat {
      blocks.append(try seconds { for _ in 0..<count { try body() } } / Double(count))
    } while (clock.now - start) / .seconds(1) < duration
    return median(of: blocks) ?? .nan
  }

  private static func seconds(of body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
  }
}

/// `x` with three digits after the point.
func threeDigits(_ x: Double) -> String { String(format: "%.3f", x) }
