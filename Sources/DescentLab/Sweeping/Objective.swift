/// The value by which a study ranks its trials.
public struct Objective: Codable, Hashable, Sendable, CustomStringConvertible {
  /// A column of `metrics.csv`.
  public enum Metric: String, Codable, CaseIterable, Sendable {
    case testAccuracy = "test_accuracy"
    case testLoss = "test_loss"
    case trainAccuracy = "train_accuracy"
    case trainLoss = "train_loss"
  }

  public var metric: Metric
  /// Whether a trial is ranked by its best epoch, not by its last.
  public var isBest: Bool

  public init(_ metric: Metric, isBest: Bool = false) {
    self.metric = metric
    self.isBest = isBest
  }

  /// Whether larger is better.
  public var isAccuracy: Bool { metric == .testAccuracy || metric == .trainAccuracy }

  public var description: String { (isBest ? "best " : "") + metric.rawValue.replacing("_", with: " ") }

  /// The metric of one epoch; nil if the run has none, or not a finite one.
  func value(of row: EpochMetrics) -> Double? {
    let value =
      switch metric {
      case .testAccuracy: row.testAccuracy
      case .testLoss: row.testLoss
      case .trainAccuracy: row.trainAccuracy
      case .trainLoss: row.trainLoss
      }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }

  /// The value by which a run with the epochs `rows` is ranked; nil if it has diverged or has no epoch.
  func value(of rows: [EpochMetrics]) -> Double? {
    guard let last = rows.last, !hasDiverged(last) else { return nil }
    guard isBest else { return value(of: last) }
    return rows.compactMap { value(of: $0) }.reduce(nil) { best, value in
      best.map { isBetter(value, than: $0) ? value : $0 } ?? value
    }
  }

  /// Whether an epoch gives nothing to rank by: its loss, or the metric, is not finite.
  func hasDiverged(_ row: EpochMetrics) -> Bool { !row.trainLoss.isFinite || value(of: row) == nil }

  func isBetter(_ a: Double, than b: Double) -> Bool { isAccuracy ? a > b : a < b }

  /// `value` as a table shows it.
  func text(_ value: Double) -> String {
    isAccuracy ? "\(fixed(100 * value, digits: 2)) %" : significant(value, digits: 5)
  }
}
