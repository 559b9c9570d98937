import Descent

/// A page that shows runs side by side.
public struct RunsReport: Sendable {
  public let runs: [SavedRun]
  /// The settings of each run by name.
  private let values: [[String: String]]
  /// Every setting's name, in the order in which they come.
  private let names: [String]

  public init(of runs: [SavedRun]) {
    self.runs = runs
    let settings = runs.map(\.settings)
    values = settings.map { Dictionary($0) { $1 } }
    names = Self.ordered(settings.joined().map(\.name))
  }

  /// A row for each run: how far it came, and its results.
  public var table: Table {
    var table = Table(
      header: [
        "run", "optimizer", "seed", "epochs", "steps", "seconds", "train loss", "test loss", "test accuracy",
        "best test accuracy", "at epoch", "state",
      ])
    for run in runs {
      let last = run.rows.last
      let best = run.rows.best
      func loss(_ value: Double?) -> String { value.map { fixed($0, digits: 4) } ?? "–" }
      table.add([
        run.name, OptionSpec.name(of: run.configuration.optimizer), "\(run.configuration.seed)",
        last.map { "\($0.epoch)" } ?? "0", last.map { $0.step.grouped } ?? "–",
        last.map { fixed($0.seconds, digits: 1) } ?? "–", loss(last?.trainLoss), loss(last?.testLoss),
        RunReport.percent(last?.testAccuracy), RunReport.percent(best?.accuracy), best.map { "\($0.epoch)" } ?? "–",
        Self.state(of: run),
      ])
    }
    return table.withoutEmptyColumns()
  }

  /// Why a run did not reach its last epoch, in words; a dash if it did.
  private static func state(of run: SavedRun) -> String {
    if let divergence = run.divergence { return String(divergence.prefix { $0 != ":" }) }
    let epochs = run.configuration.epochs
    return run.rows.count < epochs ? "\(run.rows.count) of \(counted(epochs, "epoch"))" : "–"
  }

  /// The settings in which runs differ, one column for each. An option that some methods lack is no difference by
  /// itself.
  public var differences: Table {
    let names = names.filter { name in
      let values = values.map { $0[name] }
      return Set(name.contains(".") ? values.filter { $0 != nil } : values).count > 1
    }
    var table = Table(header: ["run"] + names)
    for (run, values) in zip(runs, values) { table.add([run.name] + names.map { values[$0] ?? "–" }) }
    return table
  }

  /// All settings, one row for each.
  var settings: Table {
    var table = Table(header: ["setting"] + runs.map(\.name))
    for name in names { table.add([name] + values.map { $0[name] ?? "–" }) }
    return table
  }

  /// The names in `all` without repetition, in the order in which settings are shown.
  private static func ordered(_ all: some Sequence<String>) -> [String] {
    var seen: Set<String> = []
    let names = all.filter { seen.insert($0).inserted }
    let order = ["data", "model", "optimizer", "epochs", "batch"]
    // The options of all models come right after the model.
    func place(_ name: String) -> Int { order.firstIndex { name == $0 || name.hasPrefix($0 + ".") } ?? order.count }
    return names.enumerated().sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }.map(\.element)
  }

  /// How strongly noisy curves are smoothed at first: not at all if they have few points.
  private func smoothing(_ charts: [ReportData.Chart]) -> Double {
    let longest = charts.filter(\.isRough).flatMap { $0.series.map(\.x.count) }.max() ?? 0
    return longest < 60 ? 0 : longest < 200 ? 0.6 : 0.9
  }

  /// The page.
  public var page: String {
    let count = counted(runs.count, "run")
    let data = ReportData(runs)
    var body = """
      <h1>\(count)</h1>
      <p>\(Page.escaped(Set(runs.map(\.configuration.data)).sorted().joined(separator: "; "))). \
      Hover over a chart for values; drag to zoom, double-click for all.</p>
      \(Page.html(table))

      """
    if runs.count > 1 {
      let differences = differences
      body +=
        "<h2>Settings that differ</h2>\n"
        + (differences.header.count > 1 ? Page.html(differences) : "<p>None: the runs have the same settings.</p>")
    }
    body += """

      <details\(runs.count == 1 ? " open" : "")><summary>All settings</summary>
      \(Page.html(settings))
      </details>
      <h2>Curves</h2>
      <div class="bar"><div class="legend" id="legend"></div>
      <label>smoothing of batches <input type="range" id="smoothing" min="0" max="0.99" step="0.01" value="\(smoothing(data.charts))"></label></div>
      <div class="charts" id="charts"></div>

      """
    if !data.diagnoses.isEmpty {
      let options = data.diagnoses.enumerated().map { "<option value=\"\($0)\">\(Page.escaped($1.run))</option>" }
      body += """
        <h2>What steps do to each parameter</h2>
        <div class="bar"><label>run <select id="diagnosed">\(options.joined())</select></label>
        <div class="legend" id="blocks"></div>
        <label>smoothing <input type="range" id="blockSmoothing" min="0" max="0.99" step="0.01" value="\(smoothing(data.diagnoses.flatMap(\.charts)))"></label></div>
        <div class="charts" id="diagnoses"></div>

        """
    }
    let title =
      runs.count == 1 ? "Run \(runs[0].name)" : "\(count): \(runs.prefix(3).map(\.name).joined(separator: ", "))"
    return Page(title: title, body: body, data: data, script: PageFiles.report).html
  }
}
