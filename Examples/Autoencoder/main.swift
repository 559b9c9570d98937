// Trains an autoencoder of six numbers on curves that the program draws: with Adam, and with K-FAC, which takes the
// curvature from the inputs and the output gradients of the layers.

import Descent
import DescentData
import DescentNetworks

var curves = Curves()
(curves.trainCount, curves.testCount) = (2000, 500)
let data = curves.dataset()
let model = try Autoencoder(inputShape: data.inputShape, layers: [100, 6])

/// Ten epochs with `method`; the loss of the test set.
func loss<Method: Stepper<Float>>(
  with method: (ParameterVector<Float>) throws -> Method
) throws -> Double {
  let engine = Engine()
  var θ = model.initialParameters(seed: 1)
  var optimizer = try method(θ)
  let noise = RandomStream(seed: 1, name: "noise")
  var step: UInt64 = 0
  for epoch in 0..<10 {
    for batch in BatchSequence(data.train, batchSize: 250, order: .shuffled(seed: 1), epoch: epoch) {
      // The batch's loss as a function of θ: it gives what a method asks for, here statistics of layers.
      let objective = BatchObjective(batch, of: model, on: engine, noise: noise.substream(step))
      try optimizer.step(&θ, on: objective)
      step += 1
    }
  }
  return try engine.evaluate(model, data.test.all(), at: θ).loss
}

let adam = try loss { try Optimizer(Adam(learningRate: 0.003), for: $0) }
let kfac = try loss { try Optimizer(KFAC(learningRate: 0.03, damping: 0.1), for: $0) }
print("test loss after 10 epochs: Adam \(adam), K-FAC \(kfac)")
