/// Paths over the contours of a function of two variables, drawn by gnuplot.
public struct ContourFigure: Drawing {
  public var title: String
  /// f(x, y).
  public var function: @Sendable (Double, Double) -> Double
  /// The region that is shown. If a path leaves it, more of the plane is shown, up to three times its width.
  public var region: (x: ClosedRange<Double>, y: ClosedRange<Double>)
  /// The paths, each with its start. All start at the same point.
  public var paths: [Figure.Curve]
  /// Points to mark: minimizers.
  public var marks: [(x: Double, y: Double)]

  public init(
    title: String, function: @escaping @Sendable (Double, Double) -> Double,
    region: (x: ClosedRange<Double>, y: ClosedRange<Double>), paths: [Figure.Curve],
    marks: [(x: Double, y: Double)]
  ) {
    self.title = title
    self.function = function
    self.region = region
    self.paths = paths
    self.marks = marks
  }

  public func render(_ format: Figure.Format) throws(FigureError) -> [UInt8] {
    // The contours are grey, to leave the colours to the paths.
    let style = ["set palette defined (0 '#7d8590', 1 '#dfe3e8')", "unset colorbox"]
    let lines = paths.indices.map { i in
      "$path\(i) using 1:2 with linespoints linetype \(i + 1) pointsize 0.35 title \(Gnuplot.string(paths[i].name))"
    }
    return try Gnuplot.run(
      script(
        Figure.setup(format) + style, contours: 16,
        plots: ["$contours using 1:2:3 with lines linewidth 1 linecolor palette notitle"] + lines + [
          "$start using 1:2 with points pointtype 6 pointsize 1.2 linewidth 2 linecolor rgb '#000000' title 'start'",
          "$marks using 1:2 with points pointtype 3 pointsize 1.4 linewidth 2 linecolor rgb '#000000' title 'minimizer'",
        ]))
  }

  public func characters(columns: Int, rows: Int) throws(FigureError) -> String {
    let lines = paths.indices.map { i in
      let mark = paths.count == 1 ? "o" : String(UnicodeScalar(UInt8(ascii: "a") + UInt8(i % 26)))
      return "$path\(i) using 1:2 with points pointtype '\(mark)' title \(Gnuplot.string(paths[i].name))"
    }
    let picture = try Gnuplot.run(
      script(
        Figure.setup(columns: columns, rows: rows), contours: 5,
        plots: ["$contours using 1:2 with points pointtype '.' notitle"] + lines + [
          "$marks using 1:2 with points pointtype '*' title 'minimizer'",
          "$start using 1:2 with points pointtype 'S' title 'start'",
        ]))
    return Figure.lines(picture)
  }

  private func script(_ setup: [String], contours: Int, plots: [String]) throws(FigureError) -> String {
    let paths = paths.map { $0.points.filter { $0.x.isFinite && $0.y.isFinite } }
    guard let start = paths.lazy.compactMap(\.first).first,
      let grid = ContourGrid(of: function, over: region, including: Array(paths.joined()), count: 240)
    else { throw .nothingToDraw(title) }
    let (x, y) = (grid.x, grid.y)
    func isInside(_ point: (x: Double, y: Double)) -> Bool { x.contains(point.x) && y.contains(point.y) }
    let highest = grid.heights.joined().compactMap { $0 }.max() ?? 0
    var lines = setup
    lines.append("$grid << end_of_grid")
    for i in 0...grid.count {
      lines += (0...grid.count).map { j in
        "\(grid.position(i).x) \(grid.position(j).y) \(grid.heights[i][j] ?? highest)"
      }
      lines.append("")
    }
    lines.append("end_of_grid")
    for (i, path) in paths.enumerated() { lines += Self.block("path\(i)", path.filter(isInside)) }
    lines += Self.block("start", [start])
    let marks = marks.filter(isInside)
    lines += Self.block("marks", marks)
    lines += [
      "set title \(Gnuplot.string(title))", "set xlabel 'x1'", "set ylabel 'x2'",
      "set contour base", "unset surface",
      "set cntrparam levels discrete \(grid.levels(contours).map { "\($0)" }.joined(separator: ","))",
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
}
