import ArgumentParser
import DescentLab

/// The options of all commands that train: data, network and number of epochs.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Data set to learn.", valueName: "name"), completion: .list(Completions.data))
  var data: String?

  @Option(help: ArgumentHelp("Folder with the data set's files.", valueName: "folder"), completion: .directory)
  var dataDir: String?

  @Option(help: ArgumentHelp("Network to train.", valueName: "name"), completion: .list(Completions.models))
  var model: String?

  @Option(help: ArgumentHelp("Passes over the training set.", valueName: "n"))
  var epochs: Int?

  /// Replaces those values in `base` that the options give.
  func apply(to base: inout some TrainingSetup) {
    if let data {
      base.data = data
      base.dataFolder = nil
    }
    // An absolute path, so that the saved run can be repeated from any folder.
    if let dataDir { base.dataFolder = absolutePath(dataDir) }
    if let model { base.model = model }
    if let epochs { base.epochs = epochs }
  }
}

/// The values that ``TrainingOptions`` set.
protocol TrainingSetup {
  var data: String { get set }
  var dataFolder: String? { get set }
  var model: String { get set }
  var epochs: Int { get set }
}

extension RunConfiguration: TrainingSetup {}
extension StudyConfiguration: TrainingSetup {}

/// Clipping and decay, which work with any update rule.
struct ClippingAndDecay: ParsableArguments {
  @Option(help: ArgumentHelp("Scale gradients with a longer norm down to this one.", valueName: "norm"))
  var clipNorm: Double?

  @Option(
    help: ArgumentHelp(
      "Decoupled weight decay λ: each step subtracts the share α λ of the parameters, where α is the learning rate (torch's λ). α λ must be at most 1. Methods with an option weightDecay use the value for that.",
      valueName: "decay"))
  var weightDecay: Double?
}

/// A run's options about steps, other than the update rule.
struct StepOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Examples in a step; 128 by default, or all of a smaller data set.", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Threads that compute; one for each processor by default.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Evaluate an average of the parameters: a decay such as 0.999, 'polyak' for the mean, or polyak:STEP.",
      valueName: "average"))
  var average: String?

  @OptionGroup var around: ClippingAndDecay

  @Flag(
    help:
      "Step each parameter as soon as its gradient is complete, so that the whole gradient is never in memory. Works for element-wise methods, without clipping by the norm. Does not skip steps with infinite gradients."
  )
  var updateInBackward = false

  @Option(
    help: ArgumentHelp(
      "Every n steps, write what a step does to each parameter for TensorBoard and descent report: norms, effective step, share of elements that ε dominates, gradient noise. Every 50 steps, this costs 2 to 5 % of the time; no result changes.",
      valueName: "n"))
  var diagnostics: Int?

  /// Replaces those values in `base` that the options give.
  func apply(to base: inout RunConfiguration) {
    if let batch { base.batchSize = batch }
    if let threads { base.threads = threads }
    if let average { base.average = average }
    if let norm = around.clipNorm { base.clipNorm = norm }
    if let decay = around.weightDecay { base.weightDecay = decay }
    if updateInBackward { base.updateInBackward = true }
    if let diagnostics { base.diagnostics = diagnostics }
  }
}
