import Foundation

/// This module's readers, each called alone with the path of a file: for tests that feed them damaged files.
package enum FormatReaders {
  package static func readIDX(_ path: String) throws(DataError) {
    _ = try IDXArray(path: path, dimensions: 3)
  }

  /// Reads a whole file, gzip or not.
  package static func readBytes(_ path: String) throws(DataError) {
    let source = try ByteSource(path: path)
    while try !source.read(upTo: 1 << 16).isEmpty {}
  }

  package static func readLIBSVM(_ path: String) throws(DataError) {
    let rows = try LIBSVMRows(path: path)
    _ = try rows.split(width: rows.width, classes: Set(rows.labels).sorted())
  }

  /// Reads the CIFAR-10 folder at `path`, whose files have one record each.
  package static func readCIFAR10(_ path: String) throws(DataError) {
    var format = CIFAR10()
    format.recordsPerFile = 1
    _ = try format.load(search("cifar10", path))
  }

  /// Reads the IMDB folder at `path`, with the first `wordCount` words of its vocabulary.
  package static func readIMDB(_ path: String, wordCount: Int) throws(DataError) {
    var format = IMDB()
    format.wordCount = wordCount
    _ = try format.load(search("imdb", path))
  }

  private static func search(_ name: String, _ path: String) -> FileSearch {
    FileSearch(name, in: URL(filePath: path), subfolders: [], fetchName: nil)
  }
}
