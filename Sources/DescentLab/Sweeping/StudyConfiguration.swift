import Descent
import Foundation

/// Everything that determines a study: which runs it makes, and how it ranks them.
public struct StudyConfiguration: Codable, Hashable, Sendable {
  public var data: String
  /// Folder of the data set's files; nil for data that the program makes itself.
  public var dataFolder: String?
  /// As written, with search functions in the options.
  public var model: String
  /// As written, with search functions in the options; one at least.
  public var optimizers: [String]
  /// Of a whole run.
  public var epochs: Int
  /// Samples in a step: a number or a search function, as the three that follow.
  public var batch: String
  public var weightDecay: String?
  public var clipNorm: String?
  public var average: String?
  /// From which the search and every run derive their random numbers: the runs start from the same parameters where
  /// their models are the same, and see the same batches.
  public var seed: UInt64
  /// Threads of one run. Results depend on it in the last bits.
  public var threads: Int
  public var search: SearchMethod
  /// How many points are tried; a grid has its own number.
  public var trials: Int
  /// η of successive halving; nil if every trial has all its epochs.
  public var halving: Int?
  /// Epochs of the first rung at least.
  public var leastEpochs: Int
  /// What trials are ranked by; nil until the plan has chosen one that the model has.
  public var metric: Objective.Metric?
  /// Whether a trial counts as its best epoch does, not as its last.
  public var ranksByBestEpoch: Bool

  /// What a study does unless it is told otherwise.
  public static var standard: StudyConfiguration {
    let run = RunConfiguration.standard
    return StudyConfiguration(
      data: run.data, model: run.model, optimizers: ["adam:lr=log(1e-4,1e-1)"], epochs: run.epochs,
      batch: "\(run.batchSize)", seed: run.seed, threads: 1, search: .random, trials: 20, leastEpochs: 1,
      ranksByBestEpoch: false)
  }

  var objective: Objective? { metric.map { Objective($0, isBest: ranksByBestEpoch) } }

  var rungs: Halving { Halving(epochs: epochs, factor: halving, least: leastEpochs) }

  /// What `other` has otherwise, in words; nil if nothing that matters: the same data may lie elsewhere.
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

  /// Whether `other` is this study with more trials. A grid has all it can have, and halving compares those that began
  /// together.
  public func canGrow(to other: StudyConfiguration) -> Bool {
    guard search != .grid, halving == nil, other.trials > trials else { return false }
    var same = other
    same.trials = trials
    return difference(from: same) == nil
  }

  /// Of a study.
  static let mostTrials = 100_000

  /// Checks what is neither a range nor part of a run, whether it is from options or from a file.
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
