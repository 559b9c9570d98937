import ArgumentParser
import Descent
import DescentLab
import DescentPapers
import Foundation

struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeat an experiment of a paper and compare with the published numbers.",
    discussion: """
      Prints our numbers beside the published ones, says whether each published claim holds here, and writes a page \
      (README.md) with its figures into a folder. After an interruption, give the same command again to go on.

      EXAMPLES
        descent reproduce list
        descent reproduce amsgrad-synthetic
        descent reproduce adadelta-tables --quick --data-dir ~/data   # ~/data/mnist/train-images-idx3-ubyte.gz, …
        descent reproduce adam-cifar10 --out results/cifar
        descent reproduce index results                               # an index of what was run there
      """)

  @Argument(help: ArgumentHelp("Experiment to reproduce, or 'list', or 'index'.", valueName: "name"))
  var name: String

  @Argument(
    help: ArgumentHelp("With 'index': the folder that holds the reproductions.", valueName: "folder"))
  var indexed: String?

  @Flag(help: "A scaled-down form that takes under three minutes.")
  var quick = false

  @Flag(help: "As many epochs as published, if 'list' says that this takes hours.")
  var long = false

  @Option(
    help: ArgumentHelp(
      "Folder with the data sets' folders (mnist, cifar10, imdb, …); by default where descent fetch puts them.",
      valueName: "folder"), completion: .directory)
  var dataDir: String?

  @Option(
    help: ArgumentHelp("Folder of the page and its runs; results/NAME by default.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Option(help: ArgumentHelp("Threads that compute; one for each processor by default.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Show nothing but errors.")
  var quiet = false

  func run() throws {
    if let indexed, name != "index" {
      throw ValidationError("'\(indexed)' is one argument too many: only 'index' takes a folder, else give --out")
    }
    switch name {
    case "list":
      Terminal.standardOutput.write(Reproduction.listing.text(width: max(100, Terminal.standardOutput.width)))
    case "index":
      guard let indexed else { throw ValidationError("'index' needs the folder that reproductions were written into") }
      try ReproductionSummary.writeIndex(in: indexed)
      Terminal.standardError.write("written: \(indexed)/README.md\n")
    default: try reproduce(Reproduction.named(name))
    }
  }

  private func reproduce(_ reproduction: Reproduction) throws {
    Interruption.install()
    if let threads, !(1...1024 ~= threads) {
      throw RunError.invalidOption("--threads", value: "\(threads)", allowed: "from 1 to 1024")
    }
    guard !(quick && long) else { throw RunError.conflict("--quick and --long are two scales: give one of them") }
    let scale: ReproductionScale = quick ? .quick : long ? .long : .full
    let folder = out ?? "results/\(reproduction.name)\(scale == .full ? "" : "-\(scale.rawValue)")"
    let root = dataDir.map(absolutePath)
    let session = try ReproductionSession(
      reproduction, scale: scale, folder: folder, dataRoot: root,
      threads: threads ?? RunConfiguration.standard.threads
    ) { Interruption.isRequested }
    Interruption.advise("the same command goes on after the last checkpoint")
    let bar = ProgressBar.standardError(quiet: quiet)
    bar.note("\(reproduction.name): \(reproduction.title)")
    session.observer = bar.observer()
    defer { bar.finish() }
    do {
      let (page, paths) = try session.run()
      bar.finish()
      if quiet { return }
      Terminal.standardOutput.write("\n" + page.text)
      Terminal.standardError.write("\nwritten: \(paths.joined(separator: ", "))\n")
    } catch is ReproductionSession.Interrupted {
      bar.note(session.hasBegun ? "stopped; the same command goes on" : "stopped; nothing is kept of so short a work")
      throw ExitCode(130)
    }
  }
}
