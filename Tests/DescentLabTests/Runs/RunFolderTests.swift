import Descent
import Foundation
import Testing

@testable import DescentLab

@Suite struct RunFolderTests {
  private let configuration = RunConfiguration(
    data: "digits", model: "mlp", optimizer: "adam:learningRate=0.001", epochs: 3, batchSize: 128, seed: .max,
    threads: 2)

  @Test func isCreatedWithItsConfiguration() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a/b"
    #expect(try RunFolder.inspect(path) == .nothing)
    let folder = try RunFolder(path, configuration: configuration, resume: false)
    #expect(try RunFolder.inspect(path) == .run(configuration))
    #expect(folder.checkpointPath == path + "/checkpoint.safetensors")
  }

  @Test func isLockedWhileInUse() throws {
    let scratch = try Scratch()
    var folder: RunFolder? = try RunFolder(scratch.path, configuration: configuration, resume: false)
    #expect(folder != nil)
    #expect(throws: RunFolderError.inUse(scratch.path)) {
      try RunFolder(scratch.path, configuration: configuration, resume: true)
    }
    folder = nil
    _ = try RunFolder(scratch.path, configuration: configuration, resume: true)
  }

  @Test func refusesAnotherRun() throws {
    let scratch = try Scratch()
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
    let scratch = try Scratch()
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
  ])
  func namesWhatIsWrongWithAConfiguration(_ text: String, _ reason: String) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/config.json"
    try AtomicFile.write(text, to: path)
    #expect(throws: RunFolderError.invalidConfiguration(path, reason: reason)) { try RunFolder.inspect(scratch.path) }
  }

  @Test func removesWhatAKilledWriterLeft() throws {
    let scratch = try Scratch()
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
    let scratch = try Scratch()
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
    let scratch = try Scratch()
    let path = scratch.path + "/metrics.csv"
    let file = try MetricsFile(path, upTo: 0)
    try file.write()
    let header = try String(contentsOfFile: path, encoding: .utf8)
    try AtomicFile.write(header + "1,10,0.1,1,,,,\n2,x,0,0,,,,\n", to: path)
    #expect(throws: RunFolderError.invalidMetrics(path, line: 3)) { try MetricsFile(path, upTo: 100) }
    try AtomicFile.write("a,b\n", to: path)
    #expect(throws: RunFolderError.invalidMetrics(path, line: 1)) { try MetricsFile(path, upTo: 100) }
  }
}
