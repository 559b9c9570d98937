import Foundation

/// A folder that is removed with its owner.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "descent-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The folder's path, without a slash at its end.
  public var path: String { url.path(percentEncoded: false) }

  public func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  /// The names of what is in the folder, in order.
  public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// Writes `bytes` and returns the path; makes the folders in `name`.
  @discardableResult
  public func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return path(name)
  }

  @discardableResult
  public func write(_ text: String, _ name: String) throws -> String { try write(Array(text.utf8), name) }
}
