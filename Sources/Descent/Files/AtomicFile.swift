#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file in the target's folder; ``commit()`` flushes them to the disk and renames the file
/// into its place, so a reader sees the old content or the new one, whatever interrupts the writer. Without a commit
/// the temporary file is removed. A file that replaces another keeps its owner and permissions. A link stays, and what
/// it leads to is written, whether that exists or not.
///
/// ```swift
/// var file = try AtomicFile(replacing: path)
/// try file.write(header)
/// try file.write(bytes)
/// try file.commit()
/// ```
package struct AtomicFile: ~Copyable {
  /// The ending of temporary files' names. The owner of a folder may remove those that a killed process left.
  package static let temporarySuffix = ".descent-tmp"

  /// The file as the caller named it, for messages.
  private let path: String
  /// The file behind `path` once links are followed.
  private let target: String
  private let temporary: String
  private var descriptor: Int32
  private var isCommitted = false

  /// Creates the temporary file beside `path`.
  /// - Throws: ``FileError`` if the folder is missing or not writable, or `path` is not a file.
  package init(replacing path: String) throws(FileError) {
    let target = try Self.resolved(path)
    let replaced = try Self.status(of: target, path)
    let (folder, name) = Self.split(target)
    let tag = String(UInt32.random(in: .min ... .max), radix: 36)
    let temporary = "\(folder)/.\(name.prefix(64)).\(getpid())-\(tag)\(Self.temporarySuffix)"
    // If the old file is closed to others, so is the new one, even while it is being written.
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, replaced == nil ? 0o666 : 0o600)
    guard descriptor >= 0 else { throw FileError(.write, path: path, code: errno) }
    UnfinishedFiles.add(temporary)
    if let replaced {
      // Root alone may give a file to another user: it stays theirs.
      _ = fchown(descriptor, replaced.st_uid, replaced.st_gid)
      guard fchmod(descriptor, replaced.st_mode & 0o777) == 0 else {
        let code = errno
        _ = close(descriptor)
        _ = unlink(temporary)
        UnfinishedFiles.remove(temporary)
        throw FileError(.write, path: path, code: code)
      }
    }
    self.path = path
    self.target = target
    self.temporary = temporary
    self.descriptor = descriptor
  }

  deinit {
    if descriptor >= 0 { _ = close(descriptor) }
    if !isCommitted { _ = unlink(temporary) }
    UnfinishedFiles.remove(temporary)
  }

  /// Appends `bytes`.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // One call takes less than 2 GiB on every system.
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let count = Self.writeOnce(descriptor, part)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.write, path: path, code: errno)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes `bytes` at `offset` from the file's beginning; later appends still go to the end.
  package mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30), off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.write, path: path, code: errno)
      }
      done += count
    }
  }

  /// Appends `text` in UTF-8.
  package mutating func write(_ text: String) throws(FileError) {
    try write(Array(text.utf8))
  }

  /// Appends `bytes`.
  package mutating func write(_ bytes: [UInt8]) throws(FileError) {
    // The closure's own error type is lost in `withUnsafeBytes`: carry the error as a value.
    let result = bytes.withUnsafeBytes { buffer -> Result<Void, FileError> in
      do throws(FileError) { return .success(try write(buffer)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Puts the file into its place; after this returns it survives a loss of power.
  package consuming func commit() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(.write, path: path, code: errno) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, rename(temporary, target) == 0 else { throw FileError(.write, path: path, code: errno) }
    isCommitted = true
    // The new name itself is on the disk once the folder is. Some file systems cannot flush a folder: the file is
    // whole even so.
    let folder = open(Self.split(target).folder, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      _ = fsync(folder)
      _ = close(folder)
    }
  }

  /// Replaces the file at `path` by one that holds `text`.
  package static func write(_ text: String, to path: String) throws(FileError) {
    var file = try AtomicFile(replacing: path)
    try file.write(text)
    try file.commit()
  }

  /// Replaces the file at `path` by one that holds `bytes`.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    var file = try AtomicFile(replacing: path)
    try file.write(bytes)
    try file.commit()
  }

  private static func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  /// The status of the file at `target`, which the caller calls `path`; nil if there is none.
  private static func status(of target: String, _ path: String) throws(FileError) -> stat? {
    var status = stat()
    guard stat(target, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return status
    case S_IFDIR: throw FileError(.write, path: path, code: EISDIR)
    default: throw FileError(.write, path: path, code: EINVAL)
    }
  }

  /// The most links that are followed one after the other, as in Linux.
  private static let mostLinks = 40

  /// The file that `path` leads to. It may not exist yet, even if `path` is a link.
  private static func resolved(_ path: String) throws(FileError) -> String {
    var target = path
    for _ in 0...mostLinks {
      if let real = realpath(target, nil) {
        defer { free(real) }
        return String(cString: real)
      }
      guard let destination = destination(ofLink: target) else { return target }
      target = destination.utf8.first == UInt8(ascii: "/") ? destination : "\(split(target).folder)/\(destination)"
    }
    throw FileError(.write, path: path, code: ELOOP)
  }

  /// What the link at `path` holds; nil if there is no link.
  private static func destination(ofLink path: String) -> String? {
    // One byte more than any path has.
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX) + 1) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { max(0, readlink(path, $0.baseAddress!, $0.count)) }
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func split(_ path: String) -> (folder: String, name: Substring) {
    // A name may begin with a mark that combines with the slash before it.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path[...]) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, path[path.utf8.index(after: slash)...])
  }
}
