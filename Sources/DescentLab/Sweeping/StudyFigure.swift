import Descent

/// The metric of a study's trials against each option that varies: one panel for each option, drawn by gnuplot.
///
/// Filled circles are trials with all their epochs; empty circles are those that are not finished, for example because
/// halving stopped them. Diverged trials have no point.
public struct StudyFigure: Drawing {
  /// Trials of one optimizer on one panel.
  private struct Series {
    var optimizer: Int
    var isFinished: Bool
    var points: [(x: Double, y: Double)]
  }

  private struct Panel {
    var name: String
    var axis: SearchRange.Axis
    /// The words on the axis, at 0, 1, …
    var categories: [String] = []
    var series: [Series] = []
  }

  private let title: String
  private let objective: Objective
  private let labels: [String]
  private var panels: [Panel] = []

  public init(_ report: StudyReport) {
    let study = report.configuration
    title = "\(OptionSpec.name(of: study.model)) on \(study.data)"
    objective = report.objective
    labels = report.spaces.map(\.label)
    for (i, space) in report.spaces.enumerated() {
      let trials = report.ranking.filter { $0.optimizer == space.label && $0.metric != nil }
      for dimension in space.dimensions { add(dimension, of: i, trials) }
    }
    panels.removeAll(where: \.series.isEmpty)
  }

  private mutating func add(_ dimension: SearchSpace.Dimension, of optimizer: Int, _ trials: [Trial]) {
    let axis = dimension.range.axis
    // Optimizers that have the option in common share its panel.
    let index =
      panels.firstIndex { $0.name == dimension.name && $0.axis == axis }
      ?? {
        panels.append(Panel(name: dimension.name, axis: axis))
        return panels.count - 1
      }()
    if axis == .categories {
      let words = (0..<(dimension.range.count ?? 0)).compactMap { dimension.range.value(number: $0) }
      panels[index].categories += words.filter { !panels[index].categories.contains($0) }
    }
    for isFinished in [false, true] {
      let points = trials.filter { ($0.state == .finished) == isFinished }.compactMap { trial in
        point(of: trial, dimension, panels[index].categories)
      }
      if !points.isEmpty {
        panels[index].series.append(Series(optimizer: optimizer, isFinished: isFinished, points: points))
      }
    }
  }

  private func point(
    of trial: Trial, _ dimension: SearchSpace.Dimension, _ categories: [String]
  ) -> (x: Double, y: Double)? {
    guard let text = trial.parameters[dimension.key], let metric = trial.metric else { return nil }
    let x = dimension.range.axis == .categories ? categories.firstIndex(of: text).map(Double.init) : Double(text)
    return x.map { ($0, objective.isAccuracy ? 100 * metric : metric) }
  }

  public func render(_ format: Figure.Format) throws(FigureError) -> [UInt8] {
    try Gnuplot.run(script(Figure.setup(format)))
  }

  public func characters(columns: Int, rows: Int) throws(FigureError) -> String {
    // One panel after the other: characters are too coarse for panels side by side.
    var text = ""
    for panel in panels {
      let one = Figure.setup(columns: columns, rows: rows) + commands(panel, asCharacters: true)
      text += Figure.lines(try Gnuplot.run(one.joined(separator: "\n") + "\n")) + "\n"
    }
    guard !text.isEmpty else { throw .nothingToDraw(title) }
    return text
  }

  private func script(_ setup: [String]) throws(FigureError) -> String {
    guard !panels.isEmpty else { throw .nothingToDraw(title) }
    let columns = panels.count == 1 ? 1 : panels.count <= 4 ? 2 : 3
    let rows = (panels.count + columns - 1) / columns
    var lines = setup
    lines.append("set multiplot layout \(rows),\(columns) title \(Gnuplot.string(title))")
    for panel in panels { lines += commands(panel, asCharacters: false) }
    lines.append("unset multiplot")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The y axis. It is the same for all panels, so that heights can be compared.
  private var yAxis: [String] {
    let values = panels.flatMap { $0.series.flatMap { $0.points.map(\.y) } }
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    if !objective.isAccuracy, low > 0, high / low > 10 {
      return ["set logscale y", "set yrange [\(low / 1.3):\(high * 1.3)]"]
    }
    let margin = high > low ? (high - low) / 20 : max(abs(high), 1) / 20
    return ["set yrange [\(low - margin):\(high + margin)]"]
  }

  private func commands(_ panel: Panel, asCharacters: Bool) -> [String] {
    var lines = [
      "set xlabel \(Gnuplot.string(panel.name))",
      "set ylabel \(Gnuplot.string(objective.description + (objective.isAccuracy ? " in %" : "")))",
      "unset logscale", "set xtics autofreq", "set xrange [*:*]", "set offsets graph 0.05, graph 0.05, 0, 0",
      "set format '%g'",
      // The legend stands above the points, which may lie anywhere.
      labels.count > 1 ? "set key above horizontal samplen 1" : "set key off",
    ]
    lines += yAxis
    if panel.axis == .logarithmic { lines.append("set logscale x") }
    if panel.axis == .categories {
      let marks = panel.categories.enumerated().map { "\(Gnuplot.mark($1)) \($0)" }.joined(separator: ", ")
      lines += ["set xtics (\(marks))", "set xrange [-0.5:\(Double(panel.categories.count) - 0.5)]"]
    }
    for (i, series) in panel.series.enumerated() {
      lines += ["$series\(i) << end_of_series"] + series.points.map { "\($0.x) \($0.y)" } + ["end_of_series"]
    }
    var named: Set<Int> = []
    let plots = panel.series.enumerated().map { i, series in
      let name = named.insert(series.optimizer).inserted ? labels[series.optimizer] : ""
      let title = name.isEmpty ? "notitle" : "title \(Gnuplot.string(name))"
      // A circle, full or empty; in character graphics a letter for each optimizer.
      let mark = asCharacters ? series.optimizer + 1 : series.isFinished ? 7 : 6
      return "$series\(i) using 1:2 with points linetype \(series.optimizer + 1) pointtype \(mark) pointsize 1 "
        + title
    }
    return lines + ["plot " + plots.joined(separator: ", ")]
  }
}
