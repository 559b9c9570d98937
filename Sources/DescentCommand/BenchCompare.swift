import ArgumentParser
import Descent
import DescentLab
import Foundation

extension Bench {
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare our times with PyTorch's and with this machine's memory and matrix products.",
      discussion: """
        PyTorch is looked for in the Python that DESCENT_PYTHON names, else in python3. Without PyTorch, our times are
        compared with the machine's limits alone.

        EXAMPLES
          descent bench compare --quick
          descent bench compare --only adam --only cnn
          descent bench compare --output Documentation/benchmarks.md   # with its figures
        """)

    @Flag(help: "Fewer and shorter rounds, fewer rules and points, no torch.compile.")
    var quick = false

    @Option(help: ArgumentHelp("Only work with this text in its title; may be given again.", valueName: "text"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Only these parts; may be given again.", valueName: "part"))
    var part: [Part] = Part.allCases

    @Option(help: ArgumentHelp("Rounds for each case; 11 by default, 5 with --quick.", valueName: "n"))
    var rounds: Int?

    @Option(help: ArgumentHelp("Seconds of each side in a round; 0.25 by default, 0.05 with --quick.", valueName: "s"))
    var seconds: Double?

    @Option(help: ArgumentHelp("Threads for training; by default 2, or 1 if there is one processor.", valueName: "n"))
    var threads = min(2, processorCount)

    @Option(help: ArgumentHelp("Script that runs PyTorch's side.", valueName: "path"), completion: .file())
    var script = "Scripts/torch-peer.py"

    @Option(help: ArgumentHelp("Page to write, with its figures beside it.", valueName: "path"), completion: .file())
    var output: String?

    enum Part: String, ExpressibleByArgument, CaseIterable {
      case steps, compositions, training, variants, memory, scaling
    }

    func validate() throws {
      guard 1...1000 ~= rounds ?? 1 else { throw ValidationError("--rounds must be from 1 to 1000") }
      guard seconds ?? 1 > 0, seconds ?? 1 <= 600 else {
        throw ValidationError("--seconds must be positive, and at most 600")
      }
      guard 1...1024 ~= threads else { throw ValidationError("--threads must be from 1 to 1024") }
    }

    func run() throws {
      let everything =
        BenchmarkCase.steps + BenchmarkCase.compositions + BenchmarkCase.trainings(threads: threads)
        + BenchmarkCase.variants(threads: threads)
      guard everything.contains(where: isChosen) else {
        throw ValidationError(
          "--only: no work has '\(only.joined(separator: "' or '"))' in its title, such as 'adam' or 'vae'")
      }
      if let output { try OutputFolder.create(folder(of: output) + "/figures") }
      let torch = Result<TorchPeer, TorchError> { () throws(TorchError) in try TorchPeer(script: script) }
      let peer = try? torch.get()
      if case .failure(let error) = torch { note("without PyTorch: \(error.description)") }
      let comparison = PeerComparison(
        rounds: rounds ?? (quick ? 5 : 11), seconds: seconds ?? (quick ? 0.05 : 0.25), compiles: !quick, peer: peer)
      var page = BenchmarksPage(
        torch: torch.map(\.version), rounds: comparison.rounds, seconds: comparison.seconds)

      func measure(_ part: Part, _ cases: [BenchmarkCase]) throws -> [CaseResult] {
        let chosen = self.part.contains(part) ? cases.filter(isChosen) : []
        return try chosen.enumerated().map { i, one in
          let result = try comparison.run(one)
          note("\(part) \(i + 1)/\(chosen.count) \(one.title): \(result.line)")
          return result
        }
      }
      page.steps = try measure(.steps, BenchmarkCase.steps)
      page.compositions = try measure(
        .compositions, quick ? BenchmarkCase.briefCompositions : BenchmarkCase.compositions)
      let trainings = BenchmarkCase.trainings(threads: threads)
      page.trainings = try measure(.training, trainings)
      let variants = BenchmarkCase.variants(threads: threads)
      page.variants = try measure(.variants, variants)
      if part.contains(.memory) {
        func train(_ cases: [BenchmarkCase]) throws -> [LoneResult] {
          try cases.filter(isChosen).map { one in
            let setting = page.trainings.first { $0.work.title == one.title }?.setting
            let result = try LoneResult(
              one, setting: setting, count: quick ? 2 : 7, program: Bundle.main.executablePath ?? "descent", peer: peer)
            note("memory \(one.title): \(result.line)")
            return result
          }
        }
        page.lone = try train(trainings)
        page.loneVariants = try train(variants.filter(\.isTraining))
      }
      if part.contains(.scaling), only.isEmpty { page.figures = try scaling(comparison) }

      Terminal.standardOutput.write(page.text())
      if let output { try AtomicFile.write(page.markdown(command: command), to: output) }
    }

    /// Draws the curves into files beside the page.
    private func scaling(_ comparison: PeerComparison) throws -> [(title: String, path: String)] {
      var comparison = comparison
      comparison.rounds = min(5, comparison.rounds)
      comparison.compiles = false
      var drawn: [(title: String, path: String)] = []
      for var curve in ScalingCurve.all(isQuick: quick, threads: threads) {
        try curve.measure(with: comparison) { note("scaling \($0.work.title): \($0.line)") }
        guard let output else {
          if let drawing = try? curve.figure.characters() { Terminal.standardOutput.write(drawing + "\n") }
          continue
        }
        let path = "figures/\(curve.name).svg"
        do {
          try AtomicFile.write(curve.figure.render(.svg), to: "\(folder(of: output))/\(path)")
          drawn.append((curve.title, path))
        } catch let error as FigureError {
          // A figure that fails must not cost the measurements.
          note("figure left out: \(error.description)")
        }
      }
      return drawn
    }

    private func folder(of path: String) -> String {
      // Without the slash at the folder's end.
      String(URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false).dropLast())
    }

    private func isChosen(_ one: BenchmarkCase) -> Bool {
      only.isEmpty || only.contains { one.title.lowercased().contains($0.lowercased()) }
    }

    private func note(_ line: String) { Terminal.standardError.write(line + "\n") }

    /// The command that makes the page again.
    private var command: String {
      let arguments = ProcessInfo.processInfo.arguments.dropFirst()
      return (["descent"] + arguments.map(shellQuoted)).joined(separator: " ")
    }
  }

  struct Floor: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time the memory traffic of an optimizer's step without its arithmetic.",
      discussion: """
        Reads θ, the gradient and the state; writes θ and the state in place. Adam has two state vectors.
        """)

    @Option(help: ArgumentHelp("State vectors; may be given again. 0 to 5 by default.", valueName: "n"))
    var slots = [0, 1, 2, 3, 4, 5]

    @Option(help: ArgumentHelp("Size of the vector; may be given again.", valueName: "n"))
    var parameters: [Int] = [1 << 16, 1 << 20, 1 << 25]

    @Option(help: ArgumentHelp("Threads that share it.", valueName: "n"))
    var threads = 1

    @Flag(help: "Write a line of JSON for each measurement.")
    var json = false

    func run() throws {
      var table = Table(header: FloorBenchmark.header)
      for count in parameters {
        for slots in slots {
          let result = try FloorBenchmark(slots: slots, parameters: count, threads: threads)
          if json { Terminal.standardOutput.write(result.json() + "\n") } else { table.add(result.row) }
        }
      }
      if !json { Terminal.standardOutput.write(table.text()) }
    }
  }

  struct Alone: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Train a model on random data; report the time until the first step is done, and the memory used.")

    @Option(help: ArgumentHelp("Network.", valueName: "name"), completion: .list(Completions.models))
    var model = "mlp"

    @Flag(help: "Sparse inputs: 130 of 10,000 features, 2 classes.")
    var sparse = false

    @Flag(help: "Step each parameter as soon as its gradient is complete.")
    var updateInBackward = false

    @Option(help: ArgumentHelp("Examples in a step.", valueName: "n"))
    var batch = 128

    @Option(help: ArgumentHelp("Threads that compute.", valueName: "n"))
    var threads = 2

    @Option(help: ArgumentHelp("Steps.", valueName: "n"))
    var steps = 20

    func run() throws {
      let step = TrainingStep(
        model, batch: batch, threads: threads, isSparse: sparse, updatesInBackward: updateInBackward)
      try LoneTraining.run(step, steps: steps, write: Terminal.standardOutput.write)
    }
  }
}
