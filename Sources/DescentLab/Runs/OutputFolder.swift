import Descent
import Foundation

/// A folder for a command's files. It may hold other files too.
public enum OutputFolder {
  /// Makes sure, before any work, that `path` is a folder that can be written to; creates it and its parents if needed.
  /// - Throws: ``RunFolderError``.
  public static func create(_ path: String) throws(RunFolderError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR { throw .notAFolder(path) }
    do throws(FileError) { try RunFolder.createFolder(path) } catch { throw .file(error) }
    guard access(path, W_OK) == 0 else { throw .file(FileError(.write, path: path, code: errno)) }
  }

  /// `path` if nothing exists there, else the first of `path`-2, `path`-3, … that does not exist.
  public static func unused(_ path: String) -> String {
    var result = path
    var number = 1
    while access(result, F_OK) == 0 {
      number += 1
      result = "\(path)-\(number)"
    }
    return result
  }
}

/// `path` from the root of the file system, for paths that are written down and used from elsewhere.
public func absolutePath(_ path: String) -> String {
  URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
}
