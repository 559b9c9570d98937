import Descent
import Foundation

/// Everything that determines a study: the runs that it makes, and how it ranks them.
public struct StudyConfiguration: Codable, Hashable, Sendable {
  public var data: String
  /// Folder of the data set's files; nil for data that the program makes itself.
  public var dataFolder: String?
  /// The model as the user wrote it, with search functions in the options.
  public var model: String
  /// The optimizers as the user wrote them, with search functions in the options; at least one.
  public var optimizers: [String]
  /// Epochs of a whole run.
  public var epochs: Int
  /// Samples in a step. This and the next three options are each a number or a search function. Nil until the plan has
  /// chosen: 128, or all of a smaller data set.
  public var batch: String?
  public var weightDecay: String?
  public var clipNorm: String?
  public var average: String?
  /// The seed of all random numbers of the search and of every run. Runs with the same model therefore start from the
  /// same parameters and see the same batches.
  public var seed: UInt64
  /// Threads of one run. Results depend on it in the last bits.
  public var threads: Int
  public var search: SearchMethod
  /// How many points are tried; a grid ignores this and has its own number.
  public var trials: Int
  /// η of successive halving; nil if every trial has all its epochs.
  public var halving: Int?
  /// The smallest number of epochs that the first rung may have.
  public var leastEpochs: Int
  /// The metric by which trials are ranked; nil until the plan has chosen one that the model has.
  public var metric: Objective.Metric?
  /// Whether a trial is ranked by its best epoch, not by its last.
  public var ranksByBestEpoch: Bool

  /// The defaults of a study.
  public static var standard: StudyConfiguration {
    let run = RunConfiguration.standard
    return StudyConfiguration(
      data: run.data, model: run.model, optimizers: ["adam:lr=log(1e-4,1e-1)"], epochs: run.epochs,
      seed: run.seed, threads: 1, search: .random, trials: 20, leastEpochs: 1,
      ranksByBestEpoch: false)
  }

  var objective: Objective? { metric.map { Objective($0, isBest: ranksByBestEpoch) } }

  var rungs: Halving { Halving(epochs: epochs, factor: halving, least: leastEpochs) }

  /// The first option that differs in `other`, in words; nil if none differs. The folder of the data may differ.
  func difference(from other: StudyConfiguration) -> String? {
    func both<Value: Equatable>(
      _ option: String, _ value: (StudyConfiguration) -> Value?
    ) -> (option: String, mine: String?, other: String?) {
      func text(_ value: Value?) -> String? { value.map { "\($0)" } }
      return (option, text(value(self)), text(value(other)))
    }
    let values = [
      both("--data", \.data), both("--model", \.model),
      both("--optimizer") { $0.optimizers.joined(separator: " --optimizer ") }, both("--epochs", \.epochs),
      both("--batch", \.batch), both("--weight-decay", \.weightDecay), both("--clip-norm", \.clipNorm),
      both("--average", \.average), both("--seed", \.seed), both("--threads", \.threads),
      both("--search", \.search.rawValue), both("--trials") { $0.search == .grid ? nil : $0.trials },
      both("--halving", \.halving),
      both("--min-epochs", \.leastEpochs), both("--metric", \.metric?.rawValue),
      both("--best-epoch", \.ranksByBestEpoch),
    ]
    return values.first { $0.mine != $0.other }.map { value in
      "\(value.mine.map { "\(value.option) \($0)" } ?? "no \(value.option)"), not \(value.other ?? "without")"
    }
  }

  /// Whether `other` is this study with more trials. A grid has no further points, and halving compares only trials
  /// that began together, so neither can grow.
  public func canGrow(to other: StudyConfiguration) -> Bool {
    guard search != .grid, halving == nil, other.trials > trials else { return false }
    var same = other
    same.trials = trials
    return difference(from: same) == nil
  }

  /// The largest number of trials of a study.
  static let mostTrials = 100_000

  /// Checks the numbers of the study itself, from options or from a file. Ranges and runs have checks of their own.
  /// - Throws: ``RunError`` that names the option and what it may be.
  func checkNumbers() throws(RunError) {
    func check(_ option: String, _ value: Int?, _ range: ClosedRange<Int>) throws(RunError) {
      guard let value, !(range ~= value) else { return }
      throw .invalidOption(
        option, value: "\(value)", allowed: "from \(range.lowerBound) to \(range.upperBound)")
    }
    if optimizers.isEmpty { throw .invalidOption("--optimizer", value: "", allowed: "one method at least") }
    try check("--trials", trials, 1...Self.mostTrials)
    try check("--epochs", epochs, 1...RunConfiguration.mostEpochs)
    try check("--threads", threads, 1...1024)
    try check("--halving", halving, 2...1000)
    try check("--min-epochs", leastEpochs, 1...epochs)
    if let halving, rungs.rungs.count == 1 {
      throw .conflict(
        "--halving \(halving) leaves no rung before all \(counted(epochs, "epoch")) and after \(leastEpochs): give more --epochs, a "
          + "smaller --halving or a smaller --min-epochs")
    }
  }
}

extension StudyConfiguration: VersionedContent {
  static var version: Int { 1 }
}
