import DescentNetworks

/// The position of a run. A run goes on from its position, its parameters and its optimizer's state alone.
struct Position: Codable, Hashable {
  /// Epochs that are done.
  var epoch = 0
  /// Batches of the present epoch that are done.
  var batch = 0
  /// Batches done since the run began. A step draws its random numbers from the substream with this number, so no
  /// positions of streams have to be saved.
  var step = 0
  /// Sums over the examples of the present epoch.
  var lossSum = 0.0
  var correct = 0
  var exampleCount = 0
  /// Whether the model counts correct examples.
  var isClassifier = false
  /// Seconds of work since the last epoch ended.
  var seconds = 0.0

  mutating func add(_ result: BatchResult) {
    batch += 1
    step += 1
    lossSum += result.loss * Double(result.count)
    correct += result.correct ?? 0
    exampleCount += result.count
    isClassifier = result.correct != nil
  }

  /// Why no run of `epochs` epochs can stand here, whatever its data, in words; nil if one can.
  func problem(epochs: Int) -> String? {
    func outside(_ name: String, _ value: Int, _ most: Int) -> String? {
      0...most ~= value ? nil : "\(name) is \(value), but must be from 0 to \(most)"
    }
    return outside("epoch", epoch, epochs) ?? outside("step", step, RunConfiguration.mostSteps)
      ?? outside("batch", batch, step) ?? outside("exampleCount", exampleCount, .max)
      ?? outside("correct", correct, exampleCount)
      ?? (seconds >= 0 && seconds.isFinite ? nil : "seconds is \(seconds), but must not be negative")
  }

  /// Why the run of `plan` cannot stand here, in words; nil if it can.
  func problem(in plan: RunPlan) -> String? {
    let (epochs, steps, size) = (plan.configuration.epochs, plan.stepsPerEpoch, plan.batchSize)
    if let problem = problem(epochs: epochs) { return problem }
    // A run may be stopped after the last step of an epoch, before the epoch's evaluation.
    let most = epoch == epochs ? 0 : steps
    guard batch <= most else {
      return "batch is \(batch), but must be from 0 to \(most) in epoch \(epoch) of \(epochs)"
    }
    guard step == epoch * steps + batch else {
      return "step is \(step), but must be \(epoch * steps + batch): batch \(batch) of epoch \(epoch), of \(steps) each"
    }
    let seen = min(batch * size, plan.dataset.train.count)
    guard exampleCount == seen else { return "exampleCount is \(exampleCount), but must be \(seen)" }
    return nil
  }

  /// The mean loss of the epoch's examples so far; nil before the first.
  var loss: Double? { exampleCount > 0 ? lossSum / Double(exampleCount) : nil }
  /// The share of these examples that is classified correctly; NaN if the loss is NaN.
  var accuracy: Double? {
    guard isClassifier, let loss else { return nil }
    return loss.isNaN ? .nan : Double(correct) / Double(exampleCount)
  }

  /// The beginning of the next epoch.
  var nextEpoch: Position { Position(epoch: epoch + 1, step: step) }
}
