import Descent
import DescentCatalogue
import DescentData
import DescentNetworks

/// Trains the model of a plan, and writes the results into the folder of a run.
///
/// The plan and the number of the step determine everything that the run computes. A run that goes on from a checkpoint
/// therefore ends with the same bits as one that was never stopped.
public final class Trainer {
  /// How a call of ``Trainer/run(through:until:)`` ended.
  public enum Outcome: Hashable, Sendable {
    case finished
    /// Stopped as asked, with a checkpoint.
    case interrupted
  }

  /// Functions that a run calls while it trains.
  public struct Observer {
    /// After each step.
    public var step: (Progress) -> Void = { _ in }
    /// Before work other than steps: evaluation and checkpoint.
    public var pause: () -> Void = {}
    /// After each epoch.
    public var epoch: (EpochMetrics) -> Void = { _ in }
    /// For a message that the user should see.
    public var note: (String) -> Void = { _ in }

    public init() {}
  }

  public let plan: RunPlan
  public var observer = Observer()
  /// The rows of the epochs that are done.
  public var rows: [EpochMetrics] { metrics.rows }

  private let folder: RunFolder
  private let engine: Engine
  private var optimizer: AnyOptimizer<Float>
  private let checkpoint: RunCheckpoint
  private let events: EventWriter
  private var θ: ParameterVector<Float>
  private var position: Position
  private var metrics: MetricsFile
  private var skippedSteps = 0
  private var diagnostics: Diagnostics?

  /// The number of steps between two values of the training loss in the event file.
  private static let stepsPerEvent = 10
  /// The tag of the losses of single batches in the event file.
  static let lossTag = "train/loss"

  /// Begins the run of `plan` in `folder`, or goes on from its checkpoint.
  /// - Throws: An error that names the file at fault.
  public init(_ plan: RunPlan, in folder: RunFolder) throws {
    self.plan = plan
    self.folder = folder
    let configuration = plan.configuration
    engine = Engine(threadCount: configuration.threads)
    θ = plan.model.initialParameters(seed: configuration.seed)
    optimizer = try plan.optimizer(for: θ)
    diagnostics = configuration.diagnostics.map {
      Diagnostics(interval: $0, layout: plan.model.layout, seed: configuration.seed)
    }
    position = Position()
    checkpoint = RunCheckpoint(path: folder.checkpointPath, seed: configuration.seed)
    let isResumed = checkpoint.exists
    if isResumed { position = try checkpoint.read(into: &θ, &optimizer) { $0.problem(in: plan) } }
    let metrics = try MetricsFile(folder.metricsPath, upTo: position.step)
    try folder.write {
      folder.forgetDivergence()
      try metrics.write()
    }
    self.metrics = metrics
    events = try EventWriter(folder: folder.path, resumingAt: isResumed ? position.step + 1 : nil)
  }

  /// Batches done since the run began.
  public var step: Int { position.step }

  /// The number of epochs in `metrics.csv` beyond the step from which the run goes on. They are done again.
  public var repeatedEpochs: Int { metrics.droppedCount }
  /// The number of epochs that are done. There may be fewer rows, if their file was lost.
  var epoch: Int { position.epoch }

  /// Whether every epoch is done.
  public var isFinished: Bool { position.epoch >= plan.configuration.epochs }

  /// Trains until the last epoch or epoch `last` is done, or until `stop` returns true after a step or a batch
  /// that is evaluated. A run that is stopped in an evaluation does it again when it goes on.
  /// - Throws: ``RunError/diverged(epoch:step:reason:)`` after an epoch that ends without a finite loss, also if that
  ///   epoch was before the run was resumed; or an error that names the file at fault.
  public func run(through last: Int = .max, until stop: () -> Bool = { false }) throws -> Outcome {
    while true {
      if let divergence = rows.last?.divergence { throw try noted(divergence) }
      guard position.epoch < min(last, plan.configuration.epochs) else { return .finished }
      guard try trainEpoch(until: stop), try finishEpoch(until: stop) else { return .interrupted }
    }
  }

  /// Writes the divergence into the run's folder, and returns it to be thrown.
  private func noted(_ divergence: RunError) throws -> RunError {
    try folder.note(divergence: divergence.description)
    return divergence
  }

