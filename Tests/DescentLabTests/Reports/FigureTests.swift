import Foundation
import Testing

@testable import DescentLab

@Suite struct FigureTests {
  private var figure: Figure {
    var figure = Figure(
      title: "It's 100 % {of} $x_1", xLabel: "epoch", yLabel: "loss",
      curves: [
        Figure.Curve("train", points: (1...50).map { (Double($0), 1 / Double($0)) }),
        Figure.Curve("test", points: (1...50).map { (Double($0), $0 == 3 ? .nan : 1.2 / Double($0)) }),
      ])
    figure.isYLogarithmic = true
    return figure
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func drawsSVGWithItsOwnBackgroundAndColours() throws {
    let svg = String(decoding: try figure.render(.svg), as: UTF8.self)
    #expect(svg.contains("</svg>"))
    #expect(
      svg.contains("It's 100 % {of} $x_1") || svg.contains("It&#39;s 100 % {of} $x_1") || svg.contains("It&apos;s"))
    #expect(svg.uppercased().contains("#0072B2") || svg.contains("rgb(  0, 114, 178)"))
    #expect(svg.contains("#ffffff"))
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func drawsPNG() throws {
    let png = try figure.render(.png)
    #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    let width = png[16..<20].reduce(0) { $0 << 8 | Int($1) }
    #expect(width == 1680)
    if let path = ProcessInfo.processInfo.environment["DESCENT_FIGURE"] {
      try Data(png).write(to: URL(fileURLWithPath: path))
    }
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func drawsCharacters() throws {
    let picture = try figure.characters(columns: 60, rows: 20)
    let lines = picture.split(separator: "\n")
    #expect((10...20).contains(lines.count))
    #expect(lines.allSatisfy { $0.count <= 60 })
    #expect(picture.contains("train"))
    // One point alone has an empty range.
    let point = Figure(title: "t", xLabel: "x", yLabel: "y", curves: [Figure.Curve("a", points: [(1, 0)])])
    #expect(try point.characters().contains("x"))
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func pointsAtTheEdgesAreSeen() throws {
    var curve = Figure.Curve("corners", points: [(1, 10), (1, 20), (4, 10), (4, 20)])
    curve.isScatter = true
    let text = try Figure(title: "", xLabel: "", yLabel: "", curves: [curve]).characters(columns: 60, rows: 16)
    #expect(text.count { $0 == "A" } == 4, "\(text)")
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func aShortLogarithmicAxisIsNotWidenedToDecades() throws {
    var figure = Figure(
      title: "", xLabel: "", yLabel: "", curves: [Figure.Curve("a", points: [(1, 0.08), (2, 0.1), (3, 0.14)])])
    figure.isYLogarithmic = true
    let text = try figure.characters(columns: 60, rows: 16)
    #expect(text.contains("0.05 ") && text.contains("0.2 ") && !text.contains("0.01"), "\(text)")
  }

  @Test func refusesWhatCannotBeDrawn() {
    var figure = Figure(title: "t", xLabel: "x", yLabel: "y", curves: [Figure.Curve("a", points: [(0, 1), (1, .nan)])])
    figure.isXLogarithmic = true
    #expect(throws: FigureError.nothingToDraw("t")) { try figure.render(.svg) }
  }
}
