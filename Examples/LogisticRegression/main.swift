// Logistic regression with the optimizers alone: parameters with names, mini-batches, an average of the iterates.

import Descent
import Foundation

// Hours that twenty students studied, and whether they passed.
let hours = [
  0.50, 0.75, 1.00, 1.25, 1.50, 1.75, 1.75, 2.00, 2.25, 2.50, 2.75, 3.00, 3.25, 3.50, 4.00, 4.25, 4.50, 4.75, 5.00,
  5.50,
]
let passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1].map(Double.init)

func probability(_ weight: Double, _ bias: Double, _ x: Double) -> Double { 1 / (1 + exp(-(weight * x + bias))) }

var θ = ParameterVector<Double>(zeros: try ParameterLayout([("weight", [1]), ("bias", [1])]))
var gradient = ParameterVector<Double>(zeros: θ.layout)
let rule = AdaGrad<Double>(learningRate: 0.5).averaged(.polyak(from: 20_000))
var optimizer = try Optimizer(rule, for: θ)
var choice = RandomStream(seed: 1, name: "mini-batches")
let batchSize = 4

for _ in 1...200_000 {
  let (weight, bias) = (try θ.values(of: "weight")[0], try θ.values(of: "bias")[0])
  var (weightSlope, biasSlope) = (0.0, 0.0)
  for _ in 0..<batchSize {
    let i = choice.integer(below: hours.count)
    let error = probability(weight, bias, hours[i]) - passed[i]
    weightSlope += error * hours[i] / Double(batchSize)
    biasSlope += error / Double(batchSize)
  }
  try gradient.assign([weightSlope], to: "weight")
  try gradient.assign([biasSlope], to: "bias")
  try optimizer.step(&θ, gradient: gradient)
}

let average = optimizer.averagedParameters
let (weight, bias) = (try average.values(of: "weight")[0], try average.values(of: "bias")[0])
// The maximum of the likelihood is at 1.5046 and −4.0777.
print(String(format: "weight %.2f, bias %.2f", weight, bias))
for x in 1...5 {
  print(String(format: "%d hours: passes with probability %.2f", x, probability(weight, bias, Double(x))))
}
