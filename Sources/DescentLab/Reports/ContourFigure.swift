/// A path over the contours of a function of two variables, drawn by gnuplot.
public struct ContourFigure: Drawing {
  public var title: String
  /// f(x, y).
  public var function: @Sendable (Double, Double) -> Double
  /// What is shown at least; more of the plane if the path leaves it, up to three times its width.
  public var region: (x: ClosedRange<Double>, y: ClosedRange<Double>)
  /// From the start on.
  public var path: [(x: Double, y: Double)]
  /// Points to mark: minimizers.
  public var marks: [(x: Double, y: Double)]

  public init(
    title: String, function: @escaping @Sendable (Double, Double) -> Double,
    region: (x: ClosedRange<Double>, y: ClosedRange<Double>), path: [(x: Double, y: Double)],
    marks: [(x: Double, y: Double)]
  ) {
    self.title = title
    self.function = function
    self.region = region
    self.path = path
    self.marks = marks
  }

  public func render(_ format: Figure.Format) throws(FigureError) -> [UInt8] {
    let style = [
      "set linetype 1 linecolor rgb '#D55E00' linewidth 2 pointtype 7 pointsize 0.35",
      "set palette defined (0 '#08519c', 1 '#d6e6f4')", "unset colorbox",
    ]
    return try Gnuplot.run(
      script(
        Figure.setup(format) + style, contours: 16,
        plots: [
          "$contours using 1:2:3 with lines linewidth 1 linecolor palette notitle",
          "$path using 1:2 with linespoints linetype 1 title 'path'",
          "$start using 1:2 with points pointtype 6 pointsize 1.2 linewidth 2 linecolor rgb '#000000' title 'start'",
          "$marks using 1:2 with points pointtype 3 pointsize 1.4 linewidth 2 linecolor rgb '#009E73' title 'minimizer'",
        ]))
  }

  public func characters(columns: Int, rows: Int) throws(FigureError) -> String {
    let picture = try Gnuplot.run(
      script(
        Figure.setup(columns: columns, rows: rows), contours: 5,
        plots: [
          "$contours using 1:2 with points pointtype '.' notitle",
          "$path using 1:2 with points pointtype 'o' title 'path'",
          "$marks using 1:2 with points pointtype '*' title 'minimizer'",
          "$start using 1:2 with points pointtype 'S' title 'start'",
        ]))
    return Figure.lines(picture)
  }

  private func script(_ setup: [String], contours: Int, plots: [String]) throws(FigureError) -> String {
    let path = path.filter { $0.x.isFinite && $0.y.isFinite }
    guard let start = path.first else { throw .nothingToDraw(title) }
    let x = Self.range(region.x, including: path.map(\.x))
    let y = Self.range(region.y, including: path.map(\.y))
    let count = 100
    func position(_ range: ClosedRange<Double>, _ i: Int) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double(i) / Double(count)
    }
    let values = (0...count).map { i in (0...count).map { j in function(position(x, i), position(y, j)) } }
    let finite = values.joined().filter(\.isFinite).sorted()
    guard let least = finite.first, let largest = finite.last, largest > least else { throw .nothingToDraw(title) }
    // Shares of the plane that grow as squares: closer together where the function is low, whatever its scale.
    let levels = (2...(contours + 1)).map { i in
      finite[(finite.count - 1) * i * i / ((contours + 2) * (contours + 2))] - least
    }.filter { $0 > 0 }
    var lines = setup
    lines.append("$grid << end_of_grid")
    for i in 0...count {
      lines += (0...count).map { j in
        "\(position(x, i)) \(position(y, j)) \(values[i][j].isFinite ? values[i][j] - least : largest - least)"
      }
      lines.append("")
    }
    lines.append("end_of_grid")
    lines += Self.block("path", path.filter { x.contains($0.x) && y.contains($0.y) })
    lines += Self.block("start", [start])
    let marks = marks.filter { x.contains($0.x) && y.contains($0.y) }
    lines += Self.block("marks", marks)
    lines += [
      "set title \(Figure.quoted(title))", "set xlabel 'x1'", "set ylabel 'x2'",
      "set contour base", "unset surface",
      "set cntrparam levels discrete \(levels.map { "\($0)" }.joined(separator: ","))",
      "set table $contours", "splot $grid using 1:2:3 notitle", "unset table",
      "set xrange [\(x.lowerBound):\(x.upperBound)]", "set yrange [\(y.lowerBound):\(y.upperBound)]",
      "set key outside bottom center horizontal", "set logscale cb",
      "plot " + plots.filter { !marks.isEmpty || !$0.contains("$marks") }.joined(separator: ", "),
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func block(_ name: String, _ points: [(x: Double, y: Double)]) -> [String] {
    ["$\(name) << end_of_\(name)"] + points.map { "\($0.x) \($0.y)" } + ["end_of_\(name)"]
  }

  private static func range(_ range: ClosedRange<Double>, including values: [Double]) -> ClosedRange<Double> {
    let width = range.upperBound - range.lowerBound
    let low = max(values.min() ?? range.lowerBound, range.lowerBound - width)
    let high = min(values.max() ?? range.upperBound, range.upperBound + width)
    return min(low, range.lowerBound)...max(high, range.upperBound)
  }
}
