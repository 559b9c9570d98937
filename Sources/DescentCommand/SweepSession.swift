import ArgumentParser
import Descent
import DescentLab
import Foundation

/// Lets workers train the trials of a study, shows their progress, and reports at the end.
struct SweepSession {
  private let study: StudyFile
  private let dataFolder: String?
  private let jobs: Int
  private let quiet: Bool
  private let json: Bool

  /// Seconds from one look at the study to the next.
  private static let interval = 0.1

  init(_ study: StudyFile, dataFolder: String?, jobs: Int?, quiet: Bool, json: Bool) {
    self.study = study
    self.dataFolder = dataFolder
    self.jobs = jobs ?? max(1, processorCount / study.configuration.threads)
    self.quiet = quiet
    self.json = json
  }

  func run() throws {
    let bar = ProgressBar.standardError(quiet: quiet)
    let start = try StudyProgress(study.trials(), of: study.configuration)
    if !start.isComplete {
      let jobs = min(jobs, start.trials - start.done)
      bar.note(
        "\(start.done == 0 && start.epochs == 0 ? "" : "going on with ")study \(study.path): \(counted(start.trials, "trial")), \(jobs) at a time; runs in \(study.path).runs"
      )
      try work(jobs, from: start, bar)
    }
    if !quiet || json { try SweepReport(study, json: json).write() }
    if try StudyProgress(study.trials(), of: study.configuration).best == nil {
      throw StudyError.allDiverged(study.path)
    }
  }

  private func work(_ jobs: Int, from start: StudyProgress, _ bar: ProgressBar) throws {
    let workers = try SweepWorkers(jobs, on: study.path, dataFolder: dataFolder)
    let clock = ContinuousClock()
    let began = clock.now
    var isStopping = false
    var (progress, lastChange) = (start, 0)
    defer { bar.finish() }
    while try workers.areRunning() {
      if Interruption.isRequested, !isStopping {
        workers.stop()
        isStopping = true
      }
      Thread.sleep(forTimeInterval: Self.interval)
      let change = try study.changeNumber()
      if change != lastChange { progress = try StudyProgress(study.trials(), of: study.configuration) }
      lastChange = change
      let seconds = (clock.now - began) / .seconds(1)
      let epochs = progress.epochs - start.epochs
      let left = epochs > 0 ? seconds / Double(epochs) * Double(progress.totalEpochs - progress.epochs) : nil
      bar.update(progress, secondsLeft: left, at: seconds)
    }
    bar.finish()
    let end = try StudyProgress(study.trials(), of: study.configuration)
    if end.isComplete { return }
    guard Interruption.isRequested else { throw workers.killed ?? .failed(message: "the workers ended too early") }
    bar.note(
      "stopped after \(end.done) of \(end.trials) trials; go on with: descent sweep --study \(shellQuoted(study.path))")
    // The status that a shell reports for a command that Ctrl-C ended.
    throw ExitCode(130)
  }
}
