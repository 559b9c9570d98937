#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads whole files. It tells a missing file, which may be created anew, from one that cannot be read.
package enum WholeFile {
  /// The bytes of the file at `path`; nil if nothing is there.
  /// - Throws: ``FileError`` if something is there that cannot be read, or is not a file.
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

  /// The text of the file at `path`, with invalid UTF-8 replaced; nil if nothing is there.
  /// - Throws: ``FileError`` if something is there that cannot be read, or is not a file.
  package static func text(_ path: String) throws(FileError) -> String? {
    try bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }
}
