// Minimizes a function given as a closure: its value, and its gradient.

import Descent

// Rosenbrock's valley: its minimum is at (1, 1).
let result = try minimize(from: [-1.2, 1.0], using: Adam(learningRate: 0.02), steps: 5000) { x, gradient in
  let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
  gradient[0] = -2 * a - 400 * x[0] * b
  gradient[1] = 200 * b
  return a * a + 100 * b * b
}
print("after \(result.steps) steps: x = \(result.parameters), f(x) = \(result.value)")

// The same with momentum, watched: stops as soon as the gradient is small.
let watched = try minimize(
  from: [-1.2, 1.0], using: Nesterov(learningRate: 5e-4, momentum: 0.97), steps: 100_000,
  watch: { step in
    if step.step % 500 == 0 { print("step \(step.step): f(x) = \(step.value)") }
    return step.gradient.norm() < 1e-6 ? .stop : .proceed
  },
  objective: { x, gradient in
    let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
    gradient[0] = -2 * a - 400 * x[0] * b
    gradient[1] = 200 * b
    return a * a + 100 * b * b
  })
print("stopped after \(watched.steps) steps: x = \(watched.parameters), f(x) = \(watched.value)")
