import Descent
import Foundation

/// The folder of one run: its configuration, metrics, events and checkpoint, written by one process at a time.
public final class RunFolder {
  public let path: String
  /// Held as long as this object lives.
  private let lock: FileLock

  public var configurationPath: String { Self.configuration(in: path) }
  public var metricsPath: String { "\(path)/metrics.csv" }
  public var checkpointPath: String { Self.checkpoint(in: path) }

  /// What a folder holds.
  public enum Content: Hashable, Sendable {
    /// Nothing: it may not even exist.
    case nothing
    case run(RunConfiguration)
  }

  /// Tells what the folder at `path` holds. Changes nothing.
  /// - Throws: ``RunFolderError`` if it holds something other than a run, or its configuration cannot be read.
  public static func inspect(_ path: String) throws(RunFolderError) -> Content {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw .file(FileError(.read, path: path, code: errno)) }
      return .nothing
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path) }
    // Read the names before the configuration: that is a run's first file, and another process may begin a run just
    // now.
    let names = try allNames(in: path)
    if let found = try RunConfiguration(contentsOf: configuration(in: path)) { return .run(found) }
    guard !names.contains(ComparisonRecord.fileName) else {
      throw .holdsAnother(path, what: "a comparison, which is no run")
    }
    guard names.allSatisfy(isPassing) else { throw .holdsOtherFiles(path) }
    return .nothing
  }

  /// Creates the folder for a new run of `configuration`, or takes over the run that it holds.
  ///
  /// - Parameters:
  ///   - path: The folder; its parent folders are created too.
  ///   - configuration: The run's configuration.
  ///   - resume: Whether the folder may hold a run, which must have the same configuration.
  /// - Throws: ``RunFolderError`` if another process writes the run, if the folder holds a run and `resume` is false,
  ///   or if the folder cannot be written to.
  public init(_ path: String, configuration: RunConfiguration, resume: Bool) throws(RunFolderError) {
    // Check before anything is created.
    _ = try Self.inspect(path)
    do throws(FileError) {
      try Self.createFolder(path)
      guard let lock = try FileLock.take("\(path)/\(Self.lockName)") else {
        throw FileError(.lock, path: path, code: EAGAIN)
      }
      self.path = path
      self.lock = lock
    } catch {
      throw error.code == EAGAIN ? .inUse(path) : .file(error)
    }
    // Check once more, now that nobody else writes.
    var isWritten = false
    switch try Self.inspect(path) {
    case .nothing: break
    case .run(let found):
      guard resume else { throw .holdsRun(path) }
      try Self.check(configuration, goesOnWith: found, in: path)
      isWritten = found == configuration
    }
    try checkPlace()
    for name in Self.names(in: path) where Self.isTemporary(name) { unlink("\(path)/\(name)") }
    if isWritten { return }
    do throws(FileError) { try configuration.write(to: configurationPath) } catch { throw .file(error) }
  }

  /// Checks, before anything is written, that the folder is still where it was opened. Another run's folder may have
  /// taken its place.
  /// - Throws: ``RunFolderError/moved(_:)``.
  public func checkPlace() throws(RunFolderError) {
    guard lock.isInPlace else { throw .moved(path) }
  }

  /// Calls `body`, which writes into the folder, if the folder is still where it was opened.
  /// - Throws: ``RunFolderError/moved(_:)``, also if the folder was moved meanwhile; otherwise the error of `body`.
  func write(_ body: () throws -> Void) throws {
    try checkPlace()
    do { try body() } catch {
      try checkPlace()
      throw error
    }
  }

  /// Checks that a run of `configuration` can go on with the run of `saved` that `path` holds.
  /// - Throws: ``RunFolderError/otherConfiguration(_:difference:)``.
  public static func check(
    _ configuration: RunConfiguration, goesOnWith saved: RunConfiguration, in path: String
  ) throws(RunFolderError) {
    if let difference = saved.difference(from: configuration) {
      throw .otherConfiguration(path, difference: difference)
    }
  }

  /// The configuration of the run in the folder `path`.
  /// - Throws: ``RunFolderError`` if the folder holds no run.
  public static func configuration(ofRunIn path: String) throws(RunFolderError) -> RunConfiguration {
    do throws(RunFolderError) {
      guard case .run(let configuration) = try inspect(path) else { throw .holdsNoRun(path) }
      return configuration
    } catch {
      if case .holdsOtherFiles = error { throw .holdsNoRun(path) }
      throw error
    }
  }

  /// A folder in `runs/` that does not exist yet, with a name that says what runs in it.
  public static func unused(for configuration: RunConfiguration) -> String {
    let parts = [configuration.data, configuration.model, configuration.optimizer].map { OptionSpec.name(of: $0) }
    return OutputFolder.unused("runs/" + parts.joined(separator: "-"))
  }

  /// Names of the files in `folder`, hidden ones included; empty if it cannot be read.
  static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// Names of the files in `folder`, hidden ones included; empty if there is no such folder.
  ///
  /// Use this before writing into the folder: a folder that cannot be read throws, and does not count as empty.
  /// - Throws: ``RunFolderError/file(_:)``.
  package static func allNames(in folder: String) throws(RunFolderError) -> [String] {
    guard let stream = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw .file(FileError(.read, path: folder, code: errno))
    }
    closedir(stream)
    return names(in: folder)
  }

  static let lockName = ".lock"

  /// Whether a file of this name does not count as content of a folder: the lock, or a temporary file.
  static func isPassing(_ name: String) -> Bool { name == lockName || isTemporary(name) }

  static func checkpoint(in path: String) -> String { "\(path)/checkpoint.safetensors" }

  /// The path of the file that says why a run ended before its last epoch. The file exists only in that case.
  private static func divergence(in path: String) -> String { "\(path)/diverged.txt" }

  /// Writes down why the run ended before its last epoch.
  func note(divergence: String) throws {
    try write { try AtomicFile.write("\(divergence)\n", to: Self.divergence(in: path)) }
  }

  /// Removes the note of a divergence, because the run begins or goes on.
  func forgetDivergence() { unlink(Self.divergence(in: path)) }

  /// Why the run in the folder `path` ended before its last epoch; nil if it did not.
  /// - Throws: ``RunFolderError/file(_:)`` if the note cannot be read.
  static func divergence(ofRunIn path: String) throws(RunFolderError) -> String? {
    do throws(FileError) {
      return try WholeFile.text(divergence(in: path))?.split(separator: "\n").first.map(String.init)
    } catch { throw .file(error) }
  }

  private static func configuration(in path: String) -> String { "\(path)/\(configurationName)" }

  static let configurationName = "config.json"

  private static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(AtomicFile.temporarySuffix)
  }

  static func createFolder(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
      throw FileError(.create, path: path, code: errno)
    }
    try createFolder(String(path[..<slash]))
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError(.create, path: path, code: errno) }
  }
}

