import Foundation

/// What the system says about its last failure.
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

/// Writes a file that appears whole or not at all: under another name first, then renamed.
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
