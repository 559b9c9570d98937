import Descent
import DescentLab
import Foundation

/// Writes a study's results: a table and a picture for people, or lines of JSON for programs.
struct SweepReport {
  private let report: StudyReport
  private let json: Bool
  /// Number of trials to show; nil for all.
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
    if let csv {
      try AtomicFile.write(try report.csv(), to: csv)
      Terminal.standardError.write("trials: \(csv)\n")
    }
    if let figure {
      try AtomicFile.write(
        try StudyFigure(report).render(Figure.Format(ofFile: figure, option: "--figure")), to: figure)
    }
  }
}
