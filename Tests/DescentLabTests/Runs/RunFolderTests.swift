import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct RunFolderTests {
  private let configuration = RunConfiguration(
    data: "digits", model: "mlp", optimizer: "adam:learningRate=0.001", epochs: 3, batchSize: 128, seed: .max,
    threads: 2)

  @Test func isCreatedWithItsConfiguration() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/a/b"
    #expect(try RunFolder.inspect(path) == .nothing)
    let folder = try RunFolder(path, configuration: configuration, resume: false)
    #expect(try RunFolder.inspect(path) == .run(configuration))
    #expect(folder.checkpointPath == path + "/checkpoint.safetensors")
  }

  @Test func isLockedWhileInUse() throws {
    let scratch = try TemporaryFolder()
    var folder: RunFolder? = try RunFolder(scratch.path, configuration: configuration, resume: false)
    #expect(folder != nil)
    #expect(throws: RunFolderError.inUse(scratch.path)) {
      try RunFolder(scratch.path, configuration: configuration, resume: true)
    }
    folder = nil
    _ = try RunFolder(scratch.path, configuration: configuration, resume: true)
  }

  @Test func refusesAnotherRun() throws {
    let scratch = try TemporaryFolder()
    _ = try RunFolder(scratch.path, configuration: configuration, resume: false)
    #expect(throws: RunFolderError.holdsRun(scratch.path)) {
      try RunFolder(scratch.path, configuration: configuration, resume: false)
    }
    var other = configuration
    other.epochs = 4
    #expect(throws: RunFolderError.otherConfiguration(scratch.path, difference: "--epochs 3, not 4")) {
      try RunFolder(scratch.path, configuration: other, resume: true)
    }
  }

  @Test func refusesFoldersAndFilesThatAreNoRuns() throws {
    let scratch = try TemporaryFolder()
    let file = scratch.path + "/file"
    try AtomicFile.write("x", to: file)
    #expect(throws: RunFolderError.notAFolder(file)) {
      try RunFolder(file, configuration: configuration, resume: false)
    }
    #expect(throws: RunFolderError.holdsOtherFiles(scratch.path)) {
      try RunFolder(scratch.path, configuration: configuration, resume: true)
    }
    #expect(throws: RunFolderError.file(FileError(.read, path: file + "/run", code: ENOTDIR))) {
      try RunFolder(file + "/run", configuration: configuration, resume: false)
    }
    #expect(try scratch.names() == ["file"])
  }

  @Test(arguments: [
    ("{", "it is not JSON"), ("{}", "'data' is missing"), (#"{"data": 3}"#, "'data' has a value of the wrong type"),
    (#"{"version": "x"}"#, "'version' has a value of the wrong type"),
    (
      #"{"version": 2, "data": {"name": "digits"}}"#,
      "it is of version 2, and this program reads version 1: go on with the newer program that wrote it"
    ),
  ])
  func namesWhatIsWrongWithAConfiguration(_ text: String, _ reason: String) throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/config.json"
    try AtomicFile.write(text, to: path)
    #expect(throws: RunFolderError.invalidConfiguration(path, reason: reason)) { try RunFolder.inspect(scratch.path) }
  }

  /// Values from a file have the same bounds as values from the user.
  @Test(arguments: [
    ("epochs", "9223372036854775807", "--epochs is '9223372036854775807', but must be from 1 to 1000000000"),
    ("epochs", "0", "--epochs is '0', but must be from 1 to 1000000000"),
    ("batchSize", "-9223372036854775808", "--batch is '-9223372036854775808', but must be at least 1"),
    ("threads", "0", "--threads is '0', but must be from 1 to 1024"),
  ])
  func checksTheNumbersOfAConfiguration(_ field: String, _ value: String, _ reason: String) throws {
    let scratch = try TemporaryFolder()
    _ = try RunFolder(scratch.path, configuration: configuration, resume: false)
    let path = scratch.path + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let changed = text.replacing(try Regex("\"\(field)\" : [0-9]+"), with: "\"\(field)\" : \(value)")
    #expect(changed != text)
    try AtomicFile.write(changed, to: path)
    #expect(throws: RunFolderError.invalidConfiguration(path, reason: reason)) { try RunFolder.inspect(scratch.path) }
  }

  @Test func aConfigurationWithoutABatchIsRefused() throws {
    let scratch = try TemporaryFolder()
    _ = try RunFolder(scratch.path, configuration: configuration, resume: false)
    let path = scratch.path + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try AtomicFile.write(text.replacing("\"batchSize\"", with: "\"other\""), to: path)
    #expect(throws: RunFolderError.invalidConfiguration(path, reason: "'batchSize' is missing")) {
      try RunFolder.inspect(scratch.path)
    }
  }

  @Test func aNewerConfigurationIsLeftAsItIs() throws {
    let scratch = try TemporaryFolder()
    _ = try RunFolder(scratch.path, configuration: configuration, resume: false)
    let path = scratch.path + "/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("\"version\" : 1"))
    let newer = text.replacing("\"version\" : 1", with: "\"precision\" : \"double\",\n  \"version\" : 2")
    try AtomicFile.write(newer, to: path)
    #expect(throws: RunFolderError.self) { try RunFolder(scratch.path, configuration: configuration, resume: true) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == newer)
    // Files from before versions were written count as version 1.
    let older = text.replacing(",\n  \"version\" : 1", with: "")
    #expect(older != text)
    try AtomicFile.write(older, to: path)
    _ = try RunFolder(scratch.path, configuration: configuration, resume: true)
  }

  @Test func notesAMove() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/a"
    let folder = try RunFolder(path, configuration: configuration, resume: false)
    try folder.checkPlace()
    try FileManager.default.moveItem(atPath: path, toPath: scratch.path + "/b")
    #expect(throws: RunFolderError.moved(path)) { try folder.checkPlace() }
    let other = try RunFolder(path, configuration: configuration, resume: false)
    #expect(throws: RunFolderError.moved(path)) { try folder.note(divergence: "at step 3") }
    #expect(try RunFolder.divergence(ofRunIn: path) == nil)
    // The lock moves with the folder.
    #expect(throws: RunFolderError.inUse(scratch.path + "/b")) {
      try RunFolder(scratch.path + "/b", configuration: configuration, resume: true)
    }
    try other.checkPlace()
    // Without the lock file, anyone may begin.
    try FileManager.default.removeItem(atPath: path + "/.lock")
    #expect(throws: RunFolderError.moved(path)) { try other.checkPlace() }
  }

  @Test func whatCannotBeReadIsNotNothing() throws {
    let scratch = try TemporaryFolder()
    for name in ["config.json", "diverged.txt"] {
      let path = scratch.path + "/" + name
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(throws: RunFolderError.file(FileError(.read, path: path, code: EISDIR))) {
        _ = try RunFolder.divergence(ofRunIn: scratch.path)
        _ = try RunFolder.inspect(scratch.path)
      }
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func removesWhatAKilledWriterLeft() throws {
    let scratch = try TemporaryFolder()
    let litter = scratch.path + "/.checkpoint.safetensors.1-x" + AtomicFile.temporarySuffix
    try Data("half".utf8).write(to: URL(fileURLWithPath: litter))
    _ = try RunFolder(scratch.path, configuration: configuration, resume: false)
    #expect(try scratch.names() == [".lock", "config.json"])
  }
}

@Suite struct MetricsFileTests {
  private func row(_ epoch: Int) -> EpochMetrics {
    EpochMetrics(
      epoch: epoch, step: epoch * 10, seconds: 0.1 * Double(epoch), trainLoss: 1 / Double(epoch),
      testLoss: epoch == 2 ? .nan : 0.25, learningRate: 1e-3)
  }

  @Test func keepsTheBitsAndDropsLaterRows() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/metrics.csv"
    var file = try MetricsFile(path, upTo: 0)
    for epoch in 1...3 {
      file.append(row(epoch))
      try file.write()
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      text == """
        epoch,step,seconds,train_loss,train_accuracy,test_loss,test_accuracy,learning_rate
        1,10,0.1,1.0,,0.25,,0.001
        2,20,0.2,0.5,,nan,,0.001
        3,30,0.30000000000000004,0.3333333333333333,,0.25,,0.001

        """)
    let resumed = try MetricsFile(path, upTo: 25)
    #expect(resumed.rows.map(\.epoch) == [1, 2])
    try resumed.write()
    #expect(
      try String(contentsOfFile: path, encoding: .utf8) == text.split(separator: "\n").prefix(3).joined(separator: "\n")
        + "\n")
  }

  @Test func namesTheLineThatIsNoRow() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/metrics.csv"
    let file = try MetricsFile(path, upTo: 0)
    try file.write()
    let header = try String(contentsOfFile: path, encoding: .utf8)
    try AtomicFile.write(header + "1,10,0.1,1,,,,\n2,x,0,0,,,,\n", to: path)
    #expect(throws: RunFolderError.invalidMetrics(path, line: 3)) { try MetricsFile(path, upTo: 100) }
    for row in [
      "0,10,0.1,1,,,,", "1,0,0.1,1,,,,", "9223372036854775807,10,0.1,1,,,,", "1,9223372036854775807,0.1,1,,,,",
    ] {
      try AtomicFile.write(header + row + "\n", to: path)
      #expect(throws: RunFolderError.invalidMetrics(path, line: 2)) { try MetricsFile(path, upTo: .max) }
    }
    // Epochs and steps count up.
    for row in ["1,20,0.1,1,,,,", "2,10,0.1,1,,,,"] {
      try AtomicFile.write(header + "1,10,0.1,1,,,,\n" + row + "\n", to: path)
      #expect(throws: RunFolderError.invalidMetrics(path, line: 3)) { try MetricsFile(path, upTo: .max) }
    }
    try AtomicFile.write("a,b\n", to: path)
    #expect(throws: RunFolderError.invalidMetrics(path, line: 1)) { try MetricsFile(path, upTo: 100) }
  }

  @Test func aFileThatCannotBeReadIsNoEmptyOne() throws {
    let scratch = try TemporaryFolder()
    #expect(throws: RunFolderError.file(FileError(.read, path: scratch.path, code: EISDIR))) {
      try MetricsFile(scratch.path, upTo: 0)
    }
  }
}
