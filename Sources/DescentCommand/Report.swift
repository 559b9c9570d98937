import ArgumentParser
import Descent
import DescentLab
import Foundation

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a page of runs that a browser shows.",
    discussion: """
      One file without anything from the network: what the runs came to, the settings in which they differ, their curves \
      with values under the cursor and zoom, and what steps did to each parameter in runs that were made with \
      --diagnostics. A folder may be a run's or contain runs, as that of a comparison does. Runs that differ in their \
      seed alone share a colour.

      EXAMPLES
        descent report runs/a
        descent report runs/a runs/b --output ab.html
        descent report runs
      """)

  @Argument(
    help: ArgumentHelp("Folders of runs, or folders that contain some.", valueName: "run"), completion: .directory)
  var folders: [String]

  @Option(help: ArgumentHelp("The page.", valueName: "file"), completion: .file(extensions: ["html"]))
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
