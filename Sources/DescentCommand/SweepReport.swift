import Descent
import DescentLab
import Foundation

/// Writes what a study has come to: table and picture for people, or lines of JSON for programs.
struct SweepReport {
  private let report: StudyReport
  private let json: Bool
  /// Trials that are shown; nil for all.
  var count: Int?
  var figure: String?
  var csv: String?

  init(_ study: StudyFile, json: Bool) throws {
    report = try StudyReport(of: study)
    self.json = json
    count = json ? nil : 10
  }

  func write() throws {
    let output = Terminal.standardOutput
    if json {
      for trial in report.ranking.prefix(count ?? .max) { output.write(report.json(trial) + "\n") }
    } else {
      do {
        let picture = try StudyFigure(report).characters(columns: min(output.width, 100), rows: 16)
        output.write("\n" + picture)
      } catch {
        Terminal.standardError.write("no picture: \(error)\n")
      }
      output.write("\n" + report.table(of: count ?? .max).text() + "\n")
      Terminal.standardError.write(report.summary + "\n")
    }
    if let csv { try AtomicFile.write(try report.csv(), to: csv) }
    if let figure {
      try AtomicFile.write(try StudyFigure(report).render(Self.format(of: figure)), to: figure)
    }
  }

  /// The format that the name of the file `path` says.
  /// - Throws: ``RunError/invalidOption(_:value:allowed:)``.
  static func format(of path: String) throws(RunError) -> Figure.Format {
    guard let format = Figure.Format.allCases.first(where: { path.lowercased().hasSuffix(".\($0.rawValue)") }) else {
      throw .invalidOption("--figure", value: path, allowed: "the name of a file that ends with .svg or .png")
    }
    return format
  }
}
