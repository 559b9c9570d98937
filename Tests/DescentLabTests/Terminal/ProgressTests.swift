import Synchronization
import Testing

@testable import DescentLab

/// Keeps the written text for a test.
final class Transcript {
  var text: [String] = []
}

@Suite struct ProgressTests {
  private let progress = Progress(
    epoch: 2, epochs: 3, step: 50, stepsPerEpoch: 100, loss: 0.12345, accuracy: 0.9631, stepsPerSecond: 20)

  @Test func showsEverythingWhereThereIsRoom() {
    let line = progress.line(width: 100, utf8: true)
    #expect(line.count <= 99)
    #expect(line.hasPrefix("epoch 2/3  ▕██"))
    // 150 steps are left, at 20 steps a second.
    #expect(line.hasSuffix("loss 0.1235  accuracy 96.31 %  20 steps/s  0:08 left"))
    #expect(!progress.line(width: 100, utf8: false).contains { !$0.isASCII })
  }

  @Test func leavesOutWhatDoesNotFit() {
    for width in 0...200 {
      let line = progress.line(width: width, utf8: true)
      #expect(line.count <= max(0, width - 1))
      if width > 30 { #expect(line.contains("loss 0.1235")) }
    }
  }

  @Test(arguments: [
    (0.0, "▕    ▏"), (0.5, "▕██  ▏"), (0.28125, "▕█▏  ▏"), (1.0, "▕████▏"), (2.0, "▕████▏"), (-1, "▕    ▏"),
  ])
  func barIsExactToAnEighth(_ fraction: Double, _ expected: String) {
    #expect(Progress.bar(fraction, cells: 4, utf8: true) == expected)
  }

  @Test(arguments: [(0.2, "0:01"), (75, "1:15"), (3600, "1:00:00"), (90_000, "1 d 1 h"), (.infinity, "∞")])
  func clockReads(_ seconds: Double, _ expected: String) { #expect(Progress.clock(seconds) == expected) }

  @Test func terminalIsRedrawnAtMostTenTimesASecond() {
    let transcript = Transcript()
    let bar = ProgressBar(style: .line(width: { 80 }, utf8: true)) { transcript.text.append($0) }
    var progress = progress
    for i in 0..<1000 {
      progress.step = i / 20
      bar.update(progress, at: Double(i) / 1000)
    }
    #expect((9...11).contains(transcript.text.count))
    #expect(transcript.text.allSatisfy { $0.hasPrefix("\r") && $0.hasSuffix("\u{1B}[K") && !$0.contains("\n") })
    bar.note("hello")
    #expect(transcript.text.last == "\r\u{1B}[Khello\n")
    bar.update(progress, at: 2)
    bar.finish()
    bar.finish()
    #expect(transcript.text.last == "\n")
    #expect(transcript.text.count { $0 == "\n" } == 1)
  }

  @Test func elsewhereALineComesNowAndThen() {
    let transcript = Transcript()
    let bar = ProgressBar(style: .plain(interval: 10)) { transcript.text.append($0) }
    for second in 0..<60 { bar.update(progress, at: Double(second)) }
    bar.finish()
    #expect(transcript.text.count == 5)
    #expect(transcript.text[0] == "epoch 2/3  step 50/100  loss 0.1235  accuracy 96.31 %  20 steps/s  0:08 left\n")
  }

  @Test func silenceIsSilent() {
    let transcript = Transcript()
    let bar = ProgressBar(style: .silent) { transcript.text.append($0) }
    bar.update(progress, at: 0)
    bar.note("x")
    bar.finish()
    #expect(transcript.text.isEmpty)
  }

  @Test func speedFollowsChangesAndSkipsPauses() throws {
    var speed = Speedometer()
    speed.note(step: 0, at: 0)
    #expect(speed.stepsPerSecond == nil)
    for i in 1...100 { speed.note(step: i, at: Double(i) * 0.1) }
    #expect(abs(try #require(speed.stepsPerSecond) - 10) < 1e-9)
    speed.pause()
    speed.note(step: 100, at: 1000)
    #expect(abs(try #require(speed.stepsPerSecond) - 10) < 1e-9)
    for i in 1...1000 { speed.note(step: 100 + i, at: 1000 + Double(i) * 0.05) }
    #expect(abs(try #require(speed.stepsPerSecond) - 20) < 0.1)
  }
}
