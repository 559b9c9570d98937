import Descent
import RealModule

// Functions whose products with the Hessian or the Gauss–Newton matrix are known.

/// ½ xᵀA x − bᵀx with a symmetric A, row-major; A is both the Hessian and the Gauss–Newton matrix.
public func quadratic<Scalar: LaneScalar>(_ a: [[Double]], _ b: [Double]) -> CurvedObjective<Scalar> {
  func multiply(_ x: [Scalar]) -> [Double] {
    a.map { row in zip(row, x).reduce(0) { $0 + $1.0 * Double($1.1) } }
  }
  func product(
    _: ParameterVector<Scalar>, _ v: ParameterVector<Scalar>, _ product: inout ParameterVector<Scalar>
  ) throws {
    try product.assign(multiply(v.values).map { Scalar($0) }, to: "x")
  }
  return CurvedObjective { θ, gradient in
    let (x, ax) = (θ.values.map { Double($0) }, multiply(θ.values))
    try gradient.assign(zip(ax, b).map { Scalar($0 - $1) }, to: "x")
    return zip(x, ax).reduce(0) { $0 + 0.5 * $1.0 * $1.1 } - zip(x, b).reduce(0) { $0 + $1.0 * $1.1 }
  } hessian: {
    try product($0, $1, &$2)
  } gaussNewton: {
    try product($0, $1, &$2)
  }
}

/// A symmetric matrix with elements from N(0, 1), plus `shift` I.
public func randomSymmetricRows(_ n: Int, seed: UInt64, shift: Double = 0) -> [[Double]] {
  var stream = RandomStream(seed: seed, name: "test matrix")
  var a = (0..<n).map { _ in (0..<n).map { _ in stream.normal() } }
  for i in 0..<n {
    for j in 0..<i { a[i][j] = a[j][i] }
    a[i][i] += shift
  }
  return a
}

/// Rosenbrock's valley as the least squares of r = (1 − x, 10 (y − x²)): f = ‖r‖², with its minimum 0 at (1, 1).
public func rosenbrock<Scalar: LaneScalar>(_: Scalar.Type = Scalar.self) -> CurvedObjective<Scalar> {
  CurvedObjective { θ, gradient in
    let x = θ.values.map { Double($0) }
    let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
    try gradient.assign([-2 * a - 400 * x[0] * b, 200 * b].map { Scalar($0) }, to: "x")
    return a * a + 100 * b * b
  } hessian: { θ, v, product in
    let (x, v) = (θ.values.map { Double($0) }, v.values.map { Double($0) })
    let (h00, h01) = (2 - 400 * (x[1] - 3 * x[0] * x[0]), -400 * x[0])
    try product.assign([h00 * v[0] + h01 * v[1], h01 * v[0] + 200 * v[1]].map { Scalar($0) }, to: "x")
  } gaussNewton: { θ, v, product in
    let (x, v) = (Double(θ.values[0]), v.values.map { Double($0) })
    // Jᵀ 2 J v with J = (−1, 0; −20 x, 10).
    let (u0, u1) = (-2 * v[0], 2 * (-20 * x * v[0] + 10 * v[1]))
    try product.assign([-u0 - 20 * x * u1, 10 * u1].map { Scalar($0) }, to: "x")
  }
}

/// ½ x² − ½ y² + ¼ y⁴: a strict saddle at the origin, minima −¼ at (0, ±1).
public func strictSaddle<Scalar: LaneScalar>(_: Scalar.Type = Scalar.self) -> CurvedObjective<Scalar> {
  CurvedObjective { θ, gradient in
    let (x, y) = (Double(θ.values[0]), Double(θ.values[1]))
    try gradient.assign([x, -y + y * y * y].map { Scalar($0) }, to: "x")
    return 0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y
  } hessian: { θ, v, product in
    let y = Double(θ.values[1])
    try product.assign([v.values[0], Scalar((3 * y * y - 1) * Double(v.values[1]))], to: "x")
  }
}

/// ½ Σ (a exp(−b tᵢ) + c − zᵢ)² over t = 0, ¼, …, 5, where z is exact for `truth`: its minimum is 0 there.
public func exponentialFit<Scalar: LaneScalar>(
  truth: [Double], _: Scalar.Type = Scalar.self
) -> CurvedObjective<Scalar> {
  let times = (0...20).map { 0.25 * Double($0) }
  func model(_ p: [Double], _ t: Double) -> Double { p[0] * Double.exp(-p[1] * t) + p[2] }
  func row(_ p: [Double], _ t: Double) -> [Double] {
    let e = Double.exp(-p[1] * t)
    return [e, -p[0] * t * e, 1]
  }
  return CurvedObjective { θ, gradient in
    let p = θ.values.map { Double($0) }
    var (sum, g) = (0.0, [0.0, 0, 0])
    for t in times {
      let r = model(p, t) - model(truth, t)
      sum += 0.5 * r * r
      for (i, j) in row(p, t).enumerated() { g[i] += r * j }
    }
    try gradient.assign(g.map { Scalar($0) }, to: "x")
    return sum
  } gaussNewton: { θ, v, product in
    let (p, v) = (θ.values.map { Double($0) }, v.values.map { Double($0) })
    var u = [0.0, 0, 0]
    for t in times {
      let j = row(p, t)
      let jv = dot(j, v)
      for i in 0..<3 { u[i] += jv * j[i] }
    }
    try product.assign(u.map { Scalar($0) }, to: "x")
  }
}

/// Runs `optimizer` from `start` for `steps` steps, and again with a checkpoint in the middle that another optimizer, made
/// by `remake`, goes on from: whether both end with the same bits.
public func resumesExactly<Optimizer: ResumableStepper>(
  _ optimizer: Optimizer, remake: () throws -> Optimizer, from start: ParameterVector<Optimizer.Scalar>, steps: Int,
  on objective: some Objective<Optimizer.Scalar>
) throws -> Bool {
  var (whole, θ) = (optimizer, start)
  for _ in 0..<steps { try whole.step(&θ, on: objective) }
  var (first, φ) = (optimizer, start)
  for _ in 0..<(steps / 2) { try first.step(&φ, on: objective) }
  let checkpoint = try first.checkpoint(φ)
  var second = try remake()
  var ψ = ParameterVector<Optimizer.Scalar>(zeros: start.layout)
  try second.restore(checkpoint, into: &ψ)
  for _ in (steps / 2)..<steps { try second.step(&ψ, on: objective) }
  return θ == ψ && θ != start && second.stepCount == steps
}
