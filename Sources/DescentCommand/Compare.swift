import ArgumentParser
import Descent
import DescentLab
import Foundation

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare optimizers: the same first parameters, the same batches.",
    discussion: """
      Trains with each optimizer, once for each seed, and ends with a table, curves with the spread over the seeds, \
      and the folder that holds everything. In it, each run has a folder of its own (1-adam/seed-1), as descent train \
      makes it: tensorboard --logdir FOLDER shows them side by side. The train loss is the last epoch's mean; 'best' \
      is the best of all epochs. Steps are counted until the training loss reaches the target, by default the loss \
      that half of the optimizers end with. Every tenth batch's loss is kept; the target is reached when the mean of \
      the last ten kept losses is at most the target.

      EXAMPLES
        descent compare                                   # five optimizers, digits drawn here
        descent compare --optimizer adam --optimizer sgd:lr=0.1,momentum=0.9,nesterov=true --seeds 3
        descent compare --data mnist --model mlp --optimizer adam --optimizer adadelta --seeds 3 --epochs 5
        descent compare --optimizer adam:lr=0.001 --optimizer adam:lr=0.01 --target-accuracy 0.97
        descent compare --resume --out runs/a             # go on after Ctrl-C or anything else
        descent compare --resume --out runs/a --seeds 5   # with more seeds
      """)

  @OptionGroup var training: TrainingOptions

  @Option(
    help: ArgumentHelp("Update rule; give it once for each one to compare.", valueName: "name"),
    completion: .list(Completions.optimizers))
  var optimizer: [String] = []

  @Option(help: ArgumentHelp("Runs of each optimizer, with seeds that count up; 1 by default.", valueName: "n"))
  var seeds: Int?

  @OptionGroup var steps: StepOptions

  @Option(help: ArgumentHelp("First seed; 1 by default.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Folder of the comparison; a new one in runs/ by default.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Option(help: ArgumentHelp("Count the steps until this training loss.", valueName: "loss"))
  var targetLoss: Double?

  @Option(help: ArgumentHelp("Count the steps until this test accuracy, such as 0.97.", valueName: "share"))
  var targetAccuracy: Double?

  @Flag(help: "Go on with the comparison in --out; start it if there is none.")
  var resume = false

  @Flag(help: "Show nothing but errors.")
  var quiet = false

  @Flag(help: "Write a line of JSON for each optimizer to standard output.")
  var json = false

  /// The default optimizers: those of the Adam paper's experiments, at rates that suit the digits.
  static let standardOptimizers = [
    "adam", "adagrad:lr=0.01", "rmsprop:lr=0.001", "adadelta:lr=1", "sgd:lr=0.1,momentum=0.9,nesterov=true",
  ]

  func run() throws {
    Interruption.install()
    guard !resume || out != nil else {
      throw ValidationError("--resume needs the folder of the comparison: give --out")
    }
    let saved = try out.flatMap { try ComparisonRecord.inspect($0) }
    if saved != nil && !resume { throw RunFolderError.holdsRun(out ?? "") }
    if let out, resume, saved == nil, !quiet {
      Terminal.standardError.write("there is no comparison in '\(out)' yet: a new one begins\n")
    }
    let plan = try ComparisonPlan(contenders(saved), seeds: seedNumbers(saved))
    let target = try target()
    let comparison = try Comparison(plan, in: out ?? OutputFolder.unused("runs/comparison"), resume: resume)
    let continuation = "descent compare --resume --out \(shellQuoted(comparison.path))"
    Interruption.advise("go on after the last checkpoint with: \(continuation)")
    let outcome = try train(comparison)
    let results = try comparison.results()
    try show(results, of: comparison, target: target)
    if outcome == .interrupted {
      Terminal.standardError.write("stopped; go on with: \(continuation)\n")
      throw ExitCode(130)
    }
    if results.allSatisfy(\.isDiverged) { throw ExitCode(1) }
  }

  private func contenders(_ saved: ComparisonRecord?) -> [Contender] {
    var base = saved?.contenders[0].configuration ?? .standard
    training.apply(to: &base)
    steps.apply(to: &base)
    let named = optimizer.map { (name: $0, optimizer: $0) }
    let kept = saved?.contenders.map { (name: $0.name, optimizer: $0.configuration.optimizer) }
    let standard = Self.standardOptimizers.map { (name: $0, optimizer: $0) }
    return (named.isEmpty ? kept ?? standard : named).map { entry in
      var configuration = base
      configuration.optimizer = entry.optimizer
      return Contender(entry.name, configuration)
    }
  }

  private func seedNumbers(_ saved: ComparisonRecord?) throws -> [UInt64] {
    let count = seeds ?? saved?.seeds.count ?? 1
    guard 1...1000 ~= count else {
      throw RunError.invalidOption("--seeds", value: "\(count)", allowed: "from 1 to 1000")
    }
    let first = seed ?? saved?.seeds.first ?? 1
    guard !first.addingReportingOverflow(UInt64(count - 1)).overflow else {
      throw RunError.invalidOption("--seed", value: "\(first)", allowed: "at most \(UInt64.max - UInt64(count - 1))")
    }
    return (0..<count).map { first + UInt64($0) }
  }

  private func target() throws -> ComparisonReport.Target? {
    if let targetAccuracy {
      guard targetLoss == nil else {
        throw RunError.conflict("--target-loss and --target-accuracy are two targets: give one of them")
      }
      guard 0...1 ~= targetAccuracy else {
        throw RunError.invalidOption("--target-accuracy", value: "\(targetAccuracy)", allowed: "from 0 to 1")
      }
      return .accuracy(targetAccuracy)
    }
    if let targetLoss, !targetLoss.isFinite {
      throw RunError.invalidOption("--target-loss", value: "\(targetLoss)", allowed: "a finite number")
    }
    return targetLoss.map { .loss($0) }
  }

  private func train(_ comparison: Comparison) throws -> Trainer.Outcome {
    let bar = ProgressBar.standardError(quiet: quiet)
    let (contenders, seeds) = (comparison.plan.contenders, comparison.plan.seeds)
    let configuration = contenders[0].configuration
    bar.note(
      "comparing \(counted(contenders.count, "optimizer")) on \(configuration.data) with \(configuration.model), "
        + "\(counted(seeds.count, "seed")) of \(counted(configuration.epochs, "epoch")); runs in \(comparison.path)"
    )
    comparison.observer = bar.observer()
    defer { bar.finish() }
    return try comparison.run { Interruption.isRequested }
  }

  private func show(_ results: [ContenderResult], of comparison: Comparison, target: ComparisonReport.Target?) throws {
    let report = ComparisonReport(results, target: target)
    try comparison.checkPlace()
    try AtomicFile.write(report.csv, to: "\(comparison.path)/epochs.csv")
    try AtomicFile.write(report.table.markdown(), to: "\(comparison.path)/table.md")
    let (output, error) = (Terminal.standardOutput, Terminal.standardError)
    var paths: [String] = []
    do {
      for (name, figure) in [("loss", report.lossFigure), ("error", report.errorFigure)] {
        guard let figure else { continue }
        try AtomicFile.write(try figure.render(.svg), to: "\(comparison.path)/\(name).svg")
        paths.append("\(comparison.path)/\(name).svg")
      }
      if !quiet && !json { output.write("\n" + (try report.lossFigure.characters(columns: min(output.width, 100)))) }
    } catch let problem as FigureError {
      if !quiet { error.write("no picture: \(problem)\n") }
    }
    if json { output.write(report.json) }
    if quiet { return }
    if !json { output.write("\n" + report.table.text()) }
    error.write("\n\(report.summary)\n")
    if !paths.isEmpty { error.write("figures: \(paths.joined(separator: ", "))\n") }
  }
}
