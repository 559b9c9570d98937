import Foundation
import Testing

@testable import DescentLab

@Suite struct ContourFigureTests {
  private func figure(_ path: [(x: Double, y: Double)]) -> ContourFigure {
    ContourFigure(
      title: "It's a bowl", function: { x, y in x * x + 10 * y * y }, region: (-1...1, -2...2),
      paths: [Figure.Curve("path", points: path)], marks: [(0, 0), (50, 50)])
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func drawsThePathOverContours() throws {
    let figure = figure([(1, 1), (0.5, -0.5), (.nan, 0), (0.1, 0.1), (1e30, -1e30)])
    let svg = String(decoding: try figure.render(.svg), as: UTF8.self)
    #expect(svg.contains("</svg>") && svg.contains("path") && svg.contains("minimizer"))
    // Several contours, each one polyline.
    #expect(svg.components(separatedBy: "<path").count > 16)
    let picture = try figure.characters(columns: 70, rows: 22)
    #expect(picture.split(separator: "\n").allSatisfy { $0.count <= 70 })
    for mark in ["S", "o", "*", "."] { #expect(picture.contains(mark)) }
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func drawsSeveralPathsWithNames() throws {
    var figure = figure([(1, 1), (0.5, -0.5)])
    figure.paths.append(Figure.Curve("it's <second>", points: [(1, 1), (-0.5, 0.25), (0, 0)]))
    let svg = String(decoding: try figure.render(.svg), as: UTF8.self)
    #expect(svg.contains("&lt;second"))
    let picture = try figure.characters(columns: 70, rows: 22)
    for mark in ["S", "a", "b", "*"] { #expect(picture.contains(mark)) }
  }

  @Test func refusesWhatCannotBeDrawn() {
    #expect(throws: FigureError.nothingToDraw("It's a bowl")) { try figure([(.nan, 1)]).render(.svg) }
    let flat = ContourFigure(
      title: "flat", function: { _, _ in 1 }, region: (0...1, 0...1),
      paths: [Figure.Curve("path", points: [(0, 0)])], marks: [])
    #expect(throws: FigureError.nothingToDraw("flat")) { try flat.characters(columns: 60) }
  }
}
