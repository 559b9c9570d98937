// Trains a small network on digits that the program draws, stops after an epoch, and goes on from the checkpoint.

import Descent
import DescentData
import DescentNetworks
import Foundation

var digits = Digits()
digits.trainCount = 6000
digits.testCount = 1000
let data = digits.dataset()

let model = try Classifier(
  inputShape: data.inputShape, layers: [Flatten(), Dense(128, activation: .relu), Dense(data.classCount)])
let engine = Engine()
let noise = RandomStream(seed: 1, name: "noise")
var gradient = ParameterVector<Float>(zeros: model.layout)

/// A mini-batch of the data as the engine takes it.
func networkBatch(_ batch: DescentData.Batch) -> DescentNetworks.Batch {
  switch batch.inputs {
  case .dense(let values, let shape): DescentNetworks.Batch(inputs: .dense(values, shape: shape), labels: batch.labels)
  case .sparse(let rows): DescentNetworks.Batch(inputs: .sparse(rows), labels: batch.labels)
  }
}

/// One pass over the training set; the share of the test set that is then classified correctly.
func train(
  epoch: Int, _ θ: inout ParameterVector<Float>, _ optimizer: inout Optimizer<Averaged<Adam<Float>>>
) throws -> Double {
  for batch in BatchSequence(data.train, batchSize: 64, order: .shuffled(seed: 1), epoch: epoch) {
    let step = UInt64(optimizer.stepCount)
    _ = try engine.gradient(of: model, networkBatch(batch), at: θ, into: &gradient, noise: noise.substream(step))
    try optimizer.step(&θ, gradient: gradient)
  }
  let result = try engine.evaluate(model, networkBatch(data.test.all()), at: optimizer.averagedParameters)
  return Double(result.correct ?? 0) / Double(result.count)
}

var θ = model.initialParameters(seed: 1)
var optimizer = try Optimizer(Adam(learningRate: .cosine(0.002, over: 300)).averaged(0.98), for: θ)
let path = FileManager.default.temporaryDirectory.appending(path: "digits-\(ProcessInfo.processInfo.processIdentifier)")
  .path(percentEncoded: false)

print("after epoch 1:", try train(epoch: 0, &θ, &optimizer))
try optimizer.checkpoint(θ).write(to: path)
print("after epoch 2:", try train(epoch: 1, &θ, &optimizer))

// As another run of the program would go on.
var resumedθ = model.initialParameters(seed: 2)
var resumed = try Optimizer(Adam<Float>().averaged(0.5), for: resumedθ)
try resumed.restore(Checkpoint(contentsOf: path), into: &resumedθ)
print("after epoch 2, from the checkpoint:", try train(epoch: 1, &resumedθ, &resumed))
try FileManager.default.removeItem(atPath: path)

guard resumedθ.values.map(\.bitPattern) == θ.values.map(\.bitPattern) else {
  print("the two differ")
  exit(1)
}
print("both have the same bits")
