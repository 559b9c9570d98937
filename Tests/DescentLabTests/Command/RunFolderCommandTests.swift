import Foundation
import TestSupport
import Testing

@testable import DescentLab

/// No part of a run is lost, and no two runs are mixed, without an error.
@Suite(.enabled(if: CommandLine.path != nil, "the command was not built")) struct RunFolderCommandTests {
  private func train(_ options: [String], out: String = "a") -> [String] {
    ["train", "--quiet", "--epochs", "1", "--out", out] + options + CommandLine.small
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func metricsThatCannotBeReadAreLeftAsTheyAre() throws {
    let scratch = try TemporaryFolder()
    #expect(try CommandLine.run(train([]), in: scratch.path).status == 0)
    let path = scratch.path + "/a/metrics.csv"
    try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let result = try CommandLine.run(train(["--resume"]), in: scratch.path)
    #expect(
      result.status == 1 && result.error.contains("cannot read 'a/metrics.csv': it is a folder"), "\(result.error)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
  }

  @Test(.enabled(if: CommandLine.canDropPrivileges, "this user may read everything"))
  func filesThatAreClosedToTheUserAreLeftAsTheyAre() throws {
    let scratch = try TemporaryFolder()
    try CommandLine.giveToNobody(scratch.path)
    func run(_ options: [String]) throws -> CommandLine.Result {
      try CommandLine(train(options), in: scratch.path, asNobody: true).wait()
    }
    let first = try run([])
    #expect(first.status == 0, "\(first.error)")
    for name in ["metrics.csv", "config.json", "checkpoint.safetensors"] {
      let path = scratch.path + "/a/" + name
      let before = try Data(contentsOf: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      let result = try run(["--resume"])
      #expect(result.status == 1 && result.error.contains("a/\(name)"), "\(result.error)")
      #expect(try run([]).status == 1)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }
    // A folder whose names cannot be read is not an empty one.
    try FileManager.default.removeItem(atPath: scratch.path + "/a/config.json")
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/a").sorted()
    try FileManager.default.setAttributes([.posixPermissions: 0o300], ofItemAtPath: scratch.path + "/a")
    let result = try run(["--resume"])
    #expect(result.status == 1 && result.error.contains("cannot read 'a'"), "\(result.error)")
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: scratch.path + "/a")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/a").sorted() == names)
  }

  @Test func aFileThatIsReplacedKeepsItsPermissions() throws {
    let scratch = try TemporaryFolder()
    #expect(try CommandLine.run(train([]), in: scratch.path).status == 0)
    let paths = ["config.json", "metrics.csv", "checkpoint.safetensors"].map { scratch.path + "/a/" + $0 }
    for path in paths { try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path) }
    // Another number of threads, so that the configuration is written again.
    #expect(try CommandLine.run(train(["--resume", "--threads", "3"]), in: scratch.path).status == 0)
    #expect(try RunConfiguration(contentsOf: paths[0])?.threads == 3)
    for path in paths {
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600, "\(path)")
    }
  }

  /// If a run's folder is moved, the run does not write into a folder that takes its place.
  @Test func aRunDoesNotFollowItsPathIntoAnotherRun() throws {
    let scratch = try TemporaryFolder()
    let first = try CommandLine(train(["--epochs", "100000", "--seed", "5"]), in: scratch.path)
    // The second row comes after the checkpoint of the first epoch.
    while ((try? text(scratch.path + "/a/metrics.csv")) ?? "").split(separator: "\n").count < 3 {
      try #require(first.process.isRunning)
      Thread.sleep(forTimeInterval: 0.01)
    }
    try FileManager.default.moveItem(atPath: scratch.path + "/a", toPath: scratch.path + "/b")
    let second = try CommandLine.run(train(["--seed", "6"]), in: scratch.path)
    let ended = try first.wait()
    #expect(ended.status == 1 && ended.error.contains("'a' was moved away"), "\(ended.error)")
    #expect(second.status == 0, "\(second.error)")
    #expect(try RunFolder.configuration(ofRunIn: scratch.path + "/a").seed == 6)
    #expect(try MetricsFile(scratch.path + "/a/metrics.csv", upTo: .max).rows.count == 1)
    let alone = try CommandLine.run(train(["--seed", "6"], out: "c"), in: scratch.path)
    #expect(alone.status == 0)
    func checkpoint(_ name: String) throws -> Data {
      try Data(contentsOf: URL(filePath: scratch.path + "/\(name)/checkpoint.safetensors"))
    }
    #expect(try checkpoint("a") == checkpoint("c"))
    // The moved run works in its new place.
    let moved = try CommandLine.run(["evaluate", "b"], in: scratch.path)
    #expect(moved.status == 0, "\(moved.error)")
  }

  @Test func aRunThatStartsAgainSaysSo() throws {
    let scratch = try TemporaryFolder()
    #expect(try CommandLine.run(train(["--epochs", "2"]), in: scratch.path).status == 0)
    try FileManager.default.removeItem(atPath: scratch.path + "/a/checkpoint.safetensors")
    let result = try CommandLine.run(["train", "--resume", "--out", "a"], in: scratch.path)
    #expect(result.status == 0)
    #expect(result.error.contains("there is no checkpoint: the run starts again, and does 2 epochs once more"))
  }

  @Test func aCheckpointOfAnotherRateIsRefused() throws {
    let scratch = try TemporaryFolder()
    for (out, rate) in [("a", "0.001"), ("b", "0.1")] {
      #expect(try CommandLine.run(train(["--optimizer", "adam:lr=\(rate)"], out: out), in: scratch.path).status == 0)
    }
    let names = ["a", "b"].map { URL(filePath: scratch.path + "/\($0)/checkpoint.safetensors") }
    try Data(contentsOf: names[1]).write(to: names[0])
    let result = try CommandLine.run(["train", "--resume", "--out", "a"], in: scratch.path)
    #expect(
      result.status == 1 && result.error.contains("of a run of adam with learningRate 0.1, not 0.001"),
      "\(result.error)")
  }
}
