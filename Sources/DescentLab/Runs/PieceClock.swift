import Synchronization

/// Measures the pieces that work consists of, from one ``note()`` to the next.
///
/// One thread notes the pieces, and others may ask for the longest.
final class PieceClock: Sendable {
  private let clock = ContinuousClock()
  private let start = ContinuousClock().now
  // Both in nanoseconds; 292 years fit.
  private let last = Atomic<Int>(-1)
  private let longestPiece = Atomic<Int>(0)

  /// The seconds of the longest piece; 0 before the second note.
  var longest: Double { Double(longestPiece.load(ordering: .relaxed)) / 1e9 }

  /// Ends a piece and begins the next one.
  func note() {
    let now = Int((clock.now - start) / .nanoseconds(1))
    let before = last.exchange(now, ordering: .relaxed)
    if before >= 0, now - before > longestPiece.load(ordering: .relaxed) {
      longestPiece.store(now - before, ordering: .relaxed)
    }
  }
}
