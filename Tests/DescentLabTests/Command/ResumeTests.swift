import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct ResumeTests {
  private let arguments =
    ["train", "--quiet", "--epochs", "3", "--average", "0.99", "--clip-norm", "1"]
    + ["--optimizer", "adam:lr=cosine(0.002)"] + CommandLine.small

  /// What must be equal: every bit of the checkpoint, and the metrics except the seconds.
  private struct Trace: Equatable {
    var checkpoint: Data
    var metrics: [[Substring]]

    init(_ folder: String) throws {
      checkpoint = try Data(contentsOf: URL(filePath: folder + "/checkpoint.safetensors"))
      metrics = try String(contentsOfFile: folder + "/metrics.csv", encoding: .utf8).split(separator: "\n").map {
        line in
        line.split(separator: ",", omittingEmptySubsequences: false).enumerated().filter { $0.offset != 2 }.map(
          \.element)
      }
    }
  }

  @Test("A run that was killed at any moment goes on, and ends with the same bits")
  func aKilledRunEndsWithTheSameBits() throws {
    let scratch = try TemporaryFolder()
    let start = Date()
    let whole = try CommandLine.run(arguments + ["--out", "whole"], in: scratch.path)
    try #require(whole.status == 0, "\(whole.error)")
    let duration = Date().timeIntervalSince(start)
    let expected = try Trace(scratch.path + "/whole")
    for attempt in 0..<4 {
      let out = ["--out", "killed\(attempt)", "--resume"]
      for _ in 0..<2 {
        let command = try CommandLine(arguments + out, in: scratch.path)
        Thread.sleep(forTimeInterval: .random(in: 0..<duration))
        kill(command.process.processIdentifier, SIGKILL)
        _ = try command.wait()
      }
      let last = try CommandLine.run(arguments + out, in: scratch.path)
      #expect(last.status == 0, "\(last.error)")
      #expect(try Trace(scratch.path + "/killed\(attempt)") == expected)
    }
  }

  @Test func anInterruptedRunSavesItsStepAndGoesOn() throws {
    let scratch = try TemporaryFolder()
    // Long enough that it cannot end before the signal.
    let arguments = arguments.map { $0 == "3" ? "2000" : $0 } + ["--out", "run"]
    let command = try CommandLine(arguments, in: scratch.path)
    let metrics = scratch.path + "/run/metrics.csv"
    while ((try? String(contentsOfFile: metrics, encoding: .utf8)) ?? "").split(separator: "\n").count < 2 {
      try #require(command.process.isRunning)
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(command.process.processIdentifier, SIGINT)
    #expect(try command.wait().status == 130)
    let first = try CommandLine.run(["evaluate", "run", "--json"], in: scratch.path)
    #expect(first.status == 0, "\(first.error)")
    let step = try JSONDecoder().decode(RunEvaluation.self, from: Data(first.output.utf8)).step
    #expect(step > 0)

    // After that, the run goes on like one that was never stopped; here it is stopped once more.
    let again = try CommandLine(["train", "--quiet", "--resume", "--out", "run"], in: scratch.path)
    Thread.sleep(forTimeInterval: 0.5)
    kill(again.process.processIdentifier, SIGTERM)
    #expect(try again.wait().status == 130)
    let steps = EventReader(folder: scratch.path + "/run").scalars.filter { $0.tag == "train/loss" }.map(\.step)
    #expect(steps == Array(stride(from: 10, through: 10 * steps.count, by: 10)))
  }

  @Test func aRunIsNotResumedWithOtherOptions() throws {
    let scratch = try TemporaryFolder()
    let run = ["train", "--quiet", "--epochs", "1", "--out", "run"] + CommandLine.small
    #expect(try CommandLine.run(run, in: scratch.path).status == 0)
    let before = try Trace(scratch.path + "/run")
    let second = try CommandLine.run(run, in: scratch.path)
    #expect(second.status == 1)
    #expect(second.error.contains("holds a run already"))
    let other = try CommandLine.run(run + ["--resume", "--seed", "2"], in: scratch.path)
    #expect(other.status == 1)
    #expect(other.error.contains("--seed 1, not 2"))
    #expect(try CommandLine.run(run + ["--resume"], in: scratch.path).status == 0)
    #expect(try Trace(scratch.path + "/run") == before)
  }

  @Test func aDamagedCheckpointIsRefused() throws {
    let scratch = try TemporaryFolder()
    let run = ["train", "--quiet", "--epochs", "1", "--out", "run"] + CommandLine.small
    #expect(try CommandLine.run(run, in: scratch.path).status == 0)
    let path = scratch.path + "/run/checkpoint.safetensors"
    let whole = try Data(contentsOf: URL(filePath: path))
    for count in [0, 7, 100, whole.count / 2, whole.count - 1] {
      try whole.prefix(count).write(to: URL(filePath: path))
      for command in [["evaluate", "run"], run + ["--resume"]] {
        let result = try CommandLine.run(command, in: scratch.path)
        #expect(result.status == 1, "\(count) bytes: \(result.error)")
        #expect(result.error.contains("checkpoint.safetensors"), "\(result.error)")
      }
    }
  }
}