  /// Trains for the rest of the epoch; returns false if it was stopped.
  private func trainEpoch(until stop: () -> Bool) throws -> Bool {
    let clock = ContinuousClock()
    var start = clock.now
    let batches = BatchSequence(
      plan.dataset.train, batchSize: plan.batchSize, order: .shuffled(seed: plan.configuration.seed),
      epoch: position.epoch, startingAt: position.batch)
    for batch in batches {
      let result = try step(batch)
      position.add(result)
      let now = clock.now
      position.seconds += (now - start) / .seconds(1)
      start = now
      if position.step % Self.stepsPerEvent == 0 {
        try events.write([(Self.lossTag, result.loss)], step: position.step)
      }
      observer.step(progress)
      if stop() {
        try saveCheckpoint()
        return false
      }
    }
    return true
  }

  private func step(_ batch: Batch) throws -> BatchResult {
    let observed = diagnostics?.begin(position.step + 1, at: θ)
    let objective = BatchObjective(
      batch, of: plan.model, on: engine, noise: checkpoint.noise.substream(UInt64(position.step)),
      keepsGradient: observed != nil)
    let report: StepReport
    do {
      report = try optimizer.step(&θ, on: objective)
    } catch let error as GradientError {
      throw try noted(.diverged(epoch: position.epoch + 1, step: position.step + 1, reason: "\(error)"))
    }
    if report.isSkipped { noteSkippedStep() }
    if let observed, let gradient = objective.gradient, !report.isSkipped {
      try writeDiagnostics(of: observed, gradient, batch)
    }
    return objective.result!
  }

  /// Evaluates, and writes the epoch's row, events and checkpoint; returns false if it was stopped before.
  private func finishEpoch(until stop: () -> Bool) throws -> Bool {
    observer.pause()
    let clock = ContinuousClock()
    let start = clock.now
    let test: Evaluation?
    do {
      test = try Evaluation(
        of: plan.model, on: plan.dataset.test, at: optimizer.average ?? θ, engine: engine, until: stop)
    } catch is Evaluation.Stopped {
      try saveCheckpoint()
      return false
    }
    position.seconds += (clock.now - start) / .seconds(1)
    let row = EpochMetrics(
      epoch: position.epoch + 1, step: position.step, seconds: (metrics.rows.last?.seconds ?? 0) + position.seconds,
      trainLoss: position.loss ?? .nan, trainAccuracy: position.accuracy, testLoss: test?.loss,
      testAccuracy: test?.accuracy,
      learningRate: optimizer.learningRate(at: max(1, optimizer.stepCount)))
    metrics.append(row)
    // Write the row before the checkpoint. If the run is killed in between, it drops the row and ends the epoch again.
    try folder.write { try metrics.write() }
    try writeEvents(row)
    position = position.nextEpoch
    try saveCheckpoint()
    observer.epoch(row)
    return true
  }

  private func writeEvents(_ row: EpochMetrics) throws {
    let scalars: [(tag: String, value: Double?)] = [
      ("epoch/train_loss", row.trainLoss), ("epoch/train_accuracy", row.trainAccuracy),
      ("epoch/test_loss", row.testLoss), ("epoch/test_accuracy", row.testAccuracy),
      ("epoch/learning_rate", row.learningRate),
    ]
    try events.write(scalars.compactMap { scalar in scalar.value.map { (scalar.tag, $0) } }, step: row.step)
  }

  private func writeDiagnostics(
    of step: Diagnostics.Step, _ gradient: ParameterVector<Float>, _ batch: Batch
  ) throws {
    let blocks = try diagnostics!.measure(
      step, after: θ, gradient: gradient, epsilonShare: optimizer.epsilonShare, plan.model, batch, engine)
    let scalars = blocks.flatMap { block in block.values.map { ($0.metric.tag(of: block.name), $0.value) } }
    try events.write(scalars, step: step.number)
  }

  private func saveCheckpoint() throws {
    try folder.write { try checkpoint.write(θ, optimizer, position) }
  }

  private func noteSkippedStep() {
    skippedSteps += 1
    if skippedSteps == 1 {
      observer.note(
        "step \(position.step + 1) was skipped: its gradient is infinite or not a number; a lower learning rate may help"
      )
    }
  }

  private var progress: Progress {
    Progress(
      epoch: position.epoch + 1, epochs: plan.configuration.epochs, step: position.batch,
      stepsPerEpoch: plan.stepsPerEpoch, loss: position.loss, accuracy: position.accuracy)
  }
}
