// An update rule of one's own, composed with weight decay and averaging, on a quadratic whose gradient is noisy.

import Descent

// f(x) = ½ Σ hᵢ xᵢ², with curvatures from 1 to 10, and x = 0 as its minimum.
let count = 1000
let curvature = (0..<count).map { 1 + 9 * Float($0) / Float(count - 1) }
func value(_ x: ParameterVector<Float>) -> Float {
  zip(x.values, curvature).reduce(0) { $0 + 0.5 * $1.1 * $1.0 * $1.0 }
}

var x = try ParameterVector<Float>(Array(repeating: 1, count: count))
var gradient = ParameterVector<Float>(zeros: x.layout)
var noise = RandomStream(seed: 1, name: "noise")

let rule = Signum<Float>(learningRate: 0.01).decayed(by: 0.01).averaged(0.99)
var optimizer = try Optimizer(rule, for: x)
print("start: f(x) = \(value(x))")
for t in 1...1000 {
  gradient.withUnsafeMutableElements { g in
    x.withUnsafeElements { x in
      for i in 0..<count { g[i] = curvature[i] * x[i] + Float(noise.uniform(in: -1..<1)) }
    }
  }
  try optimizer.step(&x, gradient: gradient)
  if t % 500 == 0 { print("step \(t): f(x) = \(value(x)), at the average \(value(optimizer.averagedParameters))") }
}

// Options are checked: this one is refused, with what is wrong.
do {
  _ = try Optimizer(Signum<Float>(momentum: 1), for: x)
} catch {
  print("refused: \(error)")
}
