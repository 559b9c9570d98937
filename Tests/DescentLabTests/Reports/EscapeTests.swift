import Foundation
import TestSupport
import Testing

@testable import DescentLab

/// How each language reads hostile names; if a program that reads it is installed, that program decides.
@Suite struct EscapeTests {
  private func run(_ program: String, _ arguments: [String], in folder: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Array(bytes)
  }

  @Test(arguments: HostileNames.all) func nothingIsObeyedThatIsPrinted(_ name: String) {
    let shown = name.printable()
    #expect(!shown.unicodeScalars.contains { $0.isObeyed })
    #expect(shown.printable() == shown)
    for scalar in name.unicodeScalars where !scalar.isObeyed { #expect(shown.unicodeScalars.contains(scalar)) }
    #expect("\u{1B}[1m\u{9B}\u{7F}".printable() == #"\u001b[1m\u009b\u007f"#)
    #expect("a\tb\nc\r".printable(keeping: ["\n", "\t"]) == "a\tb\nc\\u000d")
  }

  @Test(arguments: HostileNames.all) func aShellTakesItForOneWord(_ name: String) throws {
    let scratch = try TemporaryFolder()
    // A shell word cannot hold a zero byte.
    let name = name.replacingScalars { $0 == "\u{0}" ? "" : nil }
    let word = shellQuoted(name)
    #expect(!word.unicodeScalars.contains { $0.isObeyed })
    let shells = word.hasPrefix("$'") ? ["/bin/bash"] : ["/bin/sh", "/bin/bash"]
    for shell in shells where FileManager.default.isExecutableFile(atPath: shell) {
      let output = try run(shell, ["-c", "printf '<%s>' \(word)"], in: scratch.path)
      #expect(output == Array("<\(name)>".utf8), "\(shell): \(word)")
    }
    #expect(try scratch.names().isEmpty)
  }

  @Test func plainWordsStayAsTheyAre() {
    #expect(shellQuoted("runs/a-1_b.sqlite") == "runs/a-1_b.sqlite" && shellQuoted("") == "''")
    #expect(shellQuoted("adam:lr=cosine(0.1)") == "'adam:lr=cosine(0.1)'")
    #expect(shellQuoted("=ls") == "'=ls'" && shellQuoted("a'b") == #"'a'\''b'"#)
    #expect(shellQuoted("a\u{1B}'\\") == #"$'a\x1b\'\\'"#)
  }

  /// A reader of RFC 4180, by bytes.
  private func cells(_ row: String) -> [String] {
    var (cells, cell, isQuoted): ([String], [UInt8], Bool) = ([], [], false)
    for byte in row.utf8.dropLast() {
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
        // Two quotes in a row stand for one.
        if isQuoted, !cell.isEmpty { cell.append(byte) }
      } else if byte == UInt8(ascii: ","), !isQuoted {
        cells.append(String(decoding: cell, as: UTF8.self))
        cell = []
      } else {
        cell.append(byte)
      }
    }
    return cells + [String(decoding: cell, as: UTF8.self)]
  }

  @Test(arguments: HostileNames.all) func aRowOfCSVHasItsCells(_ name: String) throws {
    let found = cells(CSV.row(["1", name, "-0.5"]))
    #expect(found.count == 3 && found[0] == "1" && found[2] == "-0.5")
    let first = try #require(name.unicodeScalars.first)
    let isFormula = ["=", "-"].contains(first)
    // What a terminal obeys is shown by its number; line ends stay.
    let shown = name.replacingScalars { $0.isObeyed && $0 != "\n" && $0 != "\r" ? $0.number : nil }
    #expect(found[1].unicodeScalars.elementsEqual((isFormula ? "'" + shown : shown).unicodeScalars))
    #expect(!found[1].utf8.contains(0x1B))
  }

  @Test(arguments: HostileNames.all) func aTableKeepsItsLines(_ name: String) {
    var table = Table(header: ["name", name])
    table.add([name, "1"])
    let lines = table.text().utf8.split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 3)
    let rows = table.markdown().utf8.split(separator: UInt8(ascii: "\n"))
    #expect(rows.count == 3)
    for row in rows {
      // Bars without a backslash before them.
      let bars = zip(row.dropFirst(), row).count { $0 == UInt8(ascii: "|") && $1 != UInt8(ascii: "\\") }
      #expect(bars == 2, "\(String(decoding: Array(row), as: UTF8.self))")
      #expect(!row.contains(UInt8(ascii: "<")))
    }
  }

  @Test(arguments: HostileNames.all) func gnuplotReadsAStringAndNothingElse(_ name: String) {
    let bytes = Array(Gnuplot.string(name).utf8)
    #expect(bytes.first == UInt8(ascii: "\"") && bytes.last == UInt8(ascii: "\""))
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz \\01234567".utf8)
    #expect(bytes.dropFirst().dropLast().allSatisfy { plain.contains($0) })
  }
}

