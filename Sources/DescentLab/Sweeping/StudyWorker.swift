import Descent
import Foundation

/// Trains the trials of a study, one after the other, beside any number of other workers.
///
/// A trial belongs to the worker that holds the lock of its folder. Whoever takes the lock looks once more whether the
/// trial still waits, and then begins its run or goes on from its checkpoint: so a worker that is killed loses the work
/// since the last epoch and nothing else, and no trial is done twice. What a run came to is recorded after its folder
/// is complete; a worker that is killed in between leaves a complete folder, which the next only records.
public struct StudyWorker {
  private let study: StudyFile
  private let dataFolder: String?
  private let stop: () -> Bool

  /// Seconds from one look for work to the next, while others train all that waits.
  private static let patience = 0.05
  /// From one note of a trial's epochs to the next, while it is trained.
  private static let noteInterval = Duration.seconds(1)

  /// - Parameters:
  ///   - study: Whose trials are trained.
  ///   - dataFolder: Where the data set's files lie, if not where the study says.
  ///   - stop: Asked after each step whether to leave the rest, with a checkpoint.
  public init(_ study: StudyFile, dataFolder: String? = nil, until stop: @escaping () -> Bool = { false }) {
    self.study = study
    self.dataFolder = dataFolder
    self.stop = stop
  }

  /// Works until the study is complete.
  /// - Returns: Whether it is; false if the worker was stopped.
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

  /// The first of `waiting` that nobody trains, with the lock of its folder; nil if there is none.
  private func take(one waiting: [Int]) throws -> (Trial, RunFolder)? {
    for number in waiting {
      let configuration = configuration(of: try study.trial(number))
      let folder: RunFolder
      do {
        folder = try RunFolder(study.folder(of: number), configuration: configuration, resume: true)
      } catch RunFolderError.inUse {
        continue
      }
      // It may have been done between the look at the file and the lock.
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

  /// Trains `trial` up to its target and records it; false if it was stopped before.
  private func train(_ trial: Trial, _ plan: RunPlan, in folder: RunFolder) throws -> Bool {
    var trainer = try Trainer(plan, in: folder)
    if trainer.rows.count < trainer.epoch {
      // What the trial is ranked by was lost. The run is a function of its options: its epochs, done again, give the same
      // rows.
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
        // A transaction takes milliseconds, which epochs of milliseconds would feel.
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

  /// Why a run whose last epoch is `row` ends there; nil if it goes on.
  private func divergence(_ row: EpochMetrics?) -> String? {
    guard let row, let objective = study.configuration.objective, objective.hasDiverged(row) else { return nil }
    return "a loss or accuracy of epoch \(row.epoch) is not finite"
  }
}

extension RunFolder {
  /// Removes what the run has come to; its configuration stays.
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
