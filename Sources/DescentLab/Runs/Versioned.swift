import Descent
import Foundation

/// The content of a JSON file whose format has a version.
///
/// Every new field needs a new version: an older program would read the file without the field, and lose the field when
/// it writes the file again.
protocol VersionedContent: Codable {
  /// The version that this program writes, which is also the newest that it can read.
  static var version: Int { get }
}

extension VersionedContent {
  /// Reads the file at `path`; returns nil if there is none.
  /// - Throws: ``RunFolderError`` if the file cannot be read, has a newer version, or holds something else.
  static func read(_ path: String) throws(RunFolderError) -> Self? {
    let bytes: [UInt8]?
    do throws(FileError) { bytes = try WholeFile.bytes(path) } catch { throw .file(error) }
    guard let bytes else { return nil }
    do { return try JSON.decode(Versioned<Self>.self, from: Data(bytes)).content } catch {
      throw .invalidConfiguration(path, reason: JSON.reason(of: error))
    }
  }
}

/// The content of a file with the version of its format. A file without a version has version 1.
struct Versioned<Content: VersionedContent>: Codable {
  let content: Content

  init(_ content: Content) { self.content = content }

  private enum Key: String, CodingKey { case version }

  /// - Throws: ``NewerVersion``, or an error in decoding.
  init(from decoder: any Decoder) throws {
    let version = try decoder.container(keyedBy: Key.self).decodeIfPresent(Int.self, forKey: .version) ?? 1
    guard version <= Content.version else { throw NewerVersion(found: version, known: Content.version) }
    content = try Content(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try content.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Content.version, forKey: .version)
  }
}

/// The error that a file has a newer format than this program knows.
struct NewerVersion: Error, CustomStringConvertible {
  let found: Int
  let known: Int

  var description: String {
    "it is of version \(found), and this program reads version \(known): go on with the newer program that wrote it"
  }
}
