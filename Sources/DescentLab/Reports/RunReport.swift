import Descent
import Foundation

/// The results of a run: a table of its epochs and a figure of its losses.
public struct RunReport: Sendable {
  public let configuration: RunConfiguration
  public let rows: [EpochMetrics]
  public let stepsPerEpoch: Int
  private let losses: [(x: Double, y: Double)]

  /// Reads what the run in `folder` has written so far.
  public init(of folder: RunFolder, configuration: RunConfiguration, rows: [EpochMetrics], stepsPerEpoch: Int) {
    self.configuration = configuration
    self.rows = rows
    self.stepsPerEpoch = stepsPerEpoch
    let scalars = EventReader(folder: folder.path).scalars.filter { $0.tag == Trainer.lossTag }
    // The losses of single batches are noisy, so neighbours are averaged.
    losses = Thinning.means(scalars.map { (Double($0.step) / Double(stepsPerEpoch), $0.value) }, buckets: 100)
  }

  /// A table of the epochs, or of the last ten if there are more.
  public var table: Table {
    var table = Table(
      header: [
        "epoch", "step", "seconds", "train loss", "train accuracy", "test loss", "test accuracy", "learning rate",
      ])
    for row in rows.suffix(10) {
      table.add([
        "\(row.epoch)", "\(row.step)", fixed(row.seconds, digits: 2), fixed(row.trainLoss, digits: 4),
        Self.percent(row.trainAccuracy), row.testLoss.map { fixed($0, digits: 4) } ?? "–",
        Self.percent(row.testAccuracy), row.learningRate.map { significant($0, digits: 4) } ?? "–",
      ])
    }
    return table
  }

  /// Training loss by step, and the test loss after each epoch.
  public var figure: Figure {
    var curves = [Figure.Curve("training", points: losses)]
    let test = rows.compactMap { row in row.testLoss.map { (x: Double(row.epoch), y: $0) } }
    if !test.isEmpty { curves.append(Figure.Curve("test", points: test)) }
    let title = "\(configuration.model) on \(configuration.data), \(OptionSpec.name(of: configuration.optimizer))"
    var figure = Figure(title: title, xLabel: "epoch", yLabel: "loss", curves: curves)
    figure.chooseYScale()
    return figure
  }

  /// The results in one line.
  public var summary: String {
    guard let last = rows.last else { return "no epoch is done" }
    var parts: [String] = []
    if let best = rows.best {
      parts.append(
        "test accuracy \(Self.percent(last.testAccuracy)) (best \(Self.percent(best.accuracy)), epoch \(best.epoch))")
    }
    parts.append(
      "\(fixed(last.seconds, digits: 1)) s, \(fixed(last.seconds / Double(rows.count), digits: 2)) s an epoch")
    parts.append("at most \(peakMemory / 1_000_000) MB of memory")
    return parts.joined(separator: "; ")
  }

  /// The most memory this process has held, in bytes.
  private var peakMemory: Int {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss * 1024
    #endif
  }

  /// A share in percent, as tables show it.
  static func percent(_ share: Double?) -> String { share.map { "\(fixed(100 * $0, digits: 2)) %" } ?? "–" }
}

extension [EpochMetrics] {
  /// The first epoch with the highest test accuracy; nil if none has a number.
  var best: (epoch: Int, accuracy: Double)? {
    reduce(nil) { best, row in
      guard let accuracy = row.testAccuracy, accuracy.isFinite, accuracy > best?.accuracy ?? -1 else { return best }
      return (row.epoch, accuracy)
    }
  }
}
