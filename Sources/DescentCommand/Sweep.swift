import ArgumentParser
import DescentLab
import Foundation

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Search options of optimizers and models.",
    discussion: """
      Trains one network for each point of a search space, several at the same time, and shows which options did \
      best. A study is one SQLite file; its runs lie in a folder beside it, as descent train makes them. Ctrl-C, or \
      anything else, may stop a study at any moment; give --study FILE alone to go on. Several commands may work on \
      one study. The results depend neither on --jobs nor on interruptions.

      EXAMPLES
        descent sweep --study lr.sqlite            # adam:lr=log(1e-4,1e-1)
        descent sweep --study lr.sqlite            # goes on where it was
        descent sweep show lr.sqlite --csv lr.csv --figure lr.svg
        descent sweep --study adam.sqlite --trials 30 --epochs 3 \\
          --optimizer 'adam:lr=log(1e-4,1e-1),beta2=choice(0.9,0.99,0.999)'
        descent sweep --study grid.sqlite --search grid \\
          --optimizer 'sgd:lr=log(1e-3,1,7),momentum=choice(0,0.9)'
        descent sweep --study two.sqlite --optimizer 'adam:lr=log(1e-4,1e-1)' \\
          --optimizer 'sgd:lr=cosine(log(1e-3,1))'
        descent sweep --study halved.sqlite --search quasirandom \\
          --trials 27 --epochs 9 --halving 3
        descent sweep --study shape.sqlite --batch 'choice(32,128)' \\
          --model 'mlp:hidden=int(16,256)'

      SEARCH FUNCTIONS
        log(a,b)       from a to b, evenly on a logarithmic scale
        lin(a,b)       from a to b, evenly
        int(a,b)       whole numbers from a to b
        choice(x,y,…)  one of these words
        A third number, as in log(a,b,7), allows only that many values, ends included; a grid needs it. The functions \
      may stand anywhere in an option's value of --optimizer or --model, and in --batch, --weight-decay, \
      --clip-norm and --average. With --halving n, all trials get a few epochs, the best 1/n of them n times as \
      many, and so on.
      """,
    subcommands: [SweepShow.self, SweepWork.self])

  @Option(
    help: ArgumentHelp("File of the study; a study that exists goes on.", valueName: "file"), completion: .file())
  var study: String?

  @OptionGroup var training: TrainingOptions

  @Option(
    help: ArgumentHelp("Update rule; may be given again: trials are spread over them.", valueName: "name"),
    completion: .list(Completions.optimizers))
  var optimizer: [String] = []

  @Option(help: "How points of the search space are chosen; random by default.")
  var search: SearchMethod?

  @Option(
    help: ArgumentHelp(
      "Points to try; 20 by default, or all of a grid. A larger number lets a study grow, without --halving.",
      valueName: "n"))
  var trials: Int?

  @Option(help: ArgumentHelp("Successive halving: one in n trials goes on to n times as many epochs.", valueName: "n"))
  var halving: Int?

  @Option(help: ArgumentHelp("With --halving: epochs that every trial gets; 1 by default.", valueName: "n"))
  var minEpochs: Int?

  @Option(
    help: "Metric that ranks trials; by default the test accuracy, or the test loss if the model has no classes.")
  var metric: Objective.Metric?

  @Flag(help: "Rank a trial by its best epoch, not by its last.")
  var bestEpoch = false

  @Option(help: ArgumentHelp("Examples in a step; 128 by default, or all of a smaller data set.", valueName: "n"))
  var batch: String?

  @Option(help: ArgumentHelp("Evaluate an average of the parameters.", valueName: "average"))
  var average: String?

  @Option(help: ArgumentHelp("Scale gradients with a longer norm down to this one.", valueName: "norm"))
  var clipNorm: String?

  @Option(help: ArgumentHelp("Decoupled weight decay λ, times the learning rate.", valueName: "decay"))
  var weightDecay: String?

  @Option(help: ArgumentHelp("Number from which every random number derives.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Threads of each run; 1 by default.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("Runs at the same time; by default as many as the processors allow.", valueName: "n"))
  var jobs: Int?

  @Flag(help: "Show nothing but errors.")
  var quiet = false

  @Flag(help: "Write a line of JSON for each trial, the best first, to standard output.")
  var json = false

  func run() throws {
    Interruption.install()
    guard let study else { throw ValidationError("a study needs a file: give --study") }
    if let jobs, !(1...1024 ~= jobs) {
      throw RunError.invalidOption("--jobs", value: "\(jobs)", allowed: "from 1 to 1024")
    }
    let file: StudyFile
    if let found = try StudyFile.find(study) {
      try checkTrials(of: found.configuration)
      let wanted = try overridden(found.configuration)
      if found.configuration.canGrow(to: wanted) {
        file = try found.grown(to: StudyPlan(wanted))
      } else {
        try found.check(wanted)
        file = found
      }
    } else {
      let plan = try StudyPlan(try overridden(.standard))
      try checkTrials(of: plan.configuration)
      file = try StudyFile(creating: plan, at: study)
    }
    try SweepSession(file, dataFolder: training.dataDir.map(absolutePath), jobs: jobs, quiet: quiet, json: json).run()
  }

  /// Refuses a number of trials other than a grid's own.
  private func checkTrials(of study: StudyConfiguration) throws {
    guard let trials, study.search == .grid, study.trials != trials else { return }
    throw RunError.conflict(
      "--trials \(trials) with a grid of \(counted(study.trials, "point")): leave --trials out, or begin a study with "
        + "another --search")
  }

  /// `base` with the options' values put in.
  private func overridden(_ base: StudyConfiguration) throws -> StudyConfiguration {
    var result = base
    training.apply(to: &result)
    if !optimizer.isEmpty { result.optimizers = optimizer }
    if let search { result.search = search }
    if let trials { result.trials = trials }
    if let halving { result.halving = halving }
    if let minEpochs { result.leastEpochs = minEpochs }
    if let batch { result.batch = batch }
    if let average { result.average = average }
    if let clipNorm { result.clipNorm = clipNorm }
    if let weightDecay { result.weightDecay = weightDecay }
    if let seed { result.seed = seed }
    if let threads { result.threads = threads }
    if let metric { result.metric = metric }
    if bestEpoch { result.ranksByBestEpoch = true }
    if let minEpochs, result.halving == nil {
      throw RunError.conflict(
        "--min-epochs \(minEpochs) has no effect without --halving: give that too, or leave it out")
    }
    return result
  }
}

extension SearchMethod: ExpressibleByArgument {}
extension Objective.Metric: ExpressibleByArgument {}
