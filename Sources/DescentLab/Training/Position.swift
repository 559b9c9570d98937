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

  /// Mean loss of the epoch's examples so far.
  var loss: Double { lossSum / Double(max(1, exampleCount)) }
  var accuracy: Double? { isClassifier ? Double(correct) / Double(max(1, exampleCount)) : nil }

  /// The beginning of the next epoch.
  var nextEpoch: Position { Position(epoch: epoch + 1, step: step) }
}
