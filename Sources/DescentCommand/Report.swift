import ArgumentParser
import Descent
import DescentLab
import Foundation

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a page about runs, for a browser.",
    discussion: """
      Writes one file that loads nothing from the network. It shows the runs' results, the settings in which they \
      differ, and their curves, with zoom and values under the cursor. For runs with --diagnostics it also shows what \
      steps did to each parameter. Each folder is a run's or contains runs, like a comparison's folder. Runs that \
      differ only in their seed share a colour.

      EXAMPLES
        descent report runs/a
        descent report runs/a runs/b --output ab.html
        descent report runs
      """)

  @Argument(
    help: ArgumentHelp("Folders of runs, or folders that contain some.", valueName: "run"), completion: .directory)
  var folders: [String]

  @Option(help: ArgumentHelp("File of the page.", valueName: "file"), completion: .file(extensions: ["html"]))
  var output = "report.html"

  func run() throws {
    let runs = try SavedRun.find(in: folders) { Terminal.standardError.write("\($0)\n") }
    let report = RunsReport(of: runs)
    try AtomicFile.write(report.page, to: output)
    Terminal.standardOutput.write(report.table.text(width: Terminal.standardOutput.width))
    let differences = report.differences
    if runs.count > 1, differences.header.count > 1 { Terminal.standardOutput.write("\n" + differences.text()) }
    for run in runs {
      if let divergence = run.divergence { Terminal.standardError.write("\(run.name): \(divergence)\n") }
    }
    Terminal.standardError.write("page: \(output)\n")
  }
}
