import Descent
import Foundation

/// The runs of a plan, one after the other, each in its folder: `1-adam/seed-1`, `2-sgd/seed-1`, …
///
/// The folder holds `comparison.json` and ordinary run folders. A comparison that was stopped therefore goes on with
/// the same bits, and TensorBoard shows its runs side by side.
public final class Comparison {
  public let plan: ComparisonPlan
  public let path: String
  public var observer = Trainer.Observer()
  /// Held as long as this object lives.
  private let lock: FileLock

  /// Opens a comparison in a folder, which is created if need be.
  ///
  /// - Parameters:
  ///   - plan: What is compared.
  ///   - path: The folder.
  ///   - resume: Whether it may hold the same comparison already.
  /// - Throws: ``RunFolderError``.
  public init(_ plan: ComparisonPlan, in path: String, resume: Bool) throws {
    self.plan = plan
    self.path = path
    func inspect() throws -> ComparisonRecord? {
      guard let saved = try ComparisonRecord.inspect(path) else { return nil }
      guard resume else { throw RunFolderError.holdsRun(path) }
      try saved.check(goesOnAs: plan, in: path)
      return saved
    }
    // Check before anything is created.
    _ = try inspect()
    try OutputFolder.create(path)
    guard let lock = try FileLock.take("\(path)/\(RunFolder.lockName)") else { throw RunFolderError.inUse(path) }
    self.lock = lock
    // Check once more, now that nobody else writes.
    let saved = try inspect()
    let record = ComparisonRecord(contenders: plan.contenders, seeds: plan.seeds)
    if saved != record { try record.write(in: path) }
  }

  /// Checks, before anything is written, that the folder is still where it was opened.
  /// - Throws: ``RunFolderError/moved(_:)``.
  public func checkPlace() throws(RunFolderError) {
    guard lock.isInPlace else { throw .moved(path) }
  }

  /// Trains until all runs are finished, or until `stop` returns true after a step.
  ///
  /// A run that diverges does not end the comparison; its record says why it ended.
  public func run(until stop: () -> Bool = { false }) throws -> Trainer.Outcome {
    var stepsBefore = 0
    for seed in plan.seeds.indices {
      for contender in plan.contenders.indices {
        let run = plan.run(of: contender, seed: seed)
        let series = Progress.Series(
          label: plan.contenders[contender].label, number: seed * plan.contenders.count + contender + 1,
          count: plan.contenders.count * plan.seeds.count, stepsBefore: stepsBefore,
          stepsAfter: plan.stepCount - stepsBefore - run.stepCount)
        stepsBefore += run.stepCount
        let outcome = try train(run, in: folder(of: contender, seed: seed), series, until: stop)
        if outcome == .interrupted { return .interrupted }
      }
    }
    return .finished
  }

  private func train(
    _ run: RunPlan, in path: String, _ series: Progress.Series, until stop: () -> Bool
  ) throws -> Trainer.Outcome {
    try checkPlace()
    let folder = try RunFolder(path, configuration: run.configuration, resume: true)
    let checkpoint = RunCheckpoint(path: folder.checkpointPath, seed: run.configuration.seed)
    if let position = checkpoint.position(of: run), position.epoch >= run.configuration.epochs { return .finished }
    // A run that diverged would diverge at the same step again.
    if try RunFolder.divergence(ofRunIn: path) != nil { return .finished }
    let trainer = try Trainer(run, in: folder)
    trainer.observer = observer
    trainer.observer.step = { [observer] progress in
      var progress = progress
      progress.series = series
      observer.step(progress)
    }
    trainer.observer.note = { [observer] in observer.note("\(path): \($0)") }
    observer.pause()
    do {
      return try trainer.run(until: stop)
    } catch let error as RunError {
      guard case .diverged = error else { throw error }
      observer.note("\(path): \(error)")
      return .finished
    }
  }

  /// The results of all runs so far.
  public func results() throws -> [ContenderResult] {
    try checkPlace()
    return try plan.contenders.indices.map { contender in
      let runs = try plan.seeds.indices.map { seed in
        let folder = folder(of: contender, seed: seed)
        return try RunRecord(of: folder, seed: plan.seeds[seed])
      }
      return ContenderResult(
        contender: plan.contenders[contender], stepsPerEpoch: plan.run(of: contender, seed: 0).stepsPerEpoch, runs: runs
      )
    }
  }

  private func folder(of contender: Int, seed: Int) -> String {
    "\(path)/\(contender + 1)-\(plan.contenders[contender].folderName)/seed-\(plan.seeds[seed])"
  }
}
