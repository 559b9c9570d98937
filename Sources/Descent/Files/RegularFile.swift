#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Opens the file at `path` for reading; anything else is refused at once, even a pipe that no program writes to.
/// - Throws: ``FileError``.
package func openRegularFile(_ path: String) throws(FileError) -> Int32 {
  // Without O_NONBLOCK, opening a pipe waits for a writer.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileError(.read, path: path, code: errno) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    let code = errno
    _ = close(descriptor)
    throw FileError(.read, path: path, code: code)
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    _ = close(descriptor)
    throw FileError(.read, path: path, code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : ESPIPE)
  }
  return descriptor
}

/// Whether there is a file at `path`, not a folder, pipe or device.
package func isRegularFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Whether there is a folder at `path`.
package func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
