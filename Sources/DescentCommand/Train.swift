import ArgumentParser
import DescentLab
import Foundation

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network.",
    discussion: """
      Without options, a perceptron learns digits that the program draws. The run's folder gets config.json, metrics.csv, \
      event files for TensorBoard and checkpoint.safetensors, which is replaced after each epoch and on Ctrl-C.

      EXAMPLES
        descent train --epochs 3
        descent train --data mnist --optimizer adam:lr=0.001,beta2=0.99 --out runs/a
        descent train --model mlp:hidden=300-100 --optimizer 'nesterov:lr=cosine(0.1)'
        descent train --average 0.999 --clip-norm 1 --weight-decay 0.01
        descent train --diagnostics 50 --out runs/b && descent report runs/b
        descent train --resume --out runs/a
        descent train --quiet --json | jq .test_accuracy

      OPTIMIZERS, MODELS, DATA
        A name, with options after a colon: adam:lr=0.001,beta2=0.99. descent list optimizers, descent list models and \
        descent list data show the names and options. lr and eps stand for learningRate and \
        epsilon. A rate is a number or a schedule: cosine(0.1), inversesqrt(0.01), warmup(500,cosine(0.1)). A value that \
        holds a comma stands in double quotes: 'libsvm:train="a,b.txt"'.
      """)

  @OptionGroup var training: TrainingOptions

  @Option(help: ArgumentHelp("Update rule.", valueName: "name"), completion: .list(Completions.optimizers))
  var optimizer: String?

  @OptionGroup var steps: StepOptions

  @Option(help: ArgumentHelp("Number from which every random number derives.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Folder of the run; a new one in runs/ by default.", valueName: "folder"), completion: .directory
  )
  var out: String?

  @Flag(help: "Go on with the run in --out; start it if there is none.")
  var resume = false

  @Flag(help: "Show nothing but errors.")
  var quiet = false

  @Flag(help: "Write a line of JSON for each epoch to standard output.")
  var json = false

  func run() throws {
    Interruption.install()
    guard !resume || out != nil else { throw ValidationError("--resume needs the folder of the run: give --out") }
    let content = try out.map { try RunFolder.inspect($0) } ?? .nothing
    let plan: RunPlan
    switch content {
    case .nothing: plan = try RunPlan(overridden(.standard))
    case .run(let saved):
      guard let out, resume else { throw RunFolderError.holdsRun(out ?? "") }
      plan = try RunPlan(overridden(saved))
      try RunFolder.check(plan.configuration, goesOnWith: saved, in: out)
    }
    let path = out ?? RunFolder.unused(for: plan.configuration)
    let folder = try RunFolder(path, configuration: plan.configuration, resume: resume)
    try TrainingSession(plan, folder, quiet: quiet, json: json).run()
  }

  /// `base` with the options' values put in.
  private func overridden(_ base: RunConfiguration) -> RunConfiguration {
    var result = base
    training.apply(to: &result)
    steps.apply(to: &result)
    if let optimizer { result.optimizer = optimizer }
    if let seed { result.seed = seed }
    return result
  }
}
