import Descent
import Foundation

/// What a file of JSON holds whose form has a version. A new field makes a new version: a program that does not know the
/// field would read the file without it, and lose it when it writes the file again.
protocol VersionedContent: Codable {
  /// The version that this program writes, and the newest that it reads.
  static var version: Int { get }
}

extension VersionedContent {
  /// What the file at `path` holds; nil if there is none.
  /// - Throws: ``RunFolderError`` if it cannot be read, is of a newer version, or holds something else.
  static func read(_ path: String) throws(RunFolderError) -> Self? {
    let bytes: [UInt8]?
    do throws(FileError) { bytes = try WholeFile.bytes(path) } catch { throw .file(error) }
    guard let bytes else { return nil }
    do { return try JSON.decode(Versioned<Self>.self, from: Data(bytes)).content } catch {
      throw .invalidConfiguration(path, reason: JSON.reason(of: error))
    }
  }
}

/// The content of a file with the version of its form; a file without one is of version 1.
struct Versioned<Content: VersionedContent>: Codable {
  let content: Content

  init(_ content: Content) { self.content = content }

  private enum Key: String, CodingKey { case version }

  /// - Throws: ``NewerVersion``, or what decoding throws.
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

/// A file of a form that this program does not know yet.
struct NewerVersion: Error, CustomStringConvertible {
  let found: Int
  let known: Int

  var description: String {
    "it is of version \(found), and this program reads version \(known): go on with the newer program that wrote it"
  }
}
