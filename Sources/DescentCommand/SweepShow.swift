import ArgumentParser
import DescentLab

struct SweepShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the results of a study.",
    discussion: """
      Prints the best trials and draws the metric against each option that varies. Works while the study is running too.

      EXAMPLES
        descent sweep show lr.sqlite
        descent sweep show lr.sqlite --csv lr.csv --figure lr.svg
        descent sweep show lr.sqlite --json --count 1 | jq .optimizer
      """)

  @Argument(help: ArgumentHelp("File of the study.", valueName: "file"), completion: .file())
  var file: String

  @Option(help: ArgumentHelp("Trials to show, the best first; 10 by default, all with --json.", valueName: "n"))
  var count: Int?

  @Flag(help: "Show every trial.")
  var all = false

  @Option(help: ArgumentHelp("Write all trials as CSV.", valueName: "file"), completion: .file())
  var csv: String?

  @Option(help: ArgumentHelp("Write the figure, as SVG or PNG.", valueName: "file"), completion: .file())
  var figure: String?

  /// Holds --json for this command too: the parser gives the flag to the first command that has it.
  @ParentCommand var sweep: Sweep

  func run() throws {
    if let figure { _ = try Figure.Format(ofFile: figure, option: "--figure") }
    if let count, count < 1 { throw RunError.invalidOption("--count", value: "\(count)", allowed: "at least 1") }
    guard let study = try StudyFile.find(file) else { throw StudyError.missing(file) }
    var report = try SweepReport(study, json: sweep.json)
    if let count { report.count = count }
    if all { report.count = nil }
    report.figure = figure
    report.csv = csv
    try report.write()
  }
}
