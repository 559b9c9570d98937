import DescentNetworks

/// Where a run stands: with the parameters and the optimizer's state, all that it goes on from.
struct Position: Codable, Hashable {
  /// Epochs that are done.
  var epoch = 0
  /// Batches of the present epoch that are done.
  var batch = 0
  /// Batches done since the run began. Every random number of a step is drawn from a substream of this number, so no
  /// stream has a position of its own to be kept.
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

  /// Why no run stands here, in words; nil if one may that makes `epochs` epochs, whatever its data.
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
    let (epochs, steps, size) = (plan.configuration.epochs, plan.stepsPerEpoch, plan.configuration.batchSize)
    if let problem = problem(epochs: epochs) { return problem }
    // A run that is stopped after an epoch's last step has still to evaluate.
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

  /// Mean loss of the epoch's examples so far; nil before the first.
  var loss: Double? { exampleCount > 0 ? lossSum / Double(exampleCount) : nil }
  /// The share of them that is classified correctly; NaN where the loss is.
  var accuracy: Double? {
    guard isClassifier, let loss else { return nil }
    return loss.isNaN ? .nan : Double(correct) / Double(exampleCount)
  }

  /// The beginning of the next epoch.
  var nextEpoch: Position { Position(epoch: epoch + 1, step: step) }
}
