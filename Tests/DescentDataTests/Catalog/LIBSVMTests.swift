import Descent
import Foundation
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

  @Test func testLabelsMustBeTrainingLabels() throws {
    try folder.write("+1 1:1\n-1 1:1\n", "a9a")
    try folder.write("+1 1:1\n0 1:1\n", "a9a.t")
    guard case .malformedLine(2, _) = problem({ _ = try Dataset.load("a9a", from: folder.url) }) else {
      Issue.record("a label that training lacks was taken")
      return
    }
  }

  /// Lines are cut right wherever the file is read piece by piece.
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
