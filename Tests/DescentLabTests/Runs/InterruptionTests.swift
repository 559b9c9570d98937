import Foundation
import Testing

@testable import DescentLab

@Suite struct InterruptionTests {
  /// Work whose pieces are long, but not too long, gets the time to end them and to save what is done.
  @Test func longPiecesGetMoreTime() {
    #expect(Interruption.grace(afterPiecesOf: 0) == 5)
    #expect(Interruption.grace(afterPiecesOf: 2) == 5)
    #expect(Interruption.grace(afterPiecesOf: 8) == 16)
    #expect(Interruption.grace(afterPiecesOf: 1e9) == 30)
  }

  @Test func theLongestPieceIsRemembered() {
    let clock = PieceClock()
    #expect(clock.longest == 0)
    clock.note()
    #expect(clock.longest == 0)
    for seconds in [0.01, 0.1, 0.001] {
      Thread.sleep(forTimeInterval: seconds)
      clock.note()
    }
    #expect(clock.longest >= 0.1)
  }
}
