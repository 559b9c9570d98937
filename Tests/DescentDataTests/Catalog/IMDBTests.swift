import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentData

@Suite struct IMDBTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let words = ["the", "film", "don't", "sci-fi", "!", ":-)", "cliché", "s", "é", ":)"]

  private func bag(_ text: String, values: IMDB.Values = .counts) -> [String: Float] {
    var bag = WordBag(Vocabulary(words.map { Array($0.utf8) }), values: values)
    var bytes = Array(text.utf8)
    var columns: [Int32] = []
    var counts: [Float] = []
    #expect(bag.count(&bytes, columns: &columns, values: &counts) == columns.count)
    #expect(columns == columns.sorted())
    return Dictionary(uniqueKeysWithValues: zip(columns.map { words[Int($0)] }, counts))
  }

  @Test func wordsAreCutAsTheVocabularysWere() {
    #expect(bag("The film, THE FILM's <br /><br />the films") == ["the": 3, "film": 2])
    #expect(bag("I don't. 'Don't'! Sci-Fi; sci-fi- the-film") == ["don't": 2, "!": 1, "sci-fi": 2])
    #expect(bag("it's the 80's film9 2the") == ["the": 1])
    #expect(bag("film:-) film:) film-:) (:") == ["film": 3, ":-)": 1, ":)": 2])
    #expect(bag("CLICHÉ cliché “film” film\u{96} film…") == ["cliché": 2, "film": 3])
    #expect(bag("the the !!", values: .binary) == ["the": 1, "!": 1])
    #expect(bag("") == [:] && bag("zzz '-' <") == [:] && bag("<b") == [:] && bag("<b>the") == ["the": 1])
  }

  @Test func anyBytesAreRead() {
    var stream = RandomStream(seed: 1, name: "bytes")
    var bag = WordBag(Vocabulary(words.map { Array($0.utf8) }), values: .counts)
    let pool = Array("the film's 'n' <br> :-) don't\u{e9}\u{201c}9".utf8) + [0, 0xC2, 0xC3, 0xE2, 0xFF]
    for _ in 0..<3000 {
      var text = (0..<stream.integer(below: 40)).map { _ in pool[stream.integer(below: pool.count)] }
      var (columns, values): ([Int32], [Float]) = ([], [])
      _ = bag.count(&text, columns: &columns, values: &values)
      #expect(columns.count == values.count && values.allSatisfy { $0 >= 1 })
    }
  }

  private func writeAll(_ sub: String = "") throws {
    try folder.write(words.joined(separator: "\n"), "\(sub)imdb.vocab")
    for (split, tag) in [("train", "the"), ("test", "film")] {
      try folder.write("\(tag) film", "\(sub)\(split)/neg/1_2.txt")
      try folder.write("\(tag) !", "\(sub)\(split)/neg/0_1.txt")
      try folder.write("", "\(sub)\(split)/pos/0_9.txt")
      try folder.write("not a review", "\(sub)\(split)/pos/.notes")
      // The file that macOS writes beside each file on a foreign disk.
      try folder.write("not a review", "\(sub)\(split)/pos/._0_9.txt")
    }
  }

  @Test(arguments: ["", "aclImdb/", "imdb/"]) func folderIsReadInOrder(sub: String) throws {
    try writeAll(sub)
    let set = try Dataset.load("imdb:words=10", from: folder.url)
    #expect(set.inputShape == [10] && set.train.labels == [0, 0, 1] && set.test.labels == [0, 0, 1])
    guard case .sparse(let rows) = set.train.all().inputs else { throw Unexpected() }
    #expect(rows.rowStarts == [0, 2, 4, 4] && rows.columns == [0, 4, 0, 1] && rows.columnCount == 10)
    guard case .sparse(let few) = try Dataset.load("imdb:words=2,values=binary", from: folder.url).test.all().inputs
    else { throw Unexpected() }
    #expect(few.rowStarts == [0, 1, 2, 2] && few.values == [1, 1])
  }

  @Test func badFoldersAreRefused() throws {
    try writeAll()
    #expect(problem { _ = try Dataset.load("imdb", from: folder.url) }?.kind == "malformedLine")
    try FileManager.default.removeItem(atPath: folder.path("test/pos/0_9.txt"))
    #expect(problem { _ = try Dataset.load("imdb:words=10", from: folder.url) }?.kind == "noExamples")
    try FileManager.default.removeItem(atPath: folder.path("test/pos"))
    #expect(throws: DataError.self) { try Dataset.load("imdb:words=10", from: folder.url) }
    try folder.write("two words\nin line\n", "imdb.vocab")
    try folder.write("", "test/pos/0_9.txt")
    #expect(problem { _ = try Dataset.load("imdb:words=1", from: folder.url) }?.kind == "malformedLine")
  }

  /// Reading 2 MB of gzip that unfold into 2 GB stops after the length of a review.
  @Test func textsThatAreTooLongAreRefused() throws {
    try writeAll()
    try folder.write(gzip([UInt8](repeating: 32, count: 50 << 20)), "train/pos/0_9.txt")
    #expect(problem { _ = try Dataset.load("imdb:words=10", from: folder.url) } == .oversized(expected: 1_000_000))
  }

  @Test func namesThatAreNotUTF8AreSaid() throws {
    try writeAll()
    let path = Array(folder.path("train/neg/").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    // macOS has no such names.
    guard descriptor >= 0 else { return }
    close(descriptor)
    guard case .unsuitable(let kind, _) = problem({ _ = try Dataset.load("imdb:words=10", from: folder.url) })
    else { throw Unexpected() }
    #expect(kind.contains("not UTF-8"))
  }

  @Test(.enabled(if: RealData.has("imdb/aclImdb_texts.tar.xz"), RealData.missing("imdb"))) func realIMDB() throws {
    let archive = RealData.root.appending(path: "imdb/aclImdb_texts.tar.xz").path(percentEncoded: false)
    try run("tar -xJf '\(archive)' -C '\(folder.path(""))'")
    let set = try Dataset.load("imdb", from: folder.url)
    for split in [set.train, set.test] {
      #expect(split.count == 25_000 && split.labels.count { $0 == 1 } == 12_500)
    }
    // The published bag of train/pos/0_9.txt, the first of the positive reviews by name (labeledBow.feat), without the
    // words past the first 10,000.
    let published = """
      0:9 1:1 2:4 3:4 4:6 5:4 6:2 7:2 8:4 10:4 12:2 26:1 27:1 28:1 29:2 32:1 41:1 45:1 47:1 50:1 54:2 57:1 59:1 63:2 \
      64:1 66:1 68:2 70:1 72:1 78:1 100:1 106:1 116:1 122:1 125:1 136:1 140:1 142:1 150:1 167:1 183:1 201:1 207:1 \
      208:1 213:1 217:1 230:1 255:1 321:5 343:1 357:1 370:1 390:2 468:1 514:1 571:1 619:1 671:1 766:1 877:1 1057:1 \
      1179:1 1192:1 1402:2 1416:1 1477:2 1940:1 1941:1 2096:1 2243:1 2285:1 2379:1 2934:1 2938:1 3520:1 3647:1 4938:1 \
      5138:4 5715:1 5726:1 5731:1 5812:1 8319:1 8567:1
      """
    guard case .sparse(let first) = set.train.batch(at: [12_500]).inputs else { throw Unexpected() }
    let counted = zip(first.columns, first.values).map { "\($0):\(Int($1))" }.joined(separator: " ")
    #expect(counted == published)
    // The vocabulary is sorted by frequency. So must our counts be, except that they lack the unlabelled reviews.
    guard case .sparse(let all) = set.train.all().inputs else { throw Unexpected() }
    var totals = [Float](repeating: 0, count: 10_000)
    for (column, value) in zip(all.columns, all.values) { totals[Int(column)] += value }
    let strangers = (100..<9900).filter { i in
      let usual = totals[(i - 60)...(i + 60)].sorted()[60]
      return totals[i] > 2.5 * usual || totals[i] < 0.3 * usual
    }
    #expect(strangers.count < 10, "\(strangers.map { ($0, totals[$0]) })")
  }
}
