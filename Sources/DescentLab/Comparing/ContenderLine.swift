/// A contender's result as a line of JSON. Each metric has one value for each seed.
struct ContenderLine: Encodable {
  var optimizer: String
  var seeds: [UInt64]
  /// The number of epochs that each run has done.
  var epochs: [Int]
  /// Why runs ended before their last epoch; null for those that did not.
  var divergences: [String?]
  var trainLoss, testLoss, testAccuracy: [Double]?
  var bestTestLoss, bestTestAccuracy: [Double]?
  var seconds: [Double]?
  /// `null` for runs that did not reach the target.
  var stepsToTarget: [Int?]

  private enum CodingKeys: String, CodingKey {
    case optimizer, seeds, epochs, divergences, seconds
    case trainLoss = "train_loss"
    case testLoss = "test_loss"
    case testAccuracy = "test_accuracy"
    case bestTestLoss = "best_test_loss"
    case bestTestAccuracy = "best_test_accuracy"
    case stepsToTarget = "steps_to_target"
  }

  init(_ result: ContenderResult, steps: [Int?]) {
    optimizer = result.name
    seeds = result.runs.map(\.seed)
    epochs = result.runs.map(\.epochs)
    divergences = result.runs.map(\.failure)
    trainLoss = result.final(\.trainLoss)?.values
    testLoss = result.final(\.testLoss)?.values
    testAccuracy = result.final(\.testAccuracy)?.values
    bestTestLoss = result.best(\.testLoss, by: <)?.values
    bestTestAccuracy = result.best(\.testAccuracy, by: >)?.values
    seconds = result.final(\.seconds)?.values
    stepsToTarget = steps
  }
}
