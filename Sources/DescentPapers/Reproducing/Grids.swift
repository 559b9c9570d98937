import DescentLab

/// Grids of settings, because papers show the best setting. A contender's name is a method and, after a space, a
/// setting.
extension ReproductionSession {
  /// A contender for each setting of each method. The setting is a text that replaces `$` in the method's options.
  func grid(
    _ methods: [(name: String, optimizer: String, settings: [String])],
    _ configuration: (_ optimizer: String) -> RunConfiguration
  ) -> [Contender] {
    methods.flatMap { method in
      method.settings.map { setting in
        let optimizer = method.optimizer.split(separator: "$", omittingEmptySubsequences: false).joined(
          separator: setting)
        return Contender("\(method.name) \(setting)", configuration(optimizer))
      }
    }
  }
}

extension [ContenderResult] {
  /// For each method the `count` settings with the least values. Settings without a finite value come last.
  func best(
    _ count: Int = 1, by value: (ContenderResult) -> Double? = { $0.final(\.trainLoss)?.mean }
  ) -> [ContenderResult] {
    var methods: [Substring] = []
    for result in self where !methods.contains(result.method) { methods.append(result.method) }
    return methods.flatMap { method in
      filter { $0.method == method }.sorted { finite(value($0)) < finite(value($1)) }.prefix(count)
    }
  }

  /// The result of the contender whose method is `name`.
  func of(_ name: String) -> ContenderResult? { first { $0.method == name } }

  private func finite(_ value: Double?) -> Double { value.map { $0.isFinite ? $0 : .infinity } ?? .infinity }
}

extension Contender {
  /// The name up to its setting.
  var method: Substring { name.prefix { $0 != " " } }
}

extension ContenderResult {
  var method: Substring { contender.method }
  /// The training loss of the last epoch, as mean over the seeds; infinite if there is none.
  var trainLoss: Double { final(\.trainLoss)?.mean ?? .infinity }
  /// The same for epoch `epoch`.
  func trainLoss(after epoch: Int) -> Double {
    epochs(\.trainLoss).first { $0.x == Double(epoch) }?.spread.mean ?? .infinity
  }
  var testLoss: Double { final(\.testLoss)?.mean ?? .infinity }
  /// "adam 0.1234".
  var lossText: String { "\(method) \(significant(trainLoss, digits: 4))" }
}

extension ReproductionPage {
  /// Adds the table and the curves of `results`.
  mutating func add(_ results: [ContenderResult], as name: String, _ caption: String, hasErrors: Bool = false) {
    let report = ComparisonReport(results)
    add(report.table)
    var figure = report.lossFigure
    let losses = hasErrors ? "\(caption): training loss" : caption
    figure.title = losses
    add(figure, as: name, losses)
    if hasErrors, var errors = report.errorFigure {
      errors.title = "\(caption): test error"
      add(errors, as: "\(name)-error", "\(caption): test error")
    }
  }

  /// Judges whether the value of `better`, by default its last training loss, is at most that of `worse`. A share
  /// `slack` above still counts; the page states it.
  mutating func judge(
    _ better: String, ahead worse: String, in results: [ContenderResult], slack: Double = 0,
    by value: (ContenderResult) -> Double = { $0.trainLoss }, _ claim: String
  ) {
    let claim = slack == 0 ? claim : "\(claim) (or at most \(significant(100 * slack, digits: 2)) % above)"
    guard let a = results.of(better), let b = results.of(worse) else {
      let missing = [better, worse].filter { results.of($0) == nil }
      return judge(claim, false, "\(missing.joined(separator: " and ")) did not run")
    }
    judge(
      claim, value(a) <= (1 + slack) * value(b),
      "\(better) \(significant(value(a), digits: 4)), \(worse) \(significant(value(b), digits: 4))")
  }
}
