import Descent
import Dispatch
import Foundation

/// The IMDB reviews of Maas et al. as bags of words, from the official folder: `imdb.vocab` (most frequent word
/// first), `train/neg/*.txt`, `train/pos/*.txt`, `test/…`. Class 0 is negative, class 1 positive.
struct IMDB {
  enum Values: String, CaseIterable {
    /// How often each word occurs.
    case counts
    /// 1 for each word that occurs.
    case binary
  }

  /// In bytes: 70 times the longest review in the data set.
  private static let longestReview = 1_000_000

  /// The first so many words of the vocabulary are counted.
  var wordCount = 10_000
  var values = Values.counts

  func load(_ search: FileSearch) throws(DataError) -> Dataset {
    let folder = try search.findFolder(containing: [
      "imdb.vocab", "train/neg/", "train/pos/", "test/neg/", "test/pos/",
    ])
    let vocabulary = try readVocabulary(folder + "/imdb.vocab")
    let train = try reviews(folder + "/train")
    let test = try reviews(folder + "/test")
    return Dataset(
      name: "imdb", classCount: 2, classNames: ["negative", "positive"],
      train: try split(train, vocabulary), test: try split(test, vocabulary))
  }

  private func readVocabulary(_ path: String) throws(DataError) -> Vocabulary {
    var words: [[UInt8]] = []
    try TextLines.read(path) { line, number throws(DataError) in
      guard number <= wordCount else { return }
      let word = line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : Array(line)
      guard !word.isEmpty, !word.contains(UInt8(ascii: " ")) else {
        throw .file(path, .malformedLine(number, reason: "there is no single word"))
      }
      words.append(word)
    }
    guard words.count == wordCount else {
      throw .file(
        path, .malformedLine(words.count, reason: "the vocabulary ends here, and \(wordCount) words are asked for"))
    }
    return Vocabulary(words)
  }

  /// The reviews in a folder's `neg` and `pos`, sorted by their names' bytes, so the order is the same everywhere.
  private func reviews(_ folder: String) throws(DataError) -> [(path: String, label: Int32)] {
    var found: [(path: String, label: Int32)] = []
    for (label, name) in ["neg", "pos"].enumerated() {
      let listing: FolderListing
      do throws(FileError) { listing = try FolderListing("\(folder)/\(name)") } catch {
        throw .file("\(folder)/\(name)", .unreadable(reason: String(cString: strerror(error.code))))
      }
      guard listing.unreadableCount == 0 else {
        throw .file(
          "\(folder)/\(name)", .unsuitable(kind: "a folder with \(listing.problem)", remedy: "rename the files"))
      }
      // Hidden files are not reviews: macOS keeps data about 0_1.txt in ._0_1.txt.
      let texts = listing.names.filter { $0.hasSuffix(".txt") && !$0.hasPrefix(".") }.sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
      guard !texts.isEmpty else { throw .file("\(folder)/\(name)", .noExamples) }
      found += texts.map { ("\(folder)/\(name)/\($0)", Int32(label)) }
    }
    return found
  }

  private struct Block: Sendable {
    var rowSizes: [Int] = []
    var columns: [Int32] = []
    var values: [Float] = []
    var failure: DataError?
  }

  private func split(_ reviews: [(path: String, label: Int32)], _ vocabulary: Vocabulary) throws(DataError) -> Split {
    let blockSize = 250
    let blockCount = (reviews.count + blockSize - 1) / blockSize
    var blocks = [Block](repeating: Block(), count: blockCount)
    blocks.withUnsafeMutableBufferPointer { blocks in
      nonisolated(unsafe) let blocks = blocks
      DispatchQueue.concurrentPerform(iterations: blockCount) { k in
        var bag = WordBag(vocabulary, values: values)
        var block = Block()
        do throws(DataError) {
          for review in reviews[(k * blockSize)..<min((k + 1) * blockSize, reviews.count)] {
            var text = try ByteSource(path: review.path).read(upTo: Self.longestReview + 1)
            guard text.count <= Self.longestReview else {
              throw .file(review.path, .oversized(expected: Self.longestReview))
            }
            block.rowSizes.append(bag.count(&text, columns: &block.columns, values: &block.values))
          }
        } catch { block.failure = error }
        blocks[k] = block
      }
    }
    if let failure = blocks.lazy.compactMap(\.failure).first { throw failure }
    var starts = [0]
    for size in blocks.lazy.flatMap(\.rowSizes) { starts.append(starts.last! + size) }
    let labels = reviews.map(\.label)
    do {
      return Split(
        rows: try SparseRows(
          rowStarts: starts, columns: blocks.flatMap(\.columns), values: blocks.flatMap(\.values),
          columnCount: wordCount),
        labels: labels)
    } catch { preconditionFailure("\(error)") }  // the bag gives each column once, in order
  }
}
