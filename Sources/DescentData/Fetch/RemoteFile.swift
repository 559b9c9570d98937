import Foundation

/// A file of a data set, with the addresses where its authors, or others, offer the same bytes.
struct RemoteFile: Sendable {
  enum Check: Sendable {
    /// The checksum its authors publish.
    case md5(String)
    /// If no checksum is published: the number of rows that its authors state.
    case libsvmRows(Int)
  }

  /// Its name in the cache, and the addresses where it is offered; the first that works is used.
  var name: String
  var mirrors: [URL]
  var check: Check
  /// For a tar archive: the name of the file or folder in it. Only that is kept after unpacking.
  var unpacked: String?

  /// A file of the same name at each of `bases`.
  init(_ name: String, at bases: [String], _ check: Check, unpacked: String? = nil) {
    self.init(
      name: name, mirrors: bases.map { URL(string: $0)!.appending(path: name) }, check: check, unpacked: unpacked)
  }

  init(name: String, mirrors: [URL], check: Check, unpacked: String? = nil) {
    self.name = name
    self.mirrors = mirrors
    self.check = check
    self.unpacked = unpacked
  }

  /// What is wrong with the file at `path`; nil if it is the right one.
  func problem(at path: String) throws(DataError) -> DownloadProblem? {
    switch check {
    case .md5(let expected):
      let actual = try MD5.ofFile(path)
      return actual == expected ? nil : .wrongChecksum(expected: expected, actual: actual)
    case .libsvmRows(let expected):
      do throws(DataError) {
        let actual = try LIBSVMRows(path: path).labels.count
        return actual == expected ? nil : .wrongContents(reason: "it has \(actual) rows, not \(expected)")
      } catch { return .wrongContents(reason: error.description) }
    }
  }
}
