import ArgumentParser
import Descent
import DescentLab
import Foundation

/// Trains as planned, shows progress, and reports at the end.
struct TrainingSession {
  private let plan: RunPlan
  private let folder: RunFolder
  private let quiet: Bool
  private let json: Bool

  init(_ plan: RunPlan, _ folder: RunFolder, quiet: Bool, json: Bool) {
    self.plan = plan
    self.folder = folder
    self.quiet = quiet
    self.json = json
  }

  func run() throws {
    Interruption.advise("go on after the last checkpoint with: \(continuation)")
    let trainer = try Trainer(plan, in: folder)
    let bar = ProgressBar.standardError(quiet: quiet)
    bar.note(introduction)
    if let interval = plan.configuration.diagnostics, interval > plan.stepCount {
      bar.note(
        "no step is diagnosed: --diagnostics \(interval) is more than the run's \(counted(plan.stepCount, "step"))")
    }
    if trainer.step > 0 {
      bar.note("going on after step \(trainer.step)")
    } else if trainer.repeatedEpochs > 0 {
      bar.note(
        "there is no checkpoint: the run starts again, and does \(counted(trainer.repeatedEpochs, "epoch")) once more")
    }
    trainer.observer = bar.observer()
    trainer.observer.epoch = { row in
      bar.note(row.line(of: plan.configuration.epochs))
      if json { Terminal.standardOutput.write(row.json() + "\n") }
    }
    defer { bar.finish() }
    let outcome = try trainer.run { Interruption.isRequested }
    bar.finish()
    switch outcome {
    case .finished: try report(trainer)
    case .interrupted:
      bar.note("stopped after step \(trainer.step); go on with: \(continuation)")
      // The status that a shell reports for a command that Ctrl-C ended.
      throw ExitCode(130)
    }
  }

  /// The command that goes on with the run.
  private var continuation: String { "descent train --resume --out \(shellQuoted(folder.path))" }

  private var introduction: String {
    let configuration = plan.configuration
    let data = plan.dataset
    return "training \(configuration.model) (\(plan.parameterCount.grouped) parameters) on \(data.name) "
      + "(\(data.train.count.grouped) + \(data.test.count.grouped) examples) with "
      + "\(configuration.optimizer.prefix { $0 != ":" }), \(counted(configuration.threads, "thread"))"
      // So much memory that a user may want to know before it is taken.
      + (plan.byteCount < 1e9 ? "" : ", about \(MemoryShortage.text(plan.byteCount)) of memory")
      + "; run in \(folder.path)"
  }

  private func report(_ trainer: Trainer) throws {
    if quiet { return }
    try folder.checkPlace()
    let report = RunReport(
      of: folder, configuration: plan.configuration, rows: trainer.rows, stepsPerEpoch: plan.stepsPerEpoch)
    let error = Terminal.standardError
    do {
      try AtomicFile.write(try report.figure.render(.svg), to: "\(folder.path)/loss.svg")
      let picture = try report.figure.characters(columns: min(Terminal.standardOutput.width, 100))
      if !json { Terminal.standardOutput.write("\n" + picture) }
    } catch let problem as FigureError {
      error.write("no picture: \(problem)\n")
    }
    if !json { Terminal.standardOutput.write("\n" + report.table.text()) }
    error.write("\n\(report.summary)\n")
  }
}
