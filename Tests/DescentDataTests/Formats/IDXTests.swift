import Foundation
import TestSupport
import Testing

@testable import DescentData

@Suite struct IDXTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Images of 2×3, whose bytes count up from 0.
  static func images(_ count: Int, extra: Int = 0) -> [UInt8] {
    [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 2, 0, 0, 0, 3]
      + (0..<(count * 6 + extra)).map { UInt8(truncatingIfNeeded: $0) }
  }

  static func labels(_ labels: [UInt8]) -> [UInt8] { [0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels }

  private func writeSet(
    trainImages: [UInt8] = images(4), trainLabels: [UInt8] = labels([3, 1, 4, 1]), testImages: [UInt8] = images(2),
    testLabels: [UInt8] = labels([5, 9]), suffix: String = ""
  ) throws {
    try folder.write(trainImages, "train-images-idx3-ubyte" + suffix)
    try folder.write(trainLabels, "train-labels-idx1-ubyte" + suffix)
    try folder.write(testImages, "t10k-images-idx3-ubyte" + suffix)
    try folder.write(testLabels, "t10k-labels-idx1-ubyte" + suffix)
  }

  @Test(arguments: [false, true]) func wholeSetIsRead(compressed: Bool) throws {
    let pack = compressed ? gzip : { $0 }
    try writeSet(
      trainImages: pack(Self.images(4)), trainLabels: pack(Self.labels([3, 1, 4, 1])), testImages: pack(Self.images(2)),
      testLabels: pack(Self.labels([5, 9])), suffix: compressed ? ".gz" : "")
    let set = try Dataset.load("mnist", from: folder.url)
    #expect(set.inputShape == [2, 3, 1] && set.classCount == 10)
    #expect(set.train.labels == [3, 1, 4, 1] && set.test.labels == [5, 9])
    guard case .dense(let values, let shape) = set.train.batch(at: [3, 0]).inputs else { throw Unexpected() }
    #expect(shape == [2, 2, 3, 1])
    #expect(values == (Array(18..<24) + Array(0..<6)).map { Float($0) / 255 })
  }

  @Test func membersOfGzipFollowEachOther() throws {
    let bytes = Self.images(4)
    let path = try folder.write(gzip(Array(bytes[..<20])) + gzip(Array(bytes[20...])), "two.gz")
    #expect(try IDXArray(path: path, dimensions: 3).bytes == Array(bytes[16...]))
  }

  @Test func subfoldersComeFirst() throws {
    try writeSet()
    for name in [
      "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ] {
      try folder.write(Array(try Data(contentsOf: folder.url.appending(path: name))), "fashion/\(name)")
    }
    try folder.write(Self.labels([0, 0, 0, 0]), "fashion/train-labels-idx1-ubyte")
    #expect(try Dataset.load("fashion", from: folder.url).train.labels == [0, 0, 0, 0])
    #expect(try Dataset.load("mnist", from: folder.url).train.labels == [3, 1, 4, 1])
  }

  @Test func missingFileNamesPlacesAndRemedy() throws {
    do {
      _ = try Dataset.load("mnist", from: folder.url)
      Issue.record("an empty folder was taken for MNIST")
    } catch {
      guard case .missingFile = error else { throw error }
      let text = error.description
      #expect(text.contains("train-images-idx3-ubyte") && text.contains("descent fetch mnist"))
      #expect(text.contains(folder.url.lastPathComponent))
    }
  }

  @Test(arguments: [false, true]) func badFilesAreRefused(compressed: Bool) throws {
    let good = Self.images(4)
    func problem(_ bytes: [UInt8], dimensions: Int = 3) throws -> FileProblem? {
      let path = try folder.write(compressed ? gzip(bytes) : bytes, "file")
      return DescentDataTests.problem { _ = try IDXArray(path: path, dimensions: dimensions) }
    }
    #expect(try problem(good) == nil)
    #expect(try problem(Array(good.dropLast())) == .truncated(expected: 40, actual: 39))
    #expect(try problem(good + [0]) == .oversized(expected: 40))
    #expect(try problem(Self.labels([1])) == .wrongMagic(expected: "0x00000803", actual: "0x00000801"))
    #expect(
      try problem(Array("<html>not found</html>".utf8)) == .wrongMagic(expected: "0x00000803", actual: "0x3c68746d"))
    if case .wrongMagic = try problem([]) {} else { Issue.record("an empty file was read") }
    #expect(try problem(Array(good[..<9])) == .truncated(expected: 16, actual: 9))
    #expect(try problem(Self.images(0)) == .noExamples)
    // Headers that promise 2^56 bytes or 4 GB are refused before any memory is taken.
    #expect(try problem([0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 0, 1, 0, 0]) != nil)
    #expect(try problem([0, 0, 8, 1, 255, 255, 255, 255, 1], dimensions: 1) != nil)
  }

  @Test func labelsMustFitImagesAndClasses() throws {
    try writeSet(trainLabels: Self.labels([1, 2, 3]))
    #expect(
      problem { _ = try Dataset.load("mnist", from: folder.url) }
        == .mismatch(reason: "4 images, 3 labels", other: folder.path("train-labels-idx1-ubyte")))
    try writeSet(testLabels: Self.labels([5, 10]))
    #expect(
      problem { _ = try Dataset.load("mnist", from: folder.url) }
        == .labelOutOfRange(label: 10, example: 1, classCount: 10))
    try writeSet(testImages: [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8])
    if case .mismatch = problem({ _ = try Dataset.load("mnist", from: folder.url) }) {
    } else {
      Issue.record("images of two sizes were taken together")
    }
  }

  @Test func corruptGzipIsRefused() throws {
    // Random enough that gzip cannot shrink it.
    let bytes = Self.labels((0..<200).map { UInt8($0 * 7919 % 251) })
    let good = gzip(bytes)
    func problem(_ bytes: [UInt8]) throws -> FileProblem? {
      let path = try folder.write(bytes, "file.gz")
      return DescentDataTests.problem { _ = try IDXArray(path: path, dimensions: 1) }
    }
    #expect(try problem(good) == nil)
    for (name, change) in [("checksum", good.count - 8), ("length", good.count - 4), ("data", good.count / 2)] {
      var bad = good
      bad[change] ^= 0x10
      #expect(try problem(bad) != nil, "\(name)")
    }
    if case .corruptGzip = try problem(Array(good.dropLast(3))) {} else { Issue.record("cut gzip was read") }
    if case .corruptGzip = try problem(good + [1, 2, 3]) {} else { Issue.record("bytes after gzip were read") }
  }

  /// A gzip file unfolds into 100 MB, but its header promises 6 bytes: reading stops after the 7th.
  @Test func bombIsNotUnfolded() throws {
    var bytes = Self.images(1)
    bytes += [UInt8](repeating: 0, count: 100 << 20)
    let path = try folder.write(gzip(bytes), "bomb.gz")
    #expect(problem { _ = try IDXArray(path: path, dimensions: 3) } == .oversized(expected: 22))
  }

  /// As some archives unpack MNIST: beside each file there is a folder with the file's other name.
  @Test func foldersNamedLikeFilesAreNotTakenForThem() throws {
    for (name, bytes) in [
      ("train-images", Self.images(4)), ("train-labels", Self.labels([3, 1, 4, 1])), ("t10k-images", Self.images(2)),
      ("t10k-labels", Self.labels([5, 9])),
    ] {
      let kind = name.hasSuffix("images") ? "idx3" : "idx1"
      try folder.write("", "\(name)-\(kind)-ubyte/other")
      try folder.write(bytes, "\(name).\(kind)-ubyte")
    }
    #expect(try Dataset.load("mnist", from: folder.url).train.labels == [3, 1, 4, 1])
    // A reader says that it was given a folder, whatever failed before.
    errno = ENOENT
    #expect(
      problem { _ = try IDXArray(path: folder.path("train-images-idx3-ubyte"), dimensions: 3) }
        == .unsuitable(kind: "a folder", remedy: "give the path of a file"))
  }

  /// A file with a hole of 2⁴⁰ bytes takes no room on the disk.
  @Test func filesLargerThanTheMemoryAreRefused() throws {
    let path = try folder.write([0, 0, 8, 3, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0], "large")
    // Some file systems have no such files.
    guard truncate(path, 16 + 1 << 40) == 0 else { return }
    guard case .tooLarge(let shortage) = problem({ _ = try IDXArray(path: path, dimensions: 3) }) else {
      throw Unexpected()
    }
    #expect(shortage.description.hasPrefix("1.1 TB of memory are needed"))
  }

  @Test func foldersAreNoFiles() throws {
    if case .unsuitable = problem({ _ = try IDXArray(path: folder.path(""), dimensions: 1) }) {
    } else {
      Issue.record("a folder was read")
    }
  }

  @Test(.enabled(if: RealData.has("mnist"), RealData.missing("mnist"))) func realMNIST() throws {
    let set = try Dataset.load("mnist", from: RealData.root)
    #expect(set.train.count == 60_000 && set.test.count == 10_000 && set.inputShape == [28, 28, 1])
    #expect(Array(set.train.labels.prefix(10)) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(
      (0..<10).map { c in set.test.labels.count { $0 == c } } == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
      ])
    // The published mean and standard deviation of the training pixels: 0.1307 and 0.3081.
    let values = try dense(set.train.all())
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    #expect(abs(mean - 0.1307) < 5e-5 && abs(variance.squareRoot() - 0.3081) < 5e-5)
  }
}
