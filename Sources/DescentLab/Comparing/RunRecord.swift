import Foundation

/// The results of one run of a comparison so far.
public struct RunRecord: Sendable {
  public let seed: UInt64
  public let rows: [EpochMetrics]
  /// The losses of single batches in training, one every few steps.
  public let losses: [(step: Int, loss: Double)]
  /// Why the run ended before its last epoch; nil if it did not.
  public let failure: String?

  /// Reads what the run in `folder` has written.
  init(of folder: String, seed: UInt64) throws {
    self.seed = seed
    rows = try MetricsFile("\(folder)/metrics.csv", upTo: .max).rows
    failure = try RunFolder.divergence(ofRunIn: folder) ?? rows.last?.divergence?.description
    losses = EventReader(folder: folder).scalars.filter { $0.tag == Trainer.lossTag }.map { ($0.step, $0.value) }
  }

  /// The first step at which the mean of the last ten losses was at most `target`; of fewer losses near the start.
  func steps(toLoss target: Double) -> Int? { firstSteps(withLoss: target, meanOf: 10)?.upperBound }

  /// The steps of the first `count` successive losses with a mean of at most `target`: the first step and the last.
  ///
  /// Near the start of the run, fewer losses count.
  package func firstSteps(withLoss target: Double, meanOf count: Int) -> ClosedRange<Int>? {
    for end in losses.indices {
      let window = losses[max(0, end - count + 1)...end]
      if window.reduce(0, { $0 + $1.loss }) <= target * Double(window.count) {
        return window[window.startIndex].step...losses[end].step
      }
    }
    return nil
  }

  /// The number of epochs that are done.
  var epochs: Int { rows.last?.epoch ?? 0 }

  /// The last step of the first epoch after which at least this share of the test set is right.
  func steps(toAccuracy target: Double) -> Int? { rows.first { ($0.testAccuracy ?? 0) >= target }?.step }
}

/// The runs of a contender, one for each seed.
public struct ContenderResult: Sendable {
  public let contender: Contender
  public let stepsPerEpoch: Int
  public let runs: [RunRecord]

  public var name: String { contender.name }

  /// The metric after each run's last epoch, for all seeds; nil if a run has none or has diverged.
  public func final(_ metric: (EpochMetrics) -> Double?) -> Spread? {
    Spread(runs.map { run in run.failure == nil ? run.rows.last.flatMap(metric) : nil })
  }

  /// Whether every run has done its last epoch or diverged.
  public var isFinished: Bool { runs.allSatisfy { $0.failure != nil || $0.epochs >= contender.configuration.epochs } }
  /// Whether every run has diverged.
  public var isDiverged: Bool { runs.allSatisfy { $0.failure != nil } }

  /// The best value among each run's epochs, for all seeds.
  public func best(_ metric: (EpochMetrics) -> Double?, by isBetter: (Double, Double) -> Bool) -> Spread? {
    Spread(runs.map { run in run.rows.compactMap(metric).filter(\.isFinite).min(by: isBetter) })
  }

  /// The metric after each epoch, with its spread over the seeds, up to the last epoch that all runs have done.
  public func epochs(_ metric: (EpochMetrics) -> Double?) -> [(x: Double, spread: Spread)] {
    let count = runs.map(\.rows.count).min() ?? 0
    return (0..<count).compactMap { i in
      Spread(runs.map { metric($0.rows[i]) }).map { (Double(runs[0].rows[i].epoch), $0) }
    }
  }

  /// The training loss against the epochs done: at most `points` means of neighbouring losses, each with its spread
  /// over the seeds.
  public func losses(points: Int = 100) -> [(x: Double, spread: Spread)] {
    let count = runs.map(\.losses.count).min() ?? 0
    let curves = runs.map { run in
      Thinning.means(
        run.losses.prefix(count).map { (Double($0.step) / Double(stepsPerEpoch), $0.loss) }, buckets: points)
    }
    guard let first = curves.first else { return [] }
    return first.indices.compactMap { i in Spread(curves.map { $0[i].y }).map { (first[i].x, $0) } }
  }
}