/// Hostile names in every figure that gnuplot draws.
@Suite(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed")) struct HostileFigureTests {
  private let points = [(x: 1.0, y: 1.0), (x: 2.0, y: 2.0)]

  private func figure(_ name: String) -> Figure {
    var figure = Figure(
      title: name, xLabel: name, yLabel: name,
      curves: [Figure.Curve(name, points: points), Figure.Curve(name, points: points)])
    figure.xMarks = [(1, name), (2, name)]
    return figure
  }

  private func drawings(_ name: String) -> [any Drawing] {
    let curve = Figure.Curve(name, points: points)
    return [
      figure(name),
      ContourFigure(
        title: name, function: { $0 * $0 + $1 * $1 }, region: (0...2, 0...2), paths: [curve], marks: [(0, 0)]),
      RegionFigure(
        title: name, xLabel: name, yLabel: name, x: [name, name], y: [name],
        panels: [RegionFigure.Panel(name: name, holds: [[true, false]])]),
    ]
  }

  /// The file that a command in a name would make, in gnuplot's working folder.
  private func expectNothingRan() {
    #expect(!FileManager.default.fileExists(atPath: "pwned"))
    unlink("pwned")
  }

  /// The test would notice an error: a name that is pasted into a command does run.
  @Test func aPastedNameRuns() throws {
    let scratch = try TemporaryFolder()
    let name = "a'; system(\"touch \(scratch.path)/pwned\") #"
    _ = try? Gnuplot.run("set terminal svg\nset title '\(name)'\nplot 1\n")
    #expect(try scratch.names() == ["pwned"])
  }

  @Test(arguments: HostileNames.all) func aNameIsDrawnAndNotRun(_ name: String) throws {
    for drawing in drawings(name) {
      let svg = String(decoding: try drawing.render(.svg), as: UTF8.self)
      #expect(svg.contains("</svg>"))
      #expect(!svg.unicodeScalars.contains { $0.isObeyed && $0 != "\n" && $0 != "\t" })
      #expect(!svg.contains("<script") && !svg.contains("]]>"))
      let text = try drawing.characters(columns: 80, rows: 20)
      #expect(!text.unicodeScalars.contains { $0.isObeyed && $0 != "\n" } || drawing is RegionFigure)
    }
    expectNothingRan()
  }

  /// The name is shown with the same letters, and with control characters as numbers.
  @Test func aNameIsShownAsItIs() throws {
    let name = #"a' "b" `c` \d\n $e @f %g 100% {h} x_1 é漢 <i>&j"#
    let svg = String(decoding: try figure(name).render(.svg), as: UTF8.self)
    let shown = name.replacingScalars { $0 == "<" ? "&lt;" : $0 == "&" ? "&amp;" : nil }
    // Title, two axes, two marks, two curves.
    #expect(svg.ranges(of: "<text>\(shown)</text>").count == 7)
  }

  /// The title shows the data file's name.
  @Test func aStudysDataAreNamedAndNotRun() throws {
    let scratch = try TemporaryFolder()
    let file = scratch.path + "/a\u{0600}'; system(\"touch pwned\") #"
    try Data("+1 1:1\n-1 2:1\n".utf8).write(to: URL(filePath: file))
    var configuration = StudyConfiguration.standard
    configuration.data = "libsvm:train=\(file)"
    configuration.model = "logistic"
    configuration.batch = "1"
    (configuration.epochs, configuration.trials) = (1, 2)
    let study = try StudyFile(creating: StudyPlan(configuration), at: scratch.path + "/a.sqlite")
    #expect(try StudyWorker(study).run())
    let figure = StudyFigure(try StudyReport(of: study))
    #expect(String(decoding: try figure.render(.svg), as: UTF8.self).contains("touch pwned"))
    _ = try figure.characters(columns: 80)
    expectNothingRan()
  }
}
