import Foundation

/// The results of a study: its trials as a table in order of rank, as CSV and as lines of JSON.
public struct StudyReport: Sendable {
  public let configuration: StudyConfiguration
  /// The best first.
  public let ranking: [Trial]
  /// The optimizers with the options that vary.
  let spaces: [SearchSpace]
  /// The names of all options that vary, without repetition.
  let parameters: [String]
  private let study: StudyFile
  let objective: Objective

  /// Reads the trials that are recorded so far.
  /// - Throws: ``StudyError``.
  public init(of study: StudyFile) throws {
    self.study = study
    configuration = study.configuration
    guard let objective = configuration.objective else {
      throw StudyError.damaged(study.path, reason: "it has no metric")
    }
    self.objective = objective
    spaces = try configuration.optimizers.indices.map { try SearchSpace(of: study.configuration, optimizer: $0) }
    var seen: Set<String> = []
    parameters = spaces.flatMap { $0.dimensions.map(\.name) }.filter { seen.insert($0).inserted }
    ranking = try study.trials().sorted { Trial.ranks($0, above: $1, by: objective) }
  }

  /// The values that `trial` tries, by their names.
  func values(of trial: Trial) -> [String: String] {
    let dimensions = spaces.first { $0.label == trial.optimizer }?.dimensions ?? []
    return Dictionary(dimensions.compactMap { one in trial.parameters[one.key].map { (one.name, $0) } }) { $1 }
  }

  /// The `count` best trials.
  public func table(of count: Int) -> Table {
    var table = Table(
      header: ["trial"] + (spaces.count > 1 ? ["optimizer"] : []) + parameters
        + [objective.description, "epochs", "seconds", "state"])
    for trial in ranking.prefix(count) {
      let found = values(of: trial)
      let values = parameters.map { found[$0] ?? "–" }
      table.add(
        ["\(trial.number)"] + (spaces.count > 1 ? [trial.optimizer] : []) + values + [
          trial.metric.map { objective.text($0) } ?? "–", "\(trial.epochs)", fixed(trial.seconds, digits: 2),
          trial.state == .waiting && trial.epochs > 0 ? "begun" : trial.state.rawValue,
        ])
    }
    return table
  }

  /// The outcome in one line; then the best trial, with the options that repeat it.
  public var summary: String {
    let progress = StudyProgress(ranking, of: configuration)
    let states = Trial.State.allCases.map { state in (state, ranking.count { $0.state == state }) }.filter { $0.1 > 0 }
    let counts = states.map { "\($1) \($0.rawValue)" }.joined(separator: ", ")
    let seconds = ranking.reduce(0) { $0 + $1.seconds }
    let work = "\(counted(progress.epochs, "epoch")) of \(progress.totalEpochs), \(fixed(seconds, digits: 1)) s of work"
    let head = "\(counted(ranking.count, "trial")) (\(counts)); \(work)"
    guard let best = progress.best, let metric = best.metric else { return head }
    let folder = study.folder(of: best.number)
    return "\(head)\nbest \(objective.text(metric)): trial \(best.number), \(options(of: best)), "
      + (access(folder, F_OK) == 0 ? "run in \(folder)" : "but \(folder) is gone: move it with the study")
  }

  /// The options that set `trial` apart from the study, without defaults, to be read and pasted into a command.
  private func options(of trial: Trial) -> String {
    guard let space = spaces.first(where: { $0.label == trial.optimizer }),
      let run = try? space.configuration(space.dimensions.map { trial.parameters[$0.key] ?? "" })
    else { return trial.configuration.optimizer }
    let options: [(name: String, value: String?)] = [
      ("--optimizer", run.optimizer), ("--model", run.model == configuration.model ? nil : run.model),
      ("--batch", run.batchSize.map { "\($0)" }.flatMap { $0 == configuration.batch ? nil : $0 }),
      ("--weight-decay", run.weightDecay.map(exactText)), ("--clip-norm", run.clipNorm.map(exactText)),
      ("--average", run.average),
    ]
    return options.compactMap { name, value in value.map { "\(name) \(shellQuoted($0))" } }.joined(separator: " ")
  }

  /// A row for each trial, in order of number, with its last recorded epoch. Numbers have the fewest digits that
  /// restore them exactly.
  public func csv() throws(StudyError) -> String {
    let header =
      ["trial", "optimizer"] + parameters
      + [
        "state", "epochs", "seconds", "metric", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "folder",
      ]
    var lines = [header]
    for trial in ranking.sorted(by: { $0.number < $1.number }) {
      let last = try study.epochs(of: trial.number).last
      let values = values(of: trial)
      let numbers = [
        trial.metric, last?.trainLoss, last?.trainAccuracy, last?.testLoss, last?.testAccuracy,
      ].map { $0.map(exactText) ?? "" }
      lines.append(
        ["\(trial.number)", trial.optimizer] + parameters.map { values[$0] ?? "" }
          + [trial.state.rawValue, "\(trial.epochs)", "\(trial.seconds)"] + numbers + [study.folder(of: trial.number)])
    }
    return lines.map(CSV.row).joined()
  }

  /// The trial as one line of JSON.
  public func json(_ trial: Trial) -> String {
    JSON.line(
      Line(
        trial: trial.number, optimizer: trial.configuration.optimizer, model: trial.configuration.model,
        parameters: values(of: trial), state: trial.state.rawValue, epochs: trial.epochs, metric: trial.metric,
        seconds: trial.seconds, folder: study.folder(of: trial.number), note: trial.note))
  }

  private struct Line: Encodable {
    var trial: Int
    var optimizer, model: String
    var parameters: [String: String]
    var state: String
    var epochs: Int
    var metric: Double?
    var seconds: Double
    var folder: String
    var note: String?
  }
}