/// The reason for which the folder of a run is refused.
public enum RunFolderError: Error, Hashable, CustomStringConvertible {
  case notAFolder(String)
  case holdsRun(String)
  case holdsNoRun(String)
  case holdsOtherFiles(String)
  /// The folder holds something of Descent's, but not what was asked for.
  case holdsAnother(String, what: String)
  case holdsNoReproductions(String)
  case inUse(String)
  /// The folder, or the file of its lock, is no longer at its path.
  case moved(String)
  case otherConfiguration(String, difference: String)
  case invalidConfiguration(String, reason: String)
  case invalidMetrics(String, line: Int)
  /// The saved numbers of a reproduction cannot be read.
  case invalidNumbers(String)
  case file(FileError)

  public var description: String {
    switch self {
    case .notAFolder(let path): "'\(path)' is a file: give --out the path of a folder"
    case .holdsRun(let path):
      "'\(path)' holds a run already: choose another folder with --out, or go on with that run by --resume"
    case .holdsNoRun(let path): "'\(path)' holds no run: give the folder that a run was written to by --out"
    case .holdsOtherFiles(let path):
      "'\(path)' holds files that are no run's: choose an empty or a new folder with --out"
    case .holdsAnother(let path, let what):
      "'\(path)' holds \(what): choose another folder with --out"
    case .holdsNoReproductions(let path):
      "no folder in '\(path)' holds a reproduction: give the folder that reproductions were written into by --out"
    case .inUse(let path): "another process writes the run in '\(path)': wait for it to end or choose another folder"
    case .moved(let path):
      "'\(path)' was moved away, or its file \(RunFolder.lockName) was removed, while this process wrote there: nothing more is "
        + "written; go on by --resume with the folder where it is now"
    case .otherConfiguration(let path, let difference):
      "'\(path)' holds a run with \(difference): leave the option out to go on with that run, or choose another folder "
        + "with --out"
    case .invalidConfiguration(let path, let reason):
      "'\(path)' is no configuration of a run: \(reason); restore it or choose another folder with --out"
    case .invalidMetrics(let path, let line):
      "line \(line) of '\(path)' is no row of metrics: restore the file, or remove it to go on without its rows"
    case .invalidNumbers(let path):
      "'\(path)' does not hold what was written there: restore it, or remove it to compute it again"
    case .file(let error): error.description
    }
  }
}
