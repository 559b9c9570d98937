import ArgumentParser
import Descent
import DescentLab
import Foundation

struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a metric of runs.",
    discussion: """
      Draws curves of runs as characters in the terminal and, with --output, into a file. A metric is a column of \
      metrics.csv, such as test_accuracy, or a tag of the event files, such as train/loss. Each folder is a run's or \
      contains runs. Runs that differ only in their seed share one curve, their mean, with an area from the smallest \
      to the largest value.

      EXAMPLES
        descent plot runs/a runs/b --metric test_accuracy
        descent plot runs --metric train/loss --x seconds --log --output loss.svg
        descent plot runs/a --metric diagnostics/effective_step/dense1.weight --log
      """)

  @Argument(
    help: ArgumentHelp("Folders of runs, or folders that contain some.", valueName: "run"), completion: .directory)
  var folders: [String]

  @Option(help: ArgumentHelp("Column of metrics.csv or tag of the event files.", valueName: "name"))
  var metric = "test_accuracy"

  @Option(help: "Horizontal axis; by default epochs for a column and steps for a tag.")
  var x: RunMetric.Axis?

  @Flag(help: "Draw a curve for each run, even if runs differ only in their seed.")
  var each = false

  @Flag(help: "Draw the metric on a logarithmic axis.")
  var log = false

  @Option(help: ArgumentHelp("File of the figure, FILE.svg or FILE.png.", valueName: "file"))
  var output: String?

  func run() throws {
    let format = try output.map { try Figure.Format(ofFile: $0, option: "--output") }
    let runs = try SavedRun.find(in: folders) { Terminal.standardError.write("\($0)\n") }
    let metric = try RunMetric(metric, by: x, of: runs)
    for run in runs {
      if let divergence = run.divergence { Terminal.standardError.write("\(run.name): \(divergence)\n") }
    }
    for run in runs where !metric.points(of: run).contains(where: { $0.y.isFinite }) {
      Terminal.standardError.write("left out: \(run.name) has no number of \(metric.name)\n")
    }
    let figure = metric.figure(of: runs, isEach: each, isLogarithmic: log)
    let picture = try figure.characters(columns: min(Terminal.standardOutput.width, 100))
    if let output, let format {
      try AtomicFile.write(try figure.render(format), to: output)
      Terminal.standardError.write("figure: \(output)\n")
    }
    Terminal.standardOutput.write(picture)
  }
}

extension RunMetric.Axis: ExpressibleByArgument {}
