import Descent
import Foundation
import GRDB

/// Why the file of a study is refused.
public enum StudyError: Error, Hashable, CustomStringConvertible {
  case missing(String)
  case notAStudy(String)
  case otherVersion(String)
  /// A newer program wrote the study's configuration, or a trial's.
  case newer(String, reason: String)
  case otherConfiguration(String, difference: String)
  case strayRuns(String, study: String)
  case damaged(String, reason: String)
  case busy(String)
  /// The study is no longer at its path.
  case moved(String)
  case allDiverged(String)
  case folder(RunFolderError)
  case file(FileError)

  /// Translates an error from SQLite about the file at `path`.
  init(_ error: any Error, _ path: String) {
    switch error {
    case let error as StudyError: self = error
    case let error as DatabaseError:
      switch error.resultCode {
      case .SQLITE_NOTADB: self = .notAStudy(path)
      case .SQLITE_BUSY: self = .busy(path)
      case .SQLITE_FULL: self = .file(FileError(.write, path: path, code: ENOSPC))
      case .SQLITE_CANTOPEN: self = .file(FileError(.create, path: path, code: EACCES))
      case .SQLITE_READONLY: self = .file(FileError(.write, path: path, code: EACCES))
      default: self = .damaged(path, reason: error.message ?? "SQLite's error \(error.resultCode.rawValue)")
      }
    default: self = .damaged(path, reason: "\(error)")
    }
  }

  public var description: String {
    switch self {
    case .missing(let path): "there is no study '\(path)': give the file that --study named"
    case .notAStudy(let path): "'\(path)' is no study: choose another file with --study"
    case .otherVersion(let path):
      "'\(path)' is a study of another version of this program: go on with it there, or choose another file with --study"
    case .newer(let path, let reason): "study '\(path)' cannot be used: \(reason)"
    case .otherConfiguration(let path, let difference):
      "'\(path)' holds a study with \(difference): leave the option out to go on with that study, or choose another "
        + "file with --study"
    case .strayRuns(let path, let study):
      "'\(path)' holds files, but there is no study '\(study)' that they belong to: move them away, or choose another file "
        + "with --study"
    case .damaged(let path, let reason):
      "study '\(path)' cannot be used: \(reason); restore the file, or remove it and its runs to start again"
    case .busy(let path): "another process has kept '\(path)' locked for a minute: end it and try again"
    case .moved(let path):
      "study '\(path)' was moved away while this process trained its trials: nothing more is written; go on with it where it is "
        + "now, its runs beside it"
    case .allDiverged(let path):
      "all trials of '\(path)' have diverged: search lower learning rates, in another file that --study names"
    case .folder(let error): error.description
    case .file(let error): error.description
    }
  }
}
