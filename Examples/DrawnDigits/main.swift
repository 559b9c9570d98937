// Trains a small network on digits that the program draws, stops after an epoch, and goes on from the checkpoint.

import Descent
import DescentData
import DescentNetworks
import Foundation

struct Training {
  let data: Dataset
  let model: Classifier
  let engine = Engine()
  var θ: ParameterVector<Float>
  var gradient: ParameterVector<Float>
  var optimizer: Optimizer<Averaged<Adam<Float>>>

  init(_ data: Dataset, seed: UInt64) throws {
    self.data = data
    model = try Classifier(
      inputShape: data.inputShape, layers: [Flatten(), Dense(128, activation: .relu), Dense(data.classCount)])
    θ = model.initialParameters(seed: seed)
    gradient = ParameterVector(zeros: model.layout)
    optimizer = try Optimizer(Adam(learningRate: .cosine(0.002, over: 300)).averaged(0.98), for: θ)
  }

  /// One pass over the training set; the share of the test set that is then classified correctly.
  mutating func run(epoch: Int) throws -> Double {
    let noise = RandomStream(seed: 1, name: "noise")
    for batch in BatchSequence(data.train, batchSize: 64, order: .shuffled(seed: 1), epoch: epoch) {
      let step = UInt64(optimizer.stepCount)
      _ = try engine.gradient(of: model, batch, at: θ, into: &gradient, noise: noise.substream(step))
      try optimizer.step(&θ, gradient: gradient)
    }
    let result = try engine.evaluate(model, data.test.all(), at: optimizer.averagedParameters)
    return Double(result.correct ?? 0) / Double(result.count)
  }

  func save(to path: String) throws {
    try optimizer.checkpoint(θ).write(to: path)
  }

  /// Goes on where the checkpoint stands: it replaces parameters, state, step and the rule's options.
  mutating func resume(from path: String) throws {
    try optimizer.restore(Checkpoint(contentsOf: path), into: &θ)
  }
}

// First of all: threads that wait for work leave the processor to others.
Engine.letIdleThreadsSleep()

var digits = Digits()
digits.trainCount = 6000
digits.testCount = 1000
let data = digits.dataset()
let path = FileManager.default.temporaryDirectory.path + "/digits-\(ProcessInfo.processInfo.processIdentifier)"

var training = try Training(data, seed: 1)
print("after epoch 1:", try training.run(epoch: 0))
try training.save(to: path)
print("after epoch 2:", try training.run(epoch: 1))

// As another run of the program would go on.
var resumed = try Training(data, seed: 2)
try resumed.resume(from: path)
print("after epoch 2, from the checkpoint:", try resumed.run(epoch: 1))
try FileManager.default.removeItem(atPath: path)

guard resumed.θ.values.map(\.bitPattern) == training.θ.values.map(\.bitPattern) else {
  print("the two differ")
  exit(1)
}
print("both have the same bits")
