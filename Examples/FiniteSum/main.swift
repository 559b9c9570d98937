// A finite sum, minimized by methods that ask for more than one gradient a step, and what each of them cost.

import Descent
import Foundation

// Hours that twenty students studied, and whether they passed.
let hours = [
  0.50, 0.75, 1.00, 1.25, 1.50, 1.75, 1.75, 2.00, 2.25, 2.50, 2.75, 3.00, 3.25, 3.50, 4.00, 4.25, 4.50, 4.75, 5.00,
  5.50,
]
let passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1].map(Double.init)

// Term i is the loss of student i: its value is returned, its gradient added.
let loss = try ClosureSum<Double>(count: hours.count, dimension: 2) { i, x, gradient in
  let score = x[0] * hours[i] + x[1]
  let error = 1 / (1 + exp(-score)) - passed[i]
  gradient[0] += error * hours[i]
  gradient[1] += error
  return log1p(exp(-abs(score))) + max(score, 0) - passed[i] * score
}

func report(_ name: String, _ minimum: SumMinimum<[Double]>) {
  print(
    String(
      format: "%-9@ weight %.6f, bias %.6f after the gradients of %d terms", name as NSString, minimum.parameters[0],
      minimum.parameters[1], minimum.evaluations.gradients))
}

// The maximum of the likelihood is at 1.504645 and −4.077713.
report("L-BFGS", try minimize(loss, from: [0, 0], using: LBFGS(), steps: 50))
report("SVRG", try minimize(loss, from: [0, 0], using: SVRG(learningRate: 0.1), steps: 20_000, seed: 1))
report("Adam", try minimize(loss, from: [0, 0], using: MiniBatch(Adam(learningRate: 0.01)), steps: 60_000, seed: 1))
