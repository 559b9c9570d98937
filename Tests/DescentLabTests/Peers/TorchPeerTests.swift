import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct TorchPeerTests {
  /// A peer that is a shell script: it greets, then runs `body` for each line that it reads.
  private func peer(_ body: String, in scratch: TemporaryFolder) throws -> TorchPeer {
    let path = scratch.path + "/peer.sh"
    try "echo '{\"version\": \"1.2\"}'; while read line; do \(body); done\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    return try TorchPeer(python: "/bin/sh", script: path)
  }

  @Test func asksAndReadsAnswers() throws {
    let scratch = try TemporaryFolder()
    let peer = try peer(
      "case $line in *prepare*) echo '{\"setting\": \"fused\", \"tried\": {\"fused\": 0.5}, \"compiled\": false}';; "
        + "*measure*) echo '{\"seconds\": 0.25}';; *) echo '{\"error\": \"no\"}';; esac", in: scratch)
    #expect(peer.version == "1.2")
    let answer = try peer.ask(TorchPeer.Request(do: "prepare", work: "step", method: "adam"), timeout: 10)
    #expect(answer.setting == "fused" && answer.tried == ["fused": 0.5] && answer.compiled == false)
    #expect(try peer.ask(TorchPeer.Request(do: "measure"), timeout: 10).seconds == 0.25)
    #expect(throws: TorchError.failed("no")) { try peer.ask(TorchPeer.Request(do: "other"), timeout: 10) }
  }

  @Test func theProcessIsStartedAnewWhenItHasEnded() throws {
    let scratch = try TemporaryFolder()
    let peer = try peer("case $line in *prepare*) exit;; *) echo '{\"seconds\": 1}';; esac", in: scratch)
    #expect(throws: TorchError.self) { try peer.ask(TorchPeer.Request(do: "prepare"), timeout: 10) }
    #expect(try peer.ask(TorchPeer.Request(do: "measure"), timeout: 10).seconds == 1)
  }

  @Test func doesNotWaitForEver() throws {
    let scratch = try TemporaryFolder()
    let peer = try peer("sleep 60", in: scratch)
    #expect(throws: TorchError.failed("no answer within 0 s")) {
      try peer.ask(TorchPeer.Request(do: "measure"), timeout: 0.05)
    }
  }

  @Test func whatPyTorchRefusesIsInTheResult() throws {
    let scratch = try TemporaryFolder()
    let peer = try peer("echo '{\"error\": \"ValueError: no\"}'", in: scratch)
    let comparison = PeerComparison(rounds: 2, seconds: 0.001, compiles: true, peer: peer)
    let result = try comparison.run(
      BenchmarkCase("adam", .step(OptimizerStep("adam", parameters: 100)), peer: "adam", target: 0.6))
    #expect(result.refused == ["torch": "PyTorch: ValueError: no"])
    #expect(result.seconds[.ours]?.count == 2 && result.seconds[.floor]?.count == 2 && result.isMet == nil)
  }

  @Test func saysWhatIsMissing() throws {
    let scratch = try TemporaryFolder()
    #expect(throws: TorchError.noPython("/missing/python")) { try TorchPeer(python: "/missing/python", script: "x") }
    #expect(throws: TorchError.noScript("/missing.py")) { try TorchPeer(python: "/bin/sh", script: "/missing.py") }
    try "exit 1".write(toFile: scratch.path + "/peer.sh", atomically: true, encoding: .utf8)
    #expect(throws: TorchError.noTorch("/bin/sh")) {
      try TorchPeer(python: "/bin/sh", script: scratch.path + "/peer.sh")
    }
    #expect(TorchError.noTorch("python3").description.contains("DESCENT_PYTHON"))
  }

  @Test func linesComeWholeHoweverTheyArrive() throws {
    let pipe = Pipe()
    var reader = LineReader(pipe.fileHandleForReading.fileDescriptor)
    try pipe.fileHandleForWriting.write(contentsOf: Data("one\ntw".utf8))
    #expect(try reader.line(timeout: 5) == "one")
    #expect(throws: LineReader.Failure.late) { try reader.line(timeout: 0.01) }
    try pipe.fileHandleForWriting.write(contentsOf: Data("o\n\nthree".utf8))
    #expect(try reader.line(timeout: 5) == "two")
    #expect(try reader.line(timeout: 5) == "")
    try pipe.fileHandleForWriting.close()
    #expect(throws: LineReader.Failure.ended) { try reader.line(timeout: 5) }
  }

  private static let python = ProcessInfo.processInfo.environment["DESCENT_PYTHON"]

  /// With PyTorch itself, if it is installed.
  @Test(.enabled(if: python != nil))
  func pyTorchStepsAndTrains() throws {
    let script = URL(filePath: #filePath).appending(path: "../../../../Scripts/torch-peer.py").standardizedFileURL
    let peer = try TorchPeer(script: script.path(percentEncoded: false))
    let comparison = PeerComparison(rounds: 2, seconds: 0.01, compiles: false, peer: peer)
    let step = try comparison.run(
      BenchmarkCase("nadam", .step(OptimizerStep("nadam", parameters: 1000)), peer: "nadam", target: 0.15))
    #expect(step.setting != nil && step.refused.isEmpty && step.ratio(to: .eager) != nil)
    let training = try comparison.run(BenchmarkCase.trainings(threads: 1)[1])
    #expect(Set(training.tried.keys) == ["coo", "csr", "embedding_bag", "dense"])
    #expect(training.seconds[.eager]?.count == 2)
  }
}
