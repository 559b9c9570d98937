import Descent
import Foundation

/// Trains the trials of a study, one after the other, beside any number of other workers.
///
/// A trial belongs to the worker that holds the lock of its folder. A worker that takes the lock checks once more
/// that the trial still waits. Then it begins the run, or goes on from its checkpoint. So no trial is done twice, and
/// a killed worker loses only the work since the last epoch. A trial is recorded after its folder is complete. If a
/// worker is killed in between, the next worker only has to record the complete folder.
public struct StudyWorker {
  private let study: StudyFile
  private let dataFolder: String?
  private let stop: () -> Bool

  /// Seconds between two searches for work, while other workers train all waiting trials.
  private static let patience = 0.05
  /// The time between two notes of a trial's epochs while it is trained.
  private static let noteInterval = Duration.seconds(1)

  /// - Parameters:
  ///   - study: The study whose trials are trained.
  ///   - dataFolder: Where the data set's files lie, if not where the study says.
  ///   - stop: Called after each step. If it returns true, the worker writes a checkpoint and stops.
  public init(_ study: StudyFile, dataFolder: String? = nil, until stop: @escaping () -> Bool = { false }) {
    self.study = study
    self.dataFolder = dataFolder
    self.stop = stop
  }

  /// Works until the study is complete.
  /// - Returns: Whether the study is complete; false if the worker was stopped.
  /// - Throws: An error that names the file or trial at fault.
  public func run() throws -> Bool {
    var data = DatasetCache()
    while !stop() {
      let waiting = try study.waitingTrials()
      if waiting.isEmpty { return true }
      guard let (trial, folder) = try take(one: waiting) else {
        Thread.sleep(forTimeInterval: Self.patience)
        continue
      }
      let plan = try RunPlan(configuration(of: trial), data: &data)
      guard try train(trial, plan, in: folder) else { return false }
    }
    return false
  }

  /// The first trial of `waiting` that no other worker trains, with its locked folder; nil if there is none.
  private func take(one waiting: [Int]) throws -> (Trial, RunFolder)? {
    for number in waiting {
      let configuration = configuration(of: try study.trial(number))
      let folder: RunFolder
      do {
        folder = try RunFolder(study.folder(of: number), configuration: configuration, resume: true)
      } catch RunFolderError.inUse {
        continue
      }
      // Another worker may have done it before this one took the lock.
      let trial = try study.trial(number)
      if trial.state == .waiting { return (trial, folder) }
    }
    return nil
  }

  private func configuration(of trial: Trial) -> RunConfiguration {
    var configuration = trial.configuration
    if let dataFolder { configuration.dataFolder = dataFolder }
    return configuration
  }

  /// Trains `trial` up to its target and records it; returns false if it was stopped before that.
  private func train(_ trial: Trial, _ plan: RunPlan, in folder: RunFolder) throws -> Bool {
    var trainer = try Trainer(plan, in: folder)
    if trainer.rows.count < trainer.epoch {
      // Rows of metrics that rank the trial were lost. The run's options determine all its results, so training again
      // gives the same rows.
      try folder.removeProgress()
      trainer = try Trainer(plan, in: folder)
    }
    var divergence = divergence(trainer.rows.last)
    let clock = ContinuousClock()
    var noted = clock.now
    do {
      while trainer.epoch < trial.target, divergence == nil {
        let outcome = try trainer.run(through: trainer.epoch + 1, until: stop)
        if outcome == .interrupted { return false }
        divergence = self.divergence(trainer.rows.last)
        // A transaction takes milliseconds: too long after every epoch if an epoch takes milliseconds too.
        if clock.now - noted > Self.noteInterval {
          try study.note(trial, trainer.rows)
          noted = clock.now
        }
      }
    } catch let error as RunError {
      guard case .diverged = error else { throw error }
      divergence = error.description
    }
    if let divergence { try folder.note(divergence: divergence) }
    try study.record(trial, trainer.rows.filter { $0.epoch <= trial.target }, divergence: divergence)
    return true
  }

  /// Why a run ends after the epoch `row`, in words; nil if it has not diverged.
  private func divergence(_ row: EpochMetrics?) -> String? {
    guard let row, let objective = study.configuration.objective, objective.hasDiverged(row) else { return nil }
    return "a loss or accuracy of epoch \(row.epoch) is not finite"
  }
}

extension RunFolder {
  /// Removes the run's checkpoint, metrics and events; its configuration stays.
  fileprivate func removeProgress() throws {
    let events = try Self.allNames(in: path).filter { $0.hasPrefix(EventWriter.prefix) }.map { "\(path)/\($0)" }
    try write {
      for file in [checkpointPath, metricsPath] + events where unlink(file) != 0 && errno != ENOENT {
        throw FileError(.remove, path: file, code: errno)
      }
      forgetDivergence()
    }
  }
}
