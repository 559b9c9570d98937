import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentData

@Suite struct LIBSVMTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(_ batch: Batch) throws -> SparseRows {
    guard case .sparse(let rows) = batch.inputs else { throw Unexpected() }
    return rows
  }

  @Test(arguments: [false, true]) func rowsAreRead(compressed: Bool) throws {
    let text = "+1 1:0.5 3:-2e-1 # a comment\n-1\n\n-1 2:1\t4:12345678 \r\n+1 4:.25"
    try folder.write(compressed ? gzip(Array(text.utf8)) : Array(text.utf8), "train.txt")
    try folder.write("-1 6:1\n", "test.txt")
    let set = try Dataset.load("libsvm:train=train.txt,test=test.txt", from: folder.url)
    #expect(set.inputShape == [6] && set.classCount == 2 && set.isSparse)
    #expect(set.classNames == ["-1", "1"] && set.train.labels == [1, 0, 0, 1] && set.test.labels == [0])
    let train = try rows(set.train.all())
    #expect(train.rowStarts == [0, 2, 2, 4, 5])
    #expect(train.columns == [0, 2, 1, 3, 3] && train.values == [0.5, -0.2, 1, 12_345_678, 0.25])
    #expect(try rows(set.test.all()).columns == [5])
  }

  @Test(arguments: [[0, 1, 2], [1, 2, 3], [-1, 1], [7]]) func labelsBecomeClasses(labels: [Int]) throws {
    try folder.write(labels.reversed().map { "\($0) 1:1\n" }.joined(), "t")
    let set = try Dataset.load("libsvm:train=t", from: folder.url)
    #expect(set.train.labels == (0..<Int32(labels.count)).reversed() && set.classNames == labels.map(String.init))
    #expect(set.test.count == 0 && set.test.isSparse)
  }

  @Test func badLinesAreNamed() throws {
    for line in [
      "one 1:1", "1.5 1:1", "1,2 1:1", "+1 1", "+1 0:1", "+1 2:1 2:1", "+1 2:1 1:1", "+1 a:1", "+1 1:a", "+1 1:",
      "+1 :1", "+1 1:nan", "+1 1:inf", "+1 1:1e99", "+1 -1:1", "+1 99999999999999999999:1", "+1 200000000:1",
      "nan 1:1", "1e300 1:1", "\u{0} 1:1", "+1 qid:3 1:1",
    ] {
      let path = try folder.write("+1 1:1\n\(line)\n-1 1:1\n", "bad")
      guard case .malformedLine(2, _) = problem({ _ = try LIBSVMRows(path: path) }) else {
        Issue.record("\(line) was read")
        continue
      }
    }
    let empty = try folder.write("\n# nothing\n", "empty")
    #expect(problem { _ = try LIBSVMRows(path: empty) } == .noExamples)
    let cut = try folder.write(Array(gzip(Array("+1 1:1\n-1 2:1\n".utf8)).dropLast(4)), "cut.gz")
    #expect(problem { _ = try LIBSVMRows(path: cut) }?.kind == "corruptGzip")
  }

  /// As doubles both would be 2⁵³.
  @Test func largeLabelsAreToldApart() throws {
    try folder.write("9007199254740992 1:1\n9007199254740993 1:2\n-9223372036854775808 1:3\n1.0 1:4\n1e3 1:5\n", "t")
    let set = try Dataset.load("libsvm:train=t", from: folder.url)
    #expect(set.classNames == ["-9223372036854775808", "1", "1000", "9007199254740992", "9007199254740993"])
    #expect(set.train.labels == [3, 4, 0, 1, 2])
    for label in ["9223372036854775808", "9007199254740993.0", "1e16", "0.5"] {
      let path = try folder.write("\(label) 1:1\n", "bad")
      #expect(problem { _ = try LIBSVMRows(path: path) }?.kind == "malformedLine", "\(label)")
    }
  }

  @Test func indicesCountFromZeroWhereAsked() throws {
    try folder.write("1 0:1 2:3\n-1 1:2\n", "t")
    let set = try Dataset.load("libsvm:train=t,test=t,zerobased=true", from: folder.url)
    let train = try rows(set.train.all())
    #expect(set.inputShape == [3] && train.columns == [0, 2, 1] && train.values == [1, 3, 2])
    #expect(try rows(set.test.all()) == train)
    guard case .malformedLine(1, let reason) = problem({ _ = try Dataset.load("libsvm:train=t", from: folder.url) })
    else { throw Unexpected() }
    #expect(reason.contains("zerobased=true"))
    #expect(throws: DataError.self) { try Dataset.load("libsvm:train=t,zerobased=yes", from: folder.url) }
    let last = try folder.write("1 99999999:1\n", "last")
    #expect(try LIBSVMRows(path: last, firstIndex: 0).width == 100_000_000)
    #expect(try LIBSVMRows(path: try folder.write("1 100000000:1\n", "last")).width == 100_000_000)
    #expect(problem { _ = try LIBSVMRows(path: last, firstIndex: 0) }?.kind == "malformedLine")
  }

  @Test func pathsWithCommasStandInQuotes() throws {
    try folder.write("+1 1:1\n-1 2:1\n", "a, \"b\" (1.txt")
    let set = try Dataset.load(#"libsvm:train="a, ""b"" (1.txt",test="a, ""b"" (1.txt""#, from: folder.url)
    #expect(set.train.count == 2 && set.test.count == 2)
    #expect(throws: DataError.malformed(.unbalancedQuotes(#"libsvm:train="a"#))) {
      try Dataset.load(#"libsvm:train="a"#, from: folder.url)
    }
    #expect(throws: DataError.malformed(.repeatedOption("train", of: "libsvm:train=a,train=b"))) {
      try Dataset.load("libsvm:train=a,train=b", from: folder.url)
    }
    // The rest of a path with a comma.
    #expect(throws: DataError.malformed(.incompleteOption("b.txt", of: "libsvm:train=a,b.txt"))) {
      try Dataset.load("libsvm:train=a,b.txt", from: folder.url)
    }
  }

  /// The mark before UTF-8 is skipped; unreadable bytes are not printed.
  @Test func marksAndOtherFormatsAreKnown() throws {
    let text = Array("+1 1:1\n-1 2:1\n".utf8)
    let marked = try folder.write([0xEF, 0xBB, 0xBF] + text, "marked")
    #expect(try LIBSVMRows(path: marked).labels == [1, -1])
    for (start, kind) in [
      (Array("BZh91AY&SY".utf8), "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"),
      ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      (Array("PK\u{3}\u{4}".utf8), "zip"), ([0xFF, 0xFE, 0x31, 0], "UTF-16"),
    ] as [([UInt8], String)] {
      let path = try folder.write(start + text, "other")
      guard case .unsuitable(let said, _) = problem({ _ = try LIBSVMRows(path: path) }) else {
        Issue.record("\(kind) was read")
        continue
      }
      #expect(said.contains(kind))
    }
    let path = try folder.write([0x1B] + Array("[31m\u{200B}é\u{FEFF}".utf8) + [0xFF] + text, "bytes")
    guard case .malformedLine(1, let reason) = problem({ _ = try LIBSVMRows(path: path) }) else { throw Unexpected() }
    #expect(reason.contains(#""\u{1b}[31m\u{200b}é\u{feff}�+1""#), "\(reason)")
    let long = try folder.write(String(repeating: "x", count: 100_000), "long")
    #expect((problem { _ = try LIBSVMRows(path: long) }?.description.count ?? .max) < 300)
  }

  @Test func pipesAreRefusedAtOnce() throws {
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    guard case .unsuitable(let kind, _) = problem({ _ = try Dataset.load("libsvm:train=pipe", from: folder.url) })
    else { throw Unexpected() }
    #expect(kind.contains("pipe"))
    guard case .unsuitable("a folder", _) = problem({ _ = try Dataset.load("libsvm:train=.", from: folder.url) })
    else { throw Unexpected() }
  }

  @Test func testLabelsMustBeTrainingLabels() throws {
    try folder.write("+1 1:1\n-1 1:1\n", "a9a")
    try folder.write("+1 1:1\n0 1:1\n", "a9a.t")
    guard case .malformedLine(2, _) = problem({ _ = try Dataset.load("a9a", from: folder.url) }) else {
      Issue.record("a label that training lacks was taken")
      return
    }
  }

  /// Lines are split correctly, wherever a piece of the file ends.
  @Test func linesLongerThanAPiece() throws {
    let features = (1...400_000).map { " \($0):\($0 % 10)" }.joined()
    let path = try folder.write("+1\(features)\n-1 7:3", "long")
    let rows = try LIBSVMRows(path: path)
    #expect(rows.rowStarts == [0, 400_000, 400_001] && rows.width == 400_000)
    #expect(rows.columns.last == 6 && rows.values[399_998] == 9)
  }

  @Test(.enabled(if: RealData.has("libsvm/a9a.gz"), RealData.missing("libsvm"))) func realA9A() throws {
    let set = try Dataset.load("a9a", from: RealData.root)
    #expect(set.train.count == 32_561 && set.test.count == 16_281 && set.inputShape == [123])
    // Adult's published share of incomes over 50,000: 24.08 % of the training rows.
    #expect(set.train.labels.count { $0 == 1 } == 7841)
  }

  @Test(.enabled(if: RealData.has("libsvm/w8a.gz"), RealData.missing("libsvm"))) func realW8A() throws {
    let set = try Dataset.load("w8a", from: RealData.root)
    #expect(set.train.count == 49_749 && set.inputShape == [300])
    #expect(set.train.labels.count { $0 == 1 } == 1479)
    let starts = try rows(set.train.all()).rowStarts
    #expect(zip(starts, starts.dropFirst()).contains { $0 == $1 })
  }
}
