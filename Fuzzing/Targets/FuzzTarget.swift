import Descent
import Foundation

/// A reader of files or texts from outside, with valid inputs to begin from.
///
/// Whatever the input, a reader reads it or throws an error with a message. It never traps, and it ends soon.
public struct FuzzTarget: Sendable, CustomStringConvertible {
  public let name: String
  /// Makes inputs that are read without an error, in a folder of their own.
  public let seeds: @Sendable (_ folder: String) throws -> [[UInt8]]
  /// Reads `input` in a folder that ``prepare`` has filled.
  private let read: @Sendable (_ input: [UInt8], _ folder: String) throws -> Void
  private let prepare: @Sendable (_ folder: String) throws -> Void

  init(
    _ name: String, prepare: @escaping @Sendable (_ folder: String) throws -> Void = { _ in },
    seeds: @escaping @Sendable (_ folder: String) throws -> [[UInt8]],
    read: @escaping @Sendable (_ input: [UInt8], _ folder: String) throws -> Void
  ) {
    (self.name, self.prepare, self.seeds, self.read) = (name, prepare, seeds, read)
  }

  /// A reader of a file.
  init(
    file name: String, prepare: @escaping @Sendable (_ folder: String) throws -> Void = { _ in },
    as fileName: String = "input", seeds: @escaping @Sendable (_ folder: String) throws -> [[UInt8]],
    read: @escaping @Sendable (_ path: String, _ folder: String) throws -> Void
  ) {
    self.init(name, prepare: prepare, seeds: seeds) { input, folder in
      let path = "\(folder)/\(fileName)"
      try write(input, to: path)
      try read(path, folder)
    }
  }

  /// A reader of a text.
  init(text name: String, seeds: [String], read: @escaping @Sendable (_ text: String) throws -> Void) {
    self.init(name, seeds: { _ in seeds.map { Array($0.utf8) } }) { input, _ in
      try read(String(decoding: input, as: UTF8.self))
    }
  }

  public var description: String { name }

  /// All targets.
  public static let all: [FuzzTarget] = dataFiles + runFiles + texts

  /// Makes a new folder in which inputs can be read.
  public func makeFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "descent-fuzz-\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.path(percentEncoded: false)
    try prepare(path)
    return path
  }

  /// Reads `input`.
  /// - Returns: The error that refused it; nil if it was read.
  public func refusal(of input: [UInt8], in folder: String) -> String? {
    do {
      try read(input, folder)
      return nil
    } catch { return "\(error)" }
  }
}

/// Replaces the file at `path`, without the package's own care that no data is lost on failure.
func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0, bytes.isEmpty || Foundation.write(descriptor, bytes, bytes.count) == bytes.count,
    close(descriptor) == 0
  else { throw CocoaError(.fileWriteUnknown) }
}

/// The bytes of the file at `path`.
func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
