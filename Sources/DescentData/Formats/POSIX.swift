import Descent
import Foundation

/// The system's message about its last failure.
var systemReason: String { String(cString: strerror(errno)) }

/// Calls the system's `read` until `buffer` is full or the file ends; nil on failure.
func readFully(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
  var filled = 0
  while filled < buffer.count {
    let got = read(descriptor, buffer.baseAddress! + filled, min(buffer.count - filled, 1 << 30))
    if got < 0, errno == EINTR { continue }
    if got < 0 { return nil }
    if got == 0 { break }
    filled += got
  }
  return filled
}

/// Writes a file under another name and then renames it, so that it appears whole or not at all.
func writeAtomically(to path: String, _ pieces: [UnsafeRawBufferPointer]) throws(DataError) {
  let temporary = path + ".\(getpid()).tmp"
  func fail() -> DataError {
    let reason = systemReason
    unlink(temporary)
    return .file(path, .unwritable(reason: reason))
  }
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw fail() }
  for piece in pieces {
    var written = 0
    while written < piece.count {
      let count = write(descriptor, piece.baseAddress! + written, min(piece.count - written, 1 << 30))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = fail()
        close(descriptor)
        throw error
      }
      written += count
    }
  }
  guard close(descriptor) == 0, rename(temporary, path) == 0 else { throw fail() }
}

/// Calls `body` with the file's bytes, a piece at a time, without decompression.
func forEachPiece(of path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws(DataError) {
  let descriptor: Int32
  do throws(FileError) { descriptor = try openRegularFile(path) } catch { throw .file(path, FileProblem(error)) }
  defer { close(descriptor) }
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
  defer { buffer.deallocate() }
  while true {
    guard let count = readFully(descriptor, into: buffer) else {
      throw .file(path, .unreadable(reason: systemReason))
    }
    if count == 0 { return }
    body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}

/// The size of an open file.
func fileSize(of descriptor: Int32) -> Int {
  var status = stat()
  return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
}

/// Makes the folder `path` and the folders that hold it.
func createFolder(_ path: String) throws(DataError) {
  if isFolder(path) || mkdir(path, 0o777) == 0 { return }
  var code = errno
  if code == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex {
    try createFolder(String(path[..<slash]))
    if mkdir(path, 0o777) == 0 { return }
    code = errno
  }
  guard code == EEXIST, isFolder(path) else { throw .file(path, .unwritable(reason: String(cString: strerror(code)))) }
}

/// The size of the file at `path`; nil if there is no file.
func fileSize(_ path: String) -> Int? {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
}
