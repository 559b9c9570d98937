import Descent
import Foundation

/// A lock on a file that one process holds until it ends, however it ends.
///
/// The lock is on the file itself, whatever its name is now. Check ``isInPlace`` before you write to files beside it by
/// their paths: if the folder was moved, the paths may lead into a folder that another process has locked.
package struct FileLock: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock on `path`, which is created if need be.
  /// - Returns: nil if another process holds it.
  package static func take(_ path: String) throws(FileError) -> FileLock? {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw FileError(.lock, path: path, code: errno) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw FileError(.lock, path: path, code: code)
      }
      let lock = FileLock(path: path, descriptor: descriptor)
      // Between opening and locking, another file may have taken the name.
      if lock.isInPlace { return lock }
    }
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Whether the path still leads to the file that is locked.
  package var isInPlace: Bool {
    let locked = FileIdentity(descriptor: descriptor)
    return locked != nil && locked == FileIdentity(path)
  }

  deinit {
    // A child that is being started holds the open file too, until its program begins.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
