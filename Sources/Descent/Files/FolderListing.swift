#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The names in a folder, in no order; `.` and `..` left out, hidden files not.
package struct FolderListing {
  package private(set) var names: [String] = []
  /// How many names are not UTF-8, so that no path can be made from them here.
  package private(set) var unreadableCount = 0

  /// - Throws: ``FileError``.
  package init(_ path: String) throws(FileError) {
    guard let stream = opendir(path) else { throw FileError(.read, path: path, code: errno) }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno == 0 { return }
        throw FileError(.read, path: path, code: errno)
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
          String(validatingCString: $0)
        }
      }
      guard let name else {
        unreadableCount += 1
        continue
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// A sentence about the names that cannot be read; empty if all can.
  package var problem: String {
    switch unreadableCount {
    case 0: ""
    case 1: "a name that is not UTF-8"
    default: "\(unreadableCount) names that are not UTF-8"
    }
  }
}
