#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Why a file or folder could not be read or written.
public struct FileError: Error, Hashable, CustomStringConvertible {
  /// The action that failed.
  public enum Action: String, Hashable, Sendable { case read, write, create, lock, remove }

  public let action: Action
  /// The file or folder, as the caller named it.
  public let path: String
  /// The system's error number (`errno`).
  public let code: Int32

  public init(_ action: Action, path: String, code: Int32) {
    self.action = action
    self.path = path
    self.code = code
  }

  public var description: String {
    "cannot \(action.rawValue) '\(path)': \(reason)" + (remedy.map { "; \($0)" } ?? "")
  }

  private var reason: String {
    switch code {
    case EISDIR: "it is a folder"
    case ESPIPE: "it is a pipe, a device or another special file"
    case EINVAL where action == .write: "it is a device or another special file"
    case ENOSPC: "no space left on the disk"
    case EFBIG: "the file would exceed the size limit"
    case ELOOP: "its links lead to each other, and to no file"
    default: String(cString: strerror(code)).lowercased()
    }
  }

  private var remedy: String? {
    switch code {
    case ENOSPC, EDQUOT: "free some space or choose another disk"
    case EFBIG: "raise the limit (ulimit -f) or choose another disk"
    case EACCES, EPERM: "check the permissions of the file and its folder"
    case EROFS: "choose a folder that can be written to"
    case ENOENT: action == .read ? "check the path" : "create its folder first or check the path"
    case ENOTDIR: "a part of the path is a file, not a folder"
    case EISDIR: "give the path of a file"
    case ESPIPE: "write what comes from it into a file, and give that"
    case ENAMETOOLONG: "choose a shorter name"
    case ELOOP: "remove the link, or give the path of a file"
    default: nil
    }
  }
}
