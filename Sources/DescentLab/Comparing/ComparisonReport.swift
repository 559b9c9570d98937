/// The results of a comparison: a table, figures of the curves, and a row for each epoch of each run.
public struct ComparisonReport: Sendable {
  public let results: [ContenderResult]
  public let target: Target
  /// Whether the user gave the target.
  private let hasOwnTarget: Bool

  /// The target for which the contenders' steps are counted.
  public enum Target: Hashable, Sendable {
    /// The most that the mean of the last ten kept training losses may be. Runs keep the loss of every tenth step.
    case loss(Double)
    /// Share of the test set, in 0...1, after an epoch.
    case accuracy(Double)
  }

  /// - Parameters:
  ///   - results: The results of all contenders.
  ///   - target: The target; by default the training loss that half of the contenders end with for every seed.
  public init(_ results: [ContenderResult], target: Target? = nil) {
    self.results = results
    hasOwnTarget = target != nil
    let losses = results.compactMap { $0.final(\.trainLoss) }.filter(\.mean.isFinite).sorted { $0.mean < $1.mean }
    self.target = target ?? .loss(losses.isEmpty ? 0 : losses[losses.count / 2].high)
  }

  public var table: Table {
    let reached =
      switch target {
      case .loss(let loss): "steps to loss \(significant(loss, digits: 3))"
      case .accuracy(let share): "steps to \(significant(100 * share, digits: 4)) %"
      }
    var table = Table(header: [
      "optimizer", "train loss", "test loss", "best loss", "accuracy %", "best %", "seconds", reached,
    ])
    for result in results {
      table.add([
        result.name + Self.remark(on: result), Self.text(result.final(\.trainLoss), 4),
        Self.text(result.final(\.testLoss), 4),
        Self.text(result.best(\.testLoss, by: <), 4), Self.text(result.final(\.testAccuracy), 2, scale: 100),
        Self.text(result.best(\.testAccuracy, by: >), 2, scale: 100), Self.text(result.final(\.seconds), 1),
        stepsToTarget(of: result),
      ])
    }
    return table.withoutEmptyColumns()
  }

  /// Why a result is not complete: runs diverged, or have epochs left; empty if it is complete.
  private static func remark(on result: ContenderResult) -> String {
    let failures = result.runs.compactMap(\.failure).count
    if failures > 0 { return " (diverged in \(failures) of \(counted(result.runs.count, "run")))" }
    guard !result.isFinished else { return "" }
    let epochs = result.runs.reduce(0) { $0 + $1.epochs }
    return " (\(epochs) of \(counted(result.contender.configuration.epochs * result.runs.count, "epoch")))"
  }

  private static func text(_ spread: Spread?, _ digits: Int, scale: Double = 1) -> String {
    spread?.text(digits: digits, scale: scale) ?? "–"
  }

  /// A line of JSON for each contender.
  public var json: String {
    results.map { JSON.line(ContenderLine($0, steps: steps(of: $0))) + "\n" }.joined()
  }

  /// The steps of each run to the target; nil for a run that did not reach it.
  private func steps(of result: ContenderResult) -> [Int?] {
    result.runs.map { run in
      switch target {
      case .loss(let loss): run.steps(toLoss: loss)
      case .accuracy(let share): run.steps(toAccuracy: share)
      }
    }
  }

  private func stepsToTarget(of result: ContenderResult) -> String {
    let steps = steps(of: result)
    let reached = steps.compactMap { $0.map(Double.init) }
    guard !reached.isEmpty else { return hasOwnTarget ? "not reached" : "–" }
    guard reached.count == steps.count else { return "in \(reached.count) of \(steps.count) runs" }
    return Spread(reached)?.text(digits: 0) ?? "–"
  }

  /// The training loss by step.
  public var lossFigure: Figure {
    let curves = results.map { result in
      let losses = result.losses()
      // A short run has kept the loss of one step, or of none.
      return Figure.Curve(result.name, spreads: losses.count > 1 ? losses : result.epochs(\.trainLoss))
    }
    var figure = Figure(title: "Training loss\(seedsText)", xLabel: "epoch", yLabel: "loss", curves: curves)
    figure.chooseYScale()
    return figure
  }

  /// The share of the test set that is wrong after each epoch; nil for models that classify nothing.
  public var errorFigure: Figure? {
    let curves = results.map { result in
      Figure.Curve(result.name, spreads: result.epochs { $0.testAccuracy.map { 100 * (1 - $0) } })
    }
    guard curves.contains(where: { !$0.points.isEmpty }) else { return nil }
    var figure = Figure(title: "Test error\(seedsText)", xLabel: "epoch", yLabel: "error, %", curves: curves)
    figure.chooseYScale()
    return figure
  }

  private var seedsText: String {
    let count = results.map(\.runs.count).max() ?? 0
    return count > 1 ? ", mean of \(count) seeds, from smallest to largest" : ""
  }

  /// A row for each epoch of each run.
  public var csv: String {
    let rows = results.flatMap { result in
      result.runs.flatMap { run in run.rows.map { [result.name, "\(run.seed)"] + $0.cells } }
    }
    return ([["contender", "seed"] + EpochMetrics.columns] + rows).map(CSV.row).joined()
  }

  /// Who came out ahead, in a line.
  public var summary: String {
    guard results.allSatisfy(\.isFinished) else { return "not finished: who is ahead may change" }
    var parts: [String] = []
    if let least = least(by: { $0.final(\.trainLoss)?.mean }) { parts.append("lowest training loss: \(least)") }
    if let best = least(by: { $0.final(\.testAccuracy).map { -$0.mean } }) {
      parts.append("highest test accuracy: \(best)")
    }
    return parts.joined(separator: "; ")
  }

  private func least(by value: (ContenderResult) -> Double?) -> String? {
    results.compactMap { result in value(result).map { (result.name, $0) } }.filter { $0.1.isFinite }
      .min { $0.1 < $1.1 }?.0
  }
}
