import Foundation
import TestSupport
import Testing

@testable import DescentData

@Suite struct CIFAR10Tests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two records with labels `first` and 3; byte p of plane c of record i is 100 c + p + i, modulo 256.
  private func batch(_ first: UInt8) -> [UInt8] {
    ([first, 3] as [UInt8]).enumerated().flatMap { i, label in
      [label] + (0..<3).flatMap { c in (0..<1024).map { p in UInt8(truncatingIfNeeded: 100 * c + p + i) } }
    }
  }

  private func load() throws -> Dataset {
    try CIFAR10(recordsPerFile: 2).load(
      FileSearch("cifar10", in: folder.url, subfolders: ["cifar-10-batches-bin"], fetchName: "cifar10"))
  }

  private func writeAll(in subfolder: String = "") throws {
    for k in 1...5 { try folder.write(batch(UInt8(k)), "\(subfolder)data_batch_\(k).bin") }
    try folder.write(batch(9), "\(subfolder)test_batch.bin")
  }

  @Test(arguments: ["", "cifar-10-batches-bin/", "cifar10/"]) func planesBecomeChannels(subfolder: String) throws {
    try writeAll(in: subfolder)
    let set = try load()
    #expect(set.inputShape == [32, 32, 3] && set.classNames?[9] == "truck")
    #expect(set.train.labels == [1, 3, 2, 3, 3, 3, 4, 3, 5, 3] && set.test.labels == [9, 3])
    let values = try dense(set.train.batch(at: [7]))
    for p in [0, 1, 31, 32, 1023] {
      for c in 0..<3 { #expect(values[3 * p + c] == Float((100 * c + p + 1) % 256) / 255) }
    }
  }

  @Test func badFilesAreRefused() throws {
    try writeAll()
    let good = batch(2)
    for (bytes, kind) in [
      (Array(good.dropLast()), "truncated"), (good + [0], "oversized"), ([10] + good.dropFirst(), "labelOutOfRange"),
      ([], "truncated"),
    ] as [([UInt8], String)] {
      try folder.write(bytes, "data_batch_2.bin")
      #expect(problem { _ = try load() }?.kind == kind)
    }
  }

  @Test func theMissingOneOfSixIsNamed() throws {
    try writeAll()
    try FileManager.default.removeItem(atPath: folder.path("data_batch_4.bin"))
    #expect {
      try load()
    } throws: { error in
      guard case DataError.missingFile(let names, _, let fetch) = error else { return false }
      return names == ["data_batch_4.bin"] && fetch == "cifar10"
    }
  }

  @Test(.enabled(if: RealData.has("cifar10/data_batch_1.bin.xz"), RealData.missing("cifar10")))
  func realCIFAR10() throws {
    for k in 1...5 { try unpack("data_batch_\(k).bin", as: "data_batch_\(k).bin") }
    try unpack("test_batch.approx20.bin", as: "test_batch.bin")
    let set = try Dataset.load("cifar10", from: folder.url)
    #expect(set.train.count == 50_000 && set.test.count == 10_000)
    #expect((0..<10).allSatisfy { c in set.train.labels.count { $0 == c } == 5000 })
    #expect((0..<10).allSatisfy { c in set.test.labels.count { $0 == c } == 1000 })
    // The published channel means of the training set are 0.4914, 0.4822, 0.4465; every 25th image gives them to 0.01.
    let sample = try dense(set.train.batch(at: stride(from: 0, to: 50_000, by: 25).map { $0 }))
    for (c, mean) in [0.4914, 0.4822, 0.4465].enumerated() {
      let sum = stride(from: c, to: sample.count, by: 3).reduce(0.0) { $0 + Double(sample[$1]) }
      #expect(abs(sum / Double(sample.count / 3) - mean) < 0.01)
    }
  }

  private func unpack(_ name: String, as target: String) throws {
    let source = RealData.root.appending(path: "cifar10/\(name).xz").path(percentEncoded: false)
    try run("xz -dkc '\(source)' > '\(folder.path(target))'")
  }
}

/// Runs a shell command.
func run(_ command: String) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", command]
  try process.run()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0, "\(command)")
}
