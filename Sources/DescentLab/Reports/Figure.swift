import Foundation

/// Curves over common axes, drawn by gnuplot as SVG, as PNG or with characters for a terminal.
public struct Figure: Sendable {
  public struct Curve: Sendable {
    public var name: String
    public var points: [(x: Double, y: Double)]
    /// The area around the curve, given by its lower and upper end at each x; empty for none.
    public var band: [(x: Double, low: Double, high: Double)]
    /// Whether single points are drawn, without a line through them.
    public var isScatter = false

    public init(
      _ name: String, points: [(x: Double, y: Double)], band: [(x: Double, low: Double, high: Double)] = []
    ) {
      self.name = name
      self.points = points
      self.band = band
    }

    /// A curve of means, in an area from the smallest to the largest value if there are several.
    init(_ name: String, spreads: [(x: Double, spread: Spread)]) {
      let isSpread = spreads.contains { $0.spread.values.count > 1 }
      self.init(
        name, points: spreads.map { ($0.x, $0.spread.mean) },
        band: isSpread ? spreads.map { ($0.x, $0.spread.low, $0.spread.high) } : [])
    }
  }

  public enum Format: String, CaseIterable, Sendable {
    case svg, png

    /// The format that the file name extension of `path` stands for.
    /// - Throws: ``RunError/invalidOption(_:value:allowed:)`` for `option` if it is another extension.
    public init(ofFile path: String, option: String) throws(RunError) {
      guard let format = Self.allCases.first(where: { path.lowercased().hasSuffix(".\($0.rawValue)") }) else {
        throw .invalidOption(option, value: path, allowed: "the name of a file that ends with .svg or .png")
      }
      self = format
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var isXLogarithmic = false
  public var isYLogarithmic = false
  /// The marks of the x axis with their labels; nil to let gnuplot choose.
  public var xMarks: [(x: Double, label: String)]?
  /// Whether the curves' names are at the left, out of the way of curves that rise.
  public var hasKeyAtLeft = false
  /// The range of the y axis that is shown; nil for all of it.
  public var yRange: ClosedRange<Double>?
  public var curves: [Curve]

  public init(title: String, xLabel: String, yLabel: String, curves: [Curve]) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.curves = curves
  }

  /// Makes the y axis logarithmic if all values are positive and the largest is over ten times the smallest.
  mutating func chooseYScale() {
    let values = curves.flatMap { $0.points.map(\.y) }.filter(\.isFinite)
    if let low = values.min(), let high = values.max() { isYLogarithmic = low > 0 && high > 10 * low }
  }

  /// The figure as a file of `format`.
  /// - Throws: ``FigureError`` if there is nothing to draw or gnuplot is missing or fails.
  public func render(_ format: Format) throws(FigureError) -> [UInt8] {
    try Gnuplot.run(script(Self.setup(format), hasBands: true))
  }

  /// The figure in `columns` × `rows` characters.
  /// - Throws: ``FigureError``.
  public func characters(columns: Int = 78, rows: Int = 22) throws(FigureError) -> String {
    // Names below the curves need extra lines.
    let names = curves.filter { !drawable($0).points.isEmpty }.map(\.name)
    let height = rows + (Self.isLarge(names) ? min(names.count, Self.keyRows) : 0)
    return Self.lines(try Gnuplot.run(script(Self.setup(columns: columns, rows: height), hasBands: false)))
  }

  /// The first commands for a figure in a file of `format`.
  static func setup(_ format: Format) -> [String] {
    let terminal =
      switch format {
      case .svg: "svg size 840,520 noenhanced font 'Helvetica,14' background '\(paper)'"
      case .png: "pngcairo size 1680,1040 noenhanced font 'sans,24' linewidth 2 background '\(paper)'"
      }
    return ["set terminal \(terminal)"] + graphicStyle
  }

  /// The first commands for a figure of characters.
  static func setup(columns: Int, rows: Int) -> [String] {
    [
      "set terminal dumb size \(max(30, columns)),\(max(10, rows)) aspect 2 noenhanced", "set tics scale 0.5",
      // The frame is drawn behind the points, so that a point on the frame can be seen.
      "set border 31 back",
    ]
  }

  /// A picture of characters, without empty lines and without spaces at the ends of lines.
  static func lines(_ picture: [UInt8]) -> String {
    String(decoding: picture, as: UTF8.self).split(separator: "\n").map { line in
      String(line.reversed().drop { $0 == " " || $0 == "\u{0C}" }.reversed()) + "\n"
    }.filter { $0 != "\n" }.joined()
  }

  /// The figure has its own background, so it is readable on a white page and on a dark one.
  private static let paper = "#ffffff"
  private static let ink = "#333333"
  /// Okabe and Ito's colours, which people with any kind of colour vision can tell apart; the pale ones come last.
  private static let palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]

  /// The colour of the curve of index `i`.
  private static func colour(_ i: Int) -> String { palette[i % palette.count] }

  private static let graphicStyle =
    [
      "set border 3 linecolor rgb '\(ink)'", "set tics nomirror textcolor rgb '\(ink)'",
      "set rmargin 4", "set grid linecolor rgb '#dddddd' linetype 1 linewidth 0.5", "set key textcolor rgb '\(ink)'",
    ]
    + palette.enumerated().map { i, colour in
      // The dashes differ too, for prints without colours.
      "set linetype \(i + 1) linecolor rgb '\(colour)' linewidth 2 dashtype \(i < 4 ? 1 : i - 2) pointtype 7 pointsize 0.6"
    }

