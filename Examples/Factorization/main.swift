// A matrix as the product of two thin ones, by methods that see the parameters as matrices.

import Descent

let (rows, columns, rank) = (30, 20, 3)

/// A matrix of numbers from N(0, 1).
func matrix(_ name: String, _ rows: Int, _ columns: Int) -> [Double] {
  var random = RandomStream(seed: 1, name: name)
  return (0..<rows * columns).map { _ in random.normal() }
}

/// a b of matrices [n, k] and [k, m].
func product(_ a: [Double], _ b: [Double], _ n: Int, _ k: Int, _ m: Int) -> [Double] {
  (0..<n * m).map { at in (0..<k).reduce(0) { $0 + a[at / m * k + $1] * b[$1 * m + at % m] } }
}
func transposed(_ a: [Double], _ n: Int, _ m: Int) -> [Double] { (0..<n * m).map { a[$0 % n * m + $0 / n] } }

let target = product(matrix("a", rows, rank), matrix("b", rank, columns), rows, rank, columns)

/// The mean square of u v − target, and its gradient.
func error(_ θ: ParameterVector<Double>, _ gradient: inout ParameterVector<Double>) throws -> Double {
  let (u, v) = (try θ.values(of: "u"), try θ.values(of: "v"))
  let residual = zip(product(u, v, rows, rank, columns), target).map(-)
  let scaled = residual.map { 2 * $0 / Double(residual.count) }
  try gradient.assign(product(scaled, transposed(v, rank, columns), rows, columns, rank), to: "u")
  try gradient.assign(product(transposed(u, rows, rank), scaled, rank, rows, columns), to: "v")
  return residual.reduce(0) { $0 + $1 * $1 } / Double(residual.count)
}

func train(_ name: String, _ optimizer: some Stepper<Double>, from start: ParameterVector<Double>) throws {
  var (optimizer, θ, gradient) = (optimizer, start, start)
  var value = 0.0
  for _ in 1...500 {
    value = try error(θ, &gradient)
    try optimizer.step(&θ, gradient: gradient)
  }
  print("\(name): mean square error \(value) after 500 steps")
}

var θ = ParameterVector<Double>(zeros: try ParameterLayout([("u", [rows, rank]), ("v", [rank, columns])]))
try θ.assign(matrix("u", rows, rank).map { 0.1 * $0 }, to: "u")
try θ.assign(matrix("v", rank, columns).map { 0.1 * $0 }, to: "v")
let rate = Schedule.cosine(0.1, over: 500)
try train("Adam", Optimizer(Adam(learningRate: rate), for: θ), from: θ)
try train("Muon", Optimizer(Muon(learningRate: rate), for: θ), from: θ)
try train("SOAP", Optimizer(SOAP(learningRate: rate), for: θ), from: θ)
