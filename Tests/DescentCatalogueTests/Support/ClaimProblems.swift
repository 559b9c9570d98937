import Descent
import Testing

/// x ∈ [−1, 1] after `steps` steps on P x, −x, −x, … with period P (Reddi, Kale & Kumar); the minimum is −1, the maximum
/// +1.
func endOfReddisProblem<Rule: ElementRule>(
  _ rule: Rule, period: Int, from start: Double = 0.5, steps: Int = 10_000
) throws -> Double where Rule.Scalar == Double {
  var x = try ParameterVector([start])
  let (up, down) = (try ParameterVector([Double(period)]), try ParameterVector([-1.0]))
  var optimizer = try Optimizer(rule, for: x)
  for t in 1...steps {
    try optimizer.step(&x, gradient: t % period == 1 ? up : down)
    x.withUnsafeMutableElements { $0[0] = min(1, max(-1, $0[0])) }
  }
  return x.values[0]
}

/// With the quadratic's own curvature every coordinate reaches its minimum in one step, whatever its scale. With negative
/// curvature the step divides by |h|, so it leads downhill, away from the saddle.
func expectNewtonStep<Rule: ElementRule>(
  of rule: Rule, curvature slot: String, sourceLocation: SourceLocation = #_sourceLocation
) throws where Rule.Scalar == Double {
  let h = try ParameterVector([1e-3, 1, 250, -4])
  var θ = try ParameterVector([3.0, -2, 0.5, 1])
  let gradient = try ParameterVector(zip(h.values, θ.values).map { $0 * $1 })
  var optimizer = try Optimizer(rule, for: θ)
  #expect(try optimizer.slot(slot).values == [1, 1, 1, 1], sourceLocation: sourceLocation)
  try optimizer.assign(h, toSlot: slot)
  // The checkpoint contains the curvature.
  let checkpoint = try optimizer.checkpoint(θ)
  var resumed = try Optimizer(rule, for: θ)
  try resumed.restore(checkpoint, into: &θ)
  try resumed.step(&θ, gradient: gradient)
  for (value, minimum) in zip(θ.values, [0.0, 0, 0, 2]) {
    #expect(abs(value - minimum) < 1e-15, sourceLocation: sourceLocation)
  }
}

/// The minimum of Σ |xᵢ − x*ᵢ|, which is convex with bounded gradients.
let distanceSolution = [3.0, -1, 0.5, 8]

/// A step on Σ |xᵢ − x*ᵢ|.
func stepOnDistance<Rule: VectorRule<Double>>(
  _ optimizer: inout Optimizer<Rule>, _ x: inout ParameterVector<Double>
) throws {
  let signs = zip(x.values, distanceSolution).map { $0 == $1 ? 0 : $0 < $1 ? -1.0 : 1 }
  try optimizer.step(&x, gradient: ParameterVector(signs))
}

/// Parameters for claims about methods with norms and factors.
let claimShapes = [("matrix", [6, 9]), ("vector", [13]), ("scalar", [])]

/// Random numbers of ``claimShapes``.
func randomModel(_ seed: UInt64, scale: Double = 1) throws -> ParameterVector<Double> {
  var vector = ParameterVector<Double>(zeros: try ParameterLayout(claimShapes))
  var stream = RandomStream(seed: seed, name: "claims")
  for (name, shape) in claimShapes {
    try vector.assign((0..<shape.reduce(1, *)).map { _ in scale * stream.normal() }, to: name)
  }
  return vector
}

/// The difference of one parameter.
func change(_ a: ParameterVector<Double>, _ b: ParameterVector<Double>, _ name: String) throws -> [Double] {
  try zip(a.values(of: name), b.values(of: name)).map { $0 - $1 }
}
