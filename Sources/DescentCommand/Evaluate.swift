import ArgumentParser
import DescentLab
import Foundation

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate the network that a run has trained.",
    discussion: """
      Reads config.json and checkpoint.safetensors of the run. A run that averages its parameters is evaluated at the \
      average.

      EXAMPLES
        descent evaluate runs/a
        descent evaluate runs/a --split train
        descent evaluate runs/a --data fashion --data-dir ~/fashion --json
      """)

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(help: ArgumentHelp("Data set to evaluate on; the run's own by default.", valueName: "name"))
  var data: String?

  @Option(help: ArgumentHelp("Folder with the data set's files.", valueName: "folder"), completion: .directory)
  var dataDir: String?

  @Option(help: "Which examples of the data set.")
  var split = Split.test

  @Option(help: ArgumentHelp("Threads that compute; the run's own number by default.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Write one line of JSON.")
  var json = false

  enum Split: String, ExpressibleByArgument, CaseIterable { case train, test }

  func run() throws {
    var configuration = try RunFolder.configuration(ofRunIn: folder)
    if let data {
      configuration.data = data
      configuration.dataFolder = nil
    }
    if let dataDir { configuration.dataFolder = dataDir }
    if let threads { configuration.threads = threads }
    let result = try RunEvaluation(of: folder, configuration, onTrainingSplit: split == .train)
    Terminal.standardOutput.write((json ? result.json() : result.text) + "\n")
    if let problem = result.problem { throw problem }
  }
}
