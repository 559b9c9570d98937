/// A picture of where in a plane of two options something holds. Each method has a grid of squares; the grids are
/// side by side.
public struct RegionFigure: Drawing {
  public struct Panel: Sendable {
    public var name: String
    /// Whether it holds for each y (row) and x (column).
    public var holds: [[Bool]]

    public init(name: String, holds: [[Bool]]) {
      self.name = name
      self.holds = holds
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var x: [String]
  public var y: [String]
  public var panels: [Panel]

  public init(title: String, xLabel: String, yLabel: String, x: [String], y: [String], panels: [Panel]) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.x = x
    self.y = y
    self.panels = panels
  }

  public func render(_ format: Figure.Format) throws(FigureError) -> [UInt8] {
    guard let first = panels.first, !first.holds.isEmpty else { throw .nothingToDraw(title) }
    let columns = panels.count <= 4 ? min(panels.count, 2) : 3
    let rows = (panels.count + columns - 1) / columns
    var lines = Figure.setup(format)
    lines += [
      "set multiplot layout \(rows),\(columns) title \(Gnuplot.string(title))", "unset key", "unset colorbox",
      "unset grid",
      // Squares are dark where it holds and pale where it does not, so they are readable without colours.
      "set palette defined (0 '#f3e5c8', 1 '#0072B2')", "set cbrange [0:1]",
      "set xrange [-0.5:\(x.count).0 - 0.5]", "set yrange [-0.5:\(y.count).0 - 0.5]",
      "set xtics rotate by 90 right (\(Self.marks(x)))", "set ytics (\(Self.marks(y)))",
      "set xlabel \(Gnuplot.string(xLabel))", "set ylabel \(Gnuplot.string(yLabel))", "set rmargin 1",
    ]
    for panel in panels {
      lines += ["set title \(Gnuplot.string(panel.name))", "$panel << end_of_data"]
      for (j, row) in panel.holds.enumerated() {
        lines += row.enumerated().map { i, holds in "\(i) \(j) \(holds ? 1 : 0)" }
      }
      lines += ["end_of_data", "plot $panel using 1:2:3 with image pixels"]
    }
    return try Gnuplot.run((lines + ["unset multiplot"]).joined(separator: "\n") + "\n")
  }

  public func characters(columns: Int, rows: Int) throws(FigureError) -> String {
    panels.map { panel in
      "\(panel.name)\n" + panel.holds.reversed().map { row in row.map { $0 ? "#" : "." }.joined() + "\n" }.joined()
    }.joined(separator: "\n")
  }

  /// Marks for about eight of the labels.
  private static func marks(_ labels: [String]) -> String {
    let stride = max(1, labels.count / 8)
    return labels.enumerated().filter { $0.offset % stride == 0 }
      .map { "\(Gnuplot.mark($0.element)) \($0.offset)" }.joined(separator: ", ")
  }
}
