/// How far a study is, and the line that shows it.
public struct StudyProgress: Hashable, Sendable {
  /// Trials that are finished, stopped or diverged.
  public let done: Int
  public let trials: Int
  /// Epochs that are done. A diverged trial counts with all epochs up to its target.
  public let epochs: Int
  /// Epochs that all trials together will have.
  public let totalEpochs: Int
  /// The trial that ranks first.
  public let best: Trial?
  private let objective: Objective?

  public init(_ trials: [Trial], of study: StudyConfiguration) {
    done = trials.count { ![.waiting, .paused].contains($0.state) }
    self.trials = trials.count
    epochs = trials.reduce(0) { $0 + ($1.state == .diverged ? $1.target : $1.epochs) }
    // If many trials diverge, a rung may have fewer trials than planned, so the total is known only at the end.
    let planned = study.rungs.totalEpochs(of: trials.count)
    totalEpochs = done == trials.count ? epochs : max(planned, epochs)
    objective = study.objective
    best =
      objective.flatMap { objective in
        trials.min { Trial.ranks($0, above: $1, by: objective) }
      }.flatMap { $0.metric == nil ? nil : $0 }
  }

  public var isComplete: Bool { done == trials }

  /// The line without a bar.
  public func plainLine(secondsLeft: Double?) -> String {
    ([head, "epochs \(epochs)/\(totalEpochs)"] + numbers(secondsLeft)).joined(separator: "  ")
  }

  /// The line for a terminal of `width` columns. Parts that do not fit are left out, the bar first.
  public func line(width: Int, utf8: Bool, secondsLeft: Double?) -> String {
    let done = Double(epochs) / Double(max(1, totalEpochs))
    return Progress.line(head, done: done, numbers(secondsLeft), width: width, utf8: utf8)
  }

  private var head: String { "trials \(done)/\(trials)" }

  private func numbers(_ secondsLeft: Double?) -> [String] {
    var numbers: [String] = []
    if let best, let metric = best.metric, let objective {
      numbers.append("best \(objective.text(metric)) (trial \(best.number))")
    }
    if let secondsLeft { numbers.append("\(Progress.clock(secondsLeft)) left") }
    return numbers
  }
}
