import Descent
import Foundation

/// Downloads the official files of a data set into a cache folder, where ``Dataset/load(_:from:)`` finds them.
///
/// A file gets its name only when its checksum is right. An interrupted download goes on where it stopped, at once or
/// the next time.
public struct Fetcher: Sendable {
  public struct Progress: Hashable, Sendable {
    /// Name of the file that is being downloaded.
    public let file: String
    /// Bytes that have arrived.
    public let received: Int
    /// The file's size, if the server states it.
    public let expected: Int?
  }

  /// The folder that has a subfolder for each data set. Default ``CacheFolder/url``.
  public var cache: URL

  /// Seconds to wait for the next byte before a connection is given up. Default 60.
  public var patience: Double = 60

  public init(cache: URL = CacheFolder.url) { self.cache = cache }

  /// Fetches the missing files of the data set called `name` and returns their folder.
  ///
  /// - Parameters:
  ///   - name: one of ``Dataset/available`` that can be fetched.
  ///   - progress: called now and then from another thread.
  /// - Throws: ``DataError`` that names the address or the file and the remedy.
  @discardableResult
  public func fetch(
    _ name: String, progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws(DataError) -> URL {
    let fetchable = CatalogEntry.all.filter(\.info.isFetchable)
    let entry = try CatalogEntry.named(name, in: fetchable)
    return try await fetch(entry.files, into: entry.info.name, progress: progress)
  }

  func fetch(
    _ files: [RemoteFile], into name: String, progress: @escaping @Sendable (Progress) -> Void
  ) async throws(DataError) -> URL {
    let folder = cache.appending(path: name, directoryHint: .notDirectory)  // no slash at the end of its path
    let path = folder.path(percentEncoded: false)
    try createFolder(path)
    for file in files { try await fetch(file, into: path, progress: progress) }
    return folder
  }

  private func fetch(
    _ file: RemoteFile, into folder: String, progress: @escaping @Sendable (Progress) -> Void
  ) async throws(DataError) {
    let target = folder + "/" + file.name
    if let unpacked = file.unpacked, isFolder(folder + "/" + unpacked) { return }
    let isThere = isRegularFile(target) ? try file.problem(at: target) == nil : false
    if !isThere { try await download(file, to: target, progress: progress) }
    if let unpacked = file.unpacked { try unpack(target, in: folder, yielding: unpacked) }
  }

  /// Tries one mirror after the other; if all fail, throws the first mirror's error.
  private func download(
    _ file: RemoteFile, to target: String, progress: @escaping @Sendable (Progress) -> Void
  ) async throws(DataError) {
    let part = target + ".part"
    var failure: DataError?
    for mirror in file.mirrors {
      while true {
        let before = fileSize(part) ?? 0
        do throws(DownloadProblem) {
          try await Download.run(mirror, part: part, patience: patience) { received, expected in
            progress(Progress(file: file.name, received: received, expected: expected))
          }
        } catch {
          // Try again if the connection brought bytes, or if our file is larger than the server's.
          if case .unreachable = error, (fileSize(part) ?? 0) > before, !Task.isCancelled { continue }
          if case .status(416) = error, before > 0, unlink(part) == 0 { continue }
          failure = failure ?? .download(mirror.absoluteString, error)
          if case .writeFailed = error { throw .download(mirror.absoluteString, error) }
          break
        }
        guard let problem = try file.problem(at: part) else {
          guard rename(part, target) == 0 else { throw .file(target, .unwritable(reason: systemReason)) }
          return
        }
        unlink(part)
        // The bytes from before may have been another file's beginning.
        if before > 0 { continue }
        failure = failure ?? .download(mirror.absoluteString, problem)
        break
      }
    }
    throw failure!
  }

  /// Unpacks into a folder of its own, then moves the result into place.
  private func unpack(_ archive: String, in folder: String, yielding name: String) throws(DataError) {
    func fail(_ reason: String) -> DataError { .download(archive, .unpackFailed(reason: reason)) }
    #if os(macOS) || !canImport(Darwin)
      let temporary = folder + "/.unpack-\(getpid())"
      defer { try? FileManager.default.removeItem(atPath: temporary) }
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["tar", "-xf", archive, "-C", temporary]
      let errors = Pipe()
      process.standardError = errors
      do {
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        try process.run()
      } catch { throw fail(error.localizedDescription) }
      let message = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
      process.waitUntilExit()
      guard process.terminationStatus == 0 else {
        let lines = String(decoding: message, as: UTF8.self).split(separator: "\n")
        throw fail(lines.first.map(String.init) ?? "tar ended with status \(process.terminationStatus)")
      }
      guard rename(temporary + "/" + name, folder + "/" + name) == 0 else { throw fail("\(name): \(systemReason)") }
      unlink(archive)
    #else
      throw fail("this system has no tar; unpack it elsewhere")
    #endif
  }
}
