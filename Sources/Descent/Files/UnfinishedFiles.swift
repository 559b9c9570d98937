import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The temporary files that this process writes now. A process that ends in the middle of its work can remove them.
package enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Removes them all. Call it only just before the process ends: whoever writes one cannot commit it any more.
  package static func removeAll() {
    paths.withLock { paths in for path in paths { _ = unlink(path) } }
  }
}
