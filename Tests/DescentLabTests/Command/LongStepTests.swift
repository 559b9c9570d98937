import Descent
import DescentData
import Foundation
import TestSupport
import Testing

@testable import DescentLab

/// One signal ends the program even in a step, or a loading of data, that takes minutes.
@Suite struct LongStepTests {
  /// Waits until the program awaits signals and has computed for a second: its long work has begun then, on a busy machine
  /// too.
  private func awaitReadiness(of command: CommandLine) throws {
    #if os(Linux)
      while true {
        try #require(command.process.isRunning)
        let path = "/proc/\(command.process.processIdentifier)/status"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let mask = try #require(lines.first { $0.hasPrefix("SigBlk:") }).split(separator: "\t")[1]
        let isReady = UInt64(mask, radix: 16).map { $0 >> UInt64(SIGTERM - 1) & 1 == 1 } ?? false
        if isReady, try processorSeconds(of: command.process.processIdentifier) > 1 { return }
        Thread.sleep(forTimeInterval: 0.01)
      }
    #else
      Thread.sleep(forTimeInterval: 2)
    #endif
  }

  #if os(Linux)
    private func processorSeconds(of process: Int32) throws -> Double {
      // The name, in parentheses, may hold spaces; user and system time are numbers 12 and 13 behind it, in ticks.
      let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      let fields = try #require(text.split(separator: ")").last).split(separator: " ")
      let ticks = try #require(Double(fields[11])) + #require(Double(fields[12]))
      return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
  #endif

  private func writeReplay(in scratch: TemporaryFolder) throws {
    for (name, shape) in [("x0.npy", [1000, 1000]), ("g.npy", [1, 1000, 1000])] {
      var stream = RandomStream(seed: 1, name: name)
      let values = (0..<1_000_000).map { _ in Float(stream.uniform()) }
      try AtomicFile.write(
        NPYHeader.encoded(.float32, shape: shape) + values.withUnsafeBytes { Array($0) }, to: "\(scratch.path)/\(name)")
    }
  }

  @Test func endInTimeAfterOneSignal() throws {
    let scratch = try TemporaryFolder()
    try writeReplay(in: scratch)
    let long = "--model mlp:hidden=2000-2000 --optimizer muon:iterations=1000"
    let lines = [
      "train --quiet --out run --data digits:train=200,test=10 \(long)",
      "minimize --problem logisticregression --optimizer gaussiansmoothing:directionCount=1000000",
      "replay --optimizer muon:iterations=1000 --initial x0.npy --gradients g.npy --output x.npy",
      // The drawing takes long; on a machine with many processors the signal may find the first step.
      "train --quiet --out drawn --data digits:train=4000000 \(long)",
    ]
    let commands = try lines.map { try CommandLine($0.split(separator: " ").map(String.init), in: scratch.path) }
    let folder = scratch.path + "/run"
    for command in commands { try awaitReadiness(of: command) }
    while try !FileManager.default.fileExists(atPath: folder + "/metrics.csv")
      || !scratch.names().contains(where: { $0.hasSuffix(AtomicFile.temporarySuffix) })
    {
      for command in commands { try #require(command.process.isRunning) }
      Thread.sleep(forTimeInterval: 0.01)
    }
    for (command, signal) in zip(commands, [SIGTERM, SIGINT, SIGINT, SIGTERM]) {
      kill(command.process.processIdentifier, signal)
    }
    // Without an end in time the steps would last for minutes.
    let end = Date().addingTimeInterval(60)
    while commands.contains(where: \.process.isRunning), Date() < end { Thread.sleep(forTimeInterval: 0.05) }
    for command in commands where command.process.isRunning { kill(command.process.processIdentifier, SIGKILL) }
    for (line, command) in zip(lines, commands) {
      let result = try command.wait()
      #expect(command.process.terminationReason == .exit && result.status == 130, "\(line)")
      let advice = ["give the same command again\n", "with: descent train --resume --out drawn\n"]
      let expected = line.contains("--out run") ? ["with: descent train --resume --out run\n"] : advice
      #expect(result.error.contains("descent: stopped in the middle of work that did not end within "))
      #expect(expected.contains(where: result.error.hasSuffix), "\(result.error)")
    }
    // Neither temporary files nor locks remain.
    #expect(try scratch.names().filter { $0 != "drawn" } == ["g.npy", "run", "x0.npy"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix("-tmp") } == [])
    let isFree = try FileLock.take("\(folder)/.lock") != nil
    #expect(isFree)
  }
}
