import ArgumentParser
import DescentCatalogue
import DescentLab

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the optimizers, models, data sets and problems.",
    discussion: """
      EXAMPLES
        descent list optimizers
        descent list optimizers adam      # with its options
        descent list models
        descent list data --json
        descent list problems rosenbrock
      """)

  @Argument(help: "What to list.")
  var kind: Kind

  @Argument(help: ArgumentHelp("Show only this one, with its options.", valueName: "name"))
  var name: String?

  @Flag(help: "Write JSON.")
  var json = false

  enum Kind: String, ExpressibleByArgument, CaseIterable { case optimizers, models, data, problems }

  func run() throws {
    let listing: Listing =
      switch kind {
      case .optimizers: .optimizers
      case .models: .models
      case .data: .data
      case .problems: .problems
      }
    // Lines for a file or a pipe are not wrapped: programs read them.
    let width = Terminal.standardOutput.isInteractive ? Terminal.standardOutput.width : nil
    let text = try name.map { name in json ? try listing.json(name) : try listing.text(name, width: width) }
    Terminal.standardOutput.write(text ?? (json ? listing.json() : listing.text(width: width)))
  }
}

/// Names that a shell can complete.
enum Completions {
  static let optimizers = Catalogue.methods.map(\.name)
  /// Optimizers and methods on finite sums.
  static let minimizers = optimizers + (Catalogue.objectiveMethods + Catalogue.sumMethods).map(\.name)
  static let models = Listing.models.names
  static let data = Listing.data.names
  static let problems = Listing.problems.names
}
