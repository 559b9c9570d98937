import Descent
import Foundation

/// The results of an epoch.
public struct EpochMetrics: Codable, Hashable, Sendable {
  /// From 1.
  public var epoch: Int
  /// Steps since the run began.
  public var step: Int
  /// Seconds of work since the run began: evaluation included, interruptions not.
  public var seconds: Double
  /// The mean over the epoch's samples, each at the parameters of its own step.
  public var trainLoss: Double
  /// In 0...1; nil for a model that is no classifier.
  public var trainAccuracy: Double?
  /// The mean over the test set after the epoch; nil without a test set.
  public var testLoss: Double?
  public var testAccuracy: Double?
  /// α of the epoch's last step.
  public var learningRate: Double?

  /// If a loss is NaN, its accuracy becomes NaN too: classes predicted from such numbers mean nothing.
  public init(
    epoch: Int, step: Int, seconds: Double, trainLoss: Double, trainAccuracy: Double? = nil, testLoss: Double? = nil,
    testAccuracy: Double? = nil, learningRate: Double? = nil
  ) {
    self.epoch = epoch
    self.step = step
    self.seconds = seconds
    self.trainLoss = trainLoss
    self.trainAccuracy = trainLoss.isNaN ? trainAccuracy.map { _ in .nan } : trainAccuracy
    self.testLoss = testLoss
    self.testAccuracy = testLoss?.isNaN == true ? testAccuracy.map { _ in .nan } : testAccuracy
    self.learningRate = learningRate
  }

  /// The error that the run has diverged; nil if the loss after the epoch is finite.
  ///
  /// The loss is that on the test set or, without one, the training loss. A single batch with an infinite loss is no
  /// divergence if the run recovered.
  var divergence: RunError? {
    let loss = testLoss ?? trainLoss
    guard !loss.isFinite else { return nil }
    return .diverged(
      epoch: epoch, step: step,
      reason:
        "the \(testLoss == nil ? "training" : "test") loss is \(fixed(loss, digits: 1)); a lower learning rate may help"
    )
  }

  /// The epoch in words.
  public func line(of epochs: Int) -> String {
    var parts = ["epoch \(epoch)/\(epochs)", "train loss \(fixed(trainLoss, digits: 4))"]
    if let trainAccuracy { parts.append("accuracy \(fixed(100 * trainAccuracy, digits: 2)) %") }
    if let testLoss { parts.append("test loss \(fixed(testLoss, digits: 4))") }
    if let testAccuracy { parts.append("accuracy \(fixed(100 * testAccuracy, digits: 2)) %") }
    return (parts + ["\(fixed(seconds, digits: 1)) s"]).joined(separator: "  ")
  }

  /// The epoch as one line of JSON, under the names of the columns.
  public func json() -> String { JSON.line(self) }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case epoch, step, seconds
    case trainLoss = "train_loss"
    case trainAccuracy = "train_accuracy"
    case testLoss = "test_loss"
    case testAccuracy = "test_accuracy"
    case learningRate = "learning_rate"
  }
}

/// `metrics.csv`, with a row for each epoch. Numbers have the fewest digits that restore them exactly; a cell without a
/// number is empty.
struct MetricsFile {
  private let path: String
  private(set) var rows: [EpochMetrics]
  /// The number of rows that were left out because they are beyond the given step.
  private(set) var droppedCount = 0

  /// Reads the rows up to `step` from the file at `path`. A resumed run does later epochs again, so their rows are
  /// dropped.
  /// - Throws: ``RunFolderError/invalidMetrics(_:line:)``, or ``RunFolderError/file(_:)`` if there is a file that cannot be
  ///   read.
  init(_ path: String, upTo step: Int) throws(RunFolderError) {
    self.path = path
    rows = []
    let text: String?
    do throws(FileError) { text = try WholeFile.text(path) } catch { throw .file(error) }
    guard let text else { return }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    guard lines.first.map({ $0 + "\n" }) == CSV.row(EpochMetrics.columns) else { throw .invalidMetrics(path, line: 1) }
    var last: EpochMetrics?
    for (number, line) in lines.enumerated().dropFirst() {
      guard let row = EpochMetrics(csv: line), row.follows(last) else { throw .invalidMetrics(path, line: number + 1) }
      last = row
      if row.step <= step { rows.append(row) } else { droppedCount += 1 }
    }
  }

  mutating func append(_ row: EpochMetrics) { rows.append(row) }

  /// Replaces the file by the rows as they are now.
  func write() throws(FileError) {
    try AtomicFile.write(([EpochMetrics.columns] + rows.map(\.cells)).map(CSV.row).joined(), to: path)
  }
}

extension EpochMetrics {
  /// The names of the columns.
  static let columns = CodingKeys.allCases.map(\.rawValue)

  /// The cells of a row of CSV, in the order of ``columns``.
  var cells: [String] {
    let numbers = [seconds, trainLoss, trainAccuracy, testLoss, testAccuracy, learningRate]
    return ["\(epoch)", "\(step)"] + numbers.map { $0.map(exactText) ?? "" }
  }

  /// Whether this can be a later epoch than `row` of the same run (any epoch if `row` is nil), within the limits of a
  /// run.
  fileprivate func follows(_ row: EpochMetrics?) -> Bool {
    epoch > row?.epoch ?? 0 && step > row?.step ?? 0 && epoch <= RunConfiguration.mostEpochs
      && step <= RunConfiguration.mostSteps
  }

  fileprivate init?(csv line: Substring) {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false)
    guard cells.count == CodingKeys.allCases.count, let epoch = Int(cells[0]), let step = Int(cells[1]),
      let seconds = Double(cells[2]), let trainLoss = Double(cells[3]),
      cells[4...].allSatisfy({ $0.isEmpty || Double($0) != nil })
    else { return nil }
    self.init(
      epoch: epoch, step: step, seconds: seconds, trainLoss: trainLoss, trainAccuracy: Double(cells[4]),
      testLoss: Double(cells[5]), testAccuracy: Double(cells[6]), learningRate: Double(cells[7]))
  }
}
