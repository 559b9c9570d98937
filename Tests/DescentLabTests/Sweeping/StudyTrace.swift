import Foundation

@testable import DescentLab

/// What must be equal however a study was made: all records except seconds, and every bit of every run's parameters.
struct StudyTrace: Equatable {
  struct Record: Equatable {
    var trial: Trial
    /// Lines of JSON, so that one NaN equals another.
    var epochs: [String]
    var checkpoint: Data?
  }

  var records: [Record]
  /// Names of the files and folders in the folder of the runs.
  var folders: [String]

  init(_ path: String) throws {
    guard let study = try StudyFile.find(path) else { throw StudyError.missing(path) }
    records = try study.trials().map { trial in
      var trial = trial
      trial.seconds = 0
      let epochs = try study.epochs(of: trial.number).map { epoch in
        var epoch = epoch
        epoch.seconds = 0
        return epoch.json()
      }
      let checkpoint = study.folder(of: trial.number) + "/checkpoint.safetensors"
      return Record(
        trial: trial, epochs: epochs, checkpoint: try? Data(contentsOf: URL(filePath: checkpoint)))
    }
    folders = RunFolder.names(in: path + ".runs").sorted()
  }
}