  private func script(_ setup: [String], hasBands: Bool) throws(FigureError) -> String {
    let drawn = curves.map { drawable($0) }.filter { !$0.points.isEmpty }
    guard !drawn.isEmpty else { throw .nothingToDraw(title) }
    var lines = setup
    lines += [
      "set title \(Gnuplot.string(title))", "set xlabel \(Gnuplot.string(xLabel))\(hasBands ? " offset 0,0.5" : "")",
      "set ylabel \(Gnuplot.string(yLabel))",
      "set key \(drawn.count > 1 ? key(isGraphic: hasBands, names: drawn.map(\.name)) : "off")",
    ]
    // "1e-05" and not "0.000010".
    if isXLogarithmic { lines += ["set logscale x", "set format x '%g'"] }
    if let xMarks {
      lines.append("set xtics (\(xMarks.map { "\(Gnuplot.mark($0.label)) \($0.x)" }.joined(separator: ", ")))")
    }
    if isYLogarithmic { lines += ["set logscale y", "set format y '%g'"] }
    if let yRange { lines.append("set yrange [\(yRange.lowerBound):\(yRange.upperBound)]") }
    lines += Self.range("x", drawn.flatMap { $0.points.map(\.x) }, isLogarithmic: isXLogarithmic && xMarks == nil)
    if yRange == nil {
      let bands = hasBands ? drawn.flatMap(\.band).flatMap { [$0.low, $0.high] } : []
      lines += Self.range("y", drawn.flatMap { $0.points.map(\.y) } + bands, isLogarithmic: isYLogarithmic)
    }
    for (i, curve) in drawn.enumerated() {
      lines += Self.block("curve\(i)", curve.points.map { "\($0.x) \($0.y)" })
      if hasBands { lines += Self.block("band\(i)", curve.band.map { "\($0.x) \($0.low) \($0.high)" }) }
    }
    let bands = drawn.enumerated().filter { hasBands && !$0.element.band.isEmpty }.map { i, _ in
      "$band\(i) using 1:2:3 with filledcurves fillcolor rgb '\(Self.colour(i))' fillstyle transparent solid 0.2 noborder notitle"
    }
    let plots = drawn.enumerated().map { i, curve in
      let style = curve.isScatter ? "points" : curve.points.count <= 40 ? "linespoints" : "lines"
      return
        "$curve\(i) using 1:2 with \(style) linetype \(i + 1) title \(Gnuplot.string((hasBands ? "" : " ") + curve.name))"
    }
    lines.append("plot " + (bands + plots).joined(separator: ", "))
    return lines.joined(separator: "\n") + "\n"
  }

  /// The part of `curve` that the axes can show.
  private func drawable(_ curve: Curve) -> Curve {
    var result = curve
    result.points.removeAll { !isDrawable($0.x, log: isXLogarithmic) || !isDrawable($0.y, log: isYLogarithmic) }
    result.band.removeAll { edge in
      !isDrawable(edge.x, log: isXLogarithmic) || !isDrawable(edge.low, log: isYLogarithmic)
        || !isDrawable(edge.high, log: isYLogarithmic)
    }
    return result
  }

  /// The place of the curves' names: among the curves, or outside if the names are too many or too long.
  private func key(isGraphic: Bool, names: [String]) -> String {
    // No reader can tell so many curves apart; the page of a report helps there.
    if names.count > 24 { return "off" }
    if isGraphic && names.count > 9 { return "outside right vertical font ',9'" }
    guard Self.isLarge(names) else { return hasKeyAtLeft ? "top left" : "top right" }
    return isGraphic
      ? "outside bottom center horizontal" : "bmargin left vertical Left reverse maxrows \(Self.keyRows)"
  }

  private static func isLarge(_ names: [String]) -> Bool { names.count > 3 || names.contains { $0.count > 20 } }
  /// The largest number of lines of names below a figure of characters.
  private static let keyRows = 8

  private static func block(_ name: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["$\(name) << end_of_data"] + lines + ["end_of_data"]
  }

  private func isDrawable(_ value: Double, log: Bool) -> Bool { value.isFinite && (!log || value > 0) }

  /// The commands for an axis for which gnuplot would choose a bad range. This is an axis with a single value, or a
  /// logarithmic axis of less than two decades, which gnuplot widens to whole decades.
  private static func range(_ axis: String, _ values: [Double], isLogarithmic: Bool) -> [String] {
    guard let low = values.min(), let high = values.max() else { return [] }
    if low == high {
      let margin = low == 0 ? 1 : abs(low) / 10
      return [
        "set \(axis)range [\(isLogarithmic ? low / 10 : low - margin):\(isLogarithmic ? low * 10 : low + margin)]"
      ]
    }
    guard isLogarithmic, high < 100 * low else { return [] }
    let decades = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let marks = decades.flatMap { decade in [1, 2, 5].map { $0 * pow(10, Double(decade)) } }
    let (first, last) = (marks.last { $0 <= low } ?? low, marks.first { $0 >= high } ?? high)
    let shown = marks.filter { first...last ~= $0 }.map { significant($0, digits: 3) }
    return ["set \(axis)range [\(first):\(last)]", "set \(axis)tics (\(shown.joined(separator: ", ")))"]
  }
}

/// Why a figure cannot be drawn.
public enum FigureError: Error, Hashable, CustomStringConvertible {
  case nothingToDraw(String)
  case gnuplotMissing
  case gnuplotFailed(String)

  public var description: String {
    switch self {
    case .nothingToDraw(let title):
      "figure '\(title)' has no point that can be drawn: its values are missing or not finite"
    case .gnuplotMissing:
      "gnuplot is not on PATH: install it (Debian: apt-get install gnuplot-nox; macOS: brew install gnuplot)"
    case .gnuplotFailed(let message): "gnuplot failed: \(message)"
    }
  }
}
