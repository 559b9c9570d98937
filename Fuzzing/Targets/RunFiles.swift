import Descent
import DescentLab
import Foundation

extension FuzzTarget {
  /// Files that runs and sweeps write.
  static let runFiles = [configuration, metrics, events, study]

  private static let configuration = FuzzTarget(file: "configuration", as: "config.json") { folder in
    var standard = RunConfiguration.standard
    standard.batchSize = 128
    var full = standard
    (full.average, full.clipNorm, full.weightDecay, full.diagnostics) = ("0.99", 1.5, 0.01, 10)
    return try [standard, full].map { configuration in
      try RunWriters.write(configuration, in: folder)
      return try bytes(of: "\(folder)/config.json")
    }
  } read: { _, folder in
    _ = try RunFolder.configuration(ofRunIn: folder)
  }

  private static let metrics = FuzzTarget(file: "metrics", as: "metrics.csv") { folder in
    let rows = (1...4).map { epoch in
      EpochMetrics(
        epoch: epoch, step: 10 * epoch, seconds: 0.5 * Double(epoch), trainLoss: 1 / Double(epoch), trainAccuracy: 0.25,
        testLoss: epoch > 2 ? .nan : 2, testAccuracy: nil, learningRate: 1e-3)
    }
    try RunWriters.write(rows, to: "\(folder)/metrics.csv")
    return [try bytes(of: "\(folder)/metrics.csv")]
  } read: { path, _ in
    try RunReaders.readMetrics(path)
  }

  private static let events = FuzzTarget(file: "events", as: "events.out.tfevents.1700000000.host") { folder in
    [try bytes(of: try RunWriters.writeEvents(in: folder))]
  } read: { _, folder in
    RunReaders.readEvents(in: folder)
  }

  private static let study = FuzzTarget(file: "study", as: "study.sqlite") { folder in
    var configuration = StudyConfiguration.standard
    configuration.data = "digits:train=20,test=10"
    configuration.model = "mlp:hidden=4"
    (configuration.trials, configuration.epochs, configuration.batch) = (3, 2, "10")
    let path = "\(folder)/study.sqlite"
    do { _ = try StudyFile(creating: StudyPlan(configuration), at: path) }
    return [try bytes(of: path)]
  } read: { path, _ in
    guard let study = try StudyFile.find(path) else { return }
    for trial in try study.trials() { _ = try study.epochs(of: trial.number) }
    _ = try StudyReport(of: study).csv()
  }
}
