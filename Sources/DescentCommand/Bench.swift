import ArgumentParser
import Descent
import DescentCatalogue
import DescentLab

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time this machine.",
    discussion: """
      EXAMPLES
        descent bench step                                      # every optimizer, in cache and in memory
        descent bench step --optimizer adam --parameters 33554432 --threads 1 --json
        descent bench step --optimizer adam:clip=1 --weight-decay 0.01 --average 0.999
        descent bench floor                                     # what the memory allows
        descent bench train --model mlp --batch 128 --threads 2 --json
        descent bench train --model logistic --sparse
        descent bench compare --quick                           # beside PyTorch
        descent bench methods --output Documentation/methods.md # the page of all methods
      """,
    subcommands: [Step.self, Floor.self, Train.self, Compare.self, Alone.self, Methods.self])

  struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time the step of an optimizer, in nanoseconds for each parameter.")

    @Option(
      help: ArgumentHelp("Update rule; may be given again. All of them by default.", valueName: "name"),
      completion: .list(Completions.optimizers))
    var optimizer: [String] = []

    @Option(help: ArgumentHelp("Size of the vector; may be given again.", valueName: "n"))
    var parameters: [Int] = [1 << 16, 1 << 20, 1 << 25]

    @Option(help: ArgumentHelp("Threads that share a step.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Keep an average of the parameters in the same pass.", valueName: "average"))
    var average: String?

    @Option(help: ArgumentHelp("Decay the parameters in the same pass.", valueName: "decay"))
    var weightDecay: Double?

    @Option(
      help: ArgumentHelp(
        "Scale the gradient down to this norm; clip=1 among the optimizer's options clips each element.",
        valueName: "norm"))
    var clipNorm: Double?

    @Flag(help: "Run the rule's graph of operations, as a composition that was not compiled is run.")
    var interpreted = false

    @Flag(help: "Write a line of JSON for each measurement.")
    var json = false

    func run() throws {
      var table = Table(header: StepBenchmark.header)
      for optimizer in optimizer.isEmpty ? Catalogue.methods.map(\.name) : optimizer {
        for count in parameters {
          let result = try StepBenchmark(
            OptimizerStep(
              optimizer, parameters: count, threads: threads, average: average, weightDecay: weightDecay,
              clipNorm: clipNorm, isInterpreted: interpreted))
          if json { Terminal.standardOutput.write(result.json() + "\n") } else { table.add(result.row) }
        }
      }
      if !json { Terminal.standardOutput.write(table.text()) }
    }
  }

  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time the training step of a model, in milliseconds, on random data.",
      discussion: """
        The time of a step is the median; the mean counts for methods of which some steps are longer.

        EXAMPLES
          descent bench train
          descent bench train --model autoencoder --batch 1000 --optimizer kfac --steps 60
        """)

    @Option(
      help: ArgumentHelp("Network; may be given again. The papers' models by default.", valueName: "name"),
      completion: .list(Completions.models))
    var model: [String] = []

    @Flag(help: "Sparse inputs: 130 of 10,000 features, 2 classes; for models that take sparse rows.")
    var sparse = false

    @Flag(help: "Step each parameter as soon as its gradient is complete.")
    var updateInBackward = false

    @Option(help: ArgumentHelp("Update rule.", valueName: "name"), completion: .list(Completions.optimizers))
    var optimizer = "adam"

    @Option(help: ArgumentHelp("Examples in a step.", valueName: "n"))
    var batch = 128

    @Option(help: ArgumentHelp("Threads that compute.", valueName: "n"))
    var threads = 2

    @Option(help: ArgumentHelp("Steps to time; a tenth as many for convolutional networks.", valueName: "n"))
    var steps = 100

    @Flag(help: "Write a line of JSON for each measurement.")
    var json = false

    func run() throws {
      var table = Table(header: TrainingBenchmark.header)
      let models = sparse ? ["logistic"] : ["logistic", "mlp", "mlp:dropout=0.5", "cnn", "vae"]
      for model in model.isEmpty ? models : model {
        let count = model.contains("cnn") ? max(1, steps / 10) : steps
        let result = try TrainingBenchmark(
          TrainingStep(
            model, optimizer: optimizer, batch: batch, threads: threads, isSparse: sparse,
            updatesInBackward: updateInBackward), steps: count)
        if json { Terminal.standardOutput.write(result.json() + "\n") } else { table.add(result.row) }
      }
      if !json { Terminal.standardOutput.write(table.text()) }
    }
  }

  struct Methods: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time every method and write a page about all of them: paper, state, exactness, speed, options.")

    @Option(help: ArgumentHelp("Size of the vector.", valueName: "n"))
    var parameters = 1 << 25

    @Option(help: ArgumentHelp("Threads that share a step.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("File of the page; standard output by default.", valueName: "path"), completion: .file())
    var output: String?

    func run() throws {
      var nanoseconds: [String: Double] = [:]
      for (i, method) in Catalogue.methods.enumerated() {
        Terminal.standardError.write("\(i + 1)/\(Catalogue.methods.count) \(method.name)\n")
        nanoseconds[method.name] =
          try StepBenchmark(OptimizerStep(method.name, parameters: parameters, threads: threads))
          .nanosecondsPerParameter
      }
      var command = "descent bench methods --parameters \(parameters) --threads \(threads)"
      if let output { command += " --output \(shellQuoted(output))" }
      let page = MethodsPage(nanoseconds: nanoseconds, parameters: parameters, threads: threads)
      let text = try page.markdown(command: command)
      if let output { try AtomicFile.write(text, to: output) } else { Terminal.standardOutput.write(text) }
    }
  }
}
