import Descent
import Foundation

/// A lock on a file that one process holds until it ends, however it ends.
struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock on `path`, which is created if need be.
  /// - Returns: nil if another process holds it.
  static func take(_ path: String) throws(FileError) -> FileLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(.lock, path: path, code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      if code == EWOULDBLOCK { return nil }
      throw FileError(.lock, path: path, code: code)
    }
    return FileLock(descriptor: descriptor)
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}
