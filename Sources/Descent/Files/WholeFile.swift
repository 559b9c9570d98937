#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads whole files, and tells one that is not there from one that cannot be read: the first may be created anew.
package enum WholeFile {
  /// The bytes of the file at `path`; nil if there is nothing.
  /// - Throws: ``FileError`` if there is something that cannot be read, or is no file.
  package static func bytes(_ path: String) throws(FileError) -> [UInt8]? {
    let descriptor: Int32
    do throws(FileError) { descriptor = try openRegularFile(path) } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(.read, path: path, code: errno) }
    guard (try? MemoryBudget.require(Double(status.st_size))) != nil else {
      throw FileError(.read, path: path, code: ENOMEM)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError(.read, path: path, code: errno) }
      bytes += part[..<count]
    }
  }

  /// The text of the file at `path`, what is not UTF-8 replaced; nil if there is nothing.
  /// - Throws: ``FileError`` if there is something that cannot be read, or is no file.
  package static func text(_ path: String) throws(FileError) -> String? {
    try bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }
}
