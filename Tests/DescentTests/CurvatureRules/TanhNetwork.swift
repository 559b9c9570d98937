@testable import Descent

/// Two dense layers with tanh between them and half the mean squared distance from targets, as plain loops: an objective
/// whose layers change with θ. With several places the network is applied at each place of an example, and the loss sums
/// over them.
struct TanhNetwork: LayerwiseObjective, RepeatableObjective {
  typealias Scalar = Double

  var x, targets: [[Double]]
  var places = 1

  var count: Int { x.count / places }

  /// θ with these layers, whose last rows are the biases.
  static func vector(_ layers: [[[Double]]]) throws -> ParameterVector<Double> {
    let shapes = layers.enumerated().flatMap { i, layer in
      [("dense\(i).weight", [layer.count - 1, layer[0].count]), ("dense\(i).bias", [layer[0].count])]
    }
    var θ = ParameterVector<Double>(zeros: try ParameterLayout(shapes))
    for (i, layer) in layers.enumerated() {
      try θ.assign(Array(layer.dropLast().joined()), to: "dense\(i).weight")
      try θ.assign(layer[layer.count - 1], to: "dense\(i).bias")
    }
    return θ
  }

  static func layers(_ θ: ParameterVector<Double>) throws -> [[[Double]]] {
    try (0..<2).map { i in
      let (weight, bias) = (try θ.values(of: "dense\(i).weight"), try θ.values(of: "dense\(i).bias"))
      let n = bias.count
      return (0..<weight.count / n).map { Array(weight[$0 * n..<($0 + 1) * n]) } + [bias]
    }
  }

  /// For each layer: its inputs, its outputs before the nonlinearity, the gradients of an example's own loss by them, all
  /// by rows; and the gradient of the mean loss.
  typealias Pass = (
    inputs: [[[Double]]], outputs: [[[Double]]], outputGradients: [[[Double]]], gradient: [[[Double]]]
  )

  func pass(_ layers: [[[Double]]]) -> Pass {
    let first = product(x.map { $0 + [1] }, layers[0])
    let hidden = first.map { $0.map { tanh($0) } }
    let second = product(hidden.map { $0 + [1] }, layers[1])
    let d2 = zip(second, targets).map { zip($0, $1).map { $0 - $1 } }
    let back = product(d2, transposed(layers[1].dropLast()))
    let d1 = zip(back, hidden).map { zip($0, $1).map { $0 * (1 - $1 * $1) } }
    func gradient(_ inputs: [[Double]], _ d: [[Double]]) -> [[Double]] {
      scaled(product(transposed(inputs.map { $0 + [1] }), d), 1 / Double(count))
    }
    return ([x, hidden], [first, second], [d1, d2], [gradient(x, d1), gradient(hidden, d2)])
  }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    let pass = pass(try Self.layers(θ))
    gradient = try Self.vector(pass.gradient)
    return 0.5 * pass.outputGradients[1].joined().reduce(0) { $0 + $1 * $1 } / Double(count)
  }

  func value(
    at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Double>) throws -> Void
  ) throws -> Double {
    let pass = pass(try Self.layers(θ))
    let layers = (0..<2).map { (pass.inputs[$0], scaled(pass.outputGradients[$0], 1 / Double(count))) }
    var unused = gradient
    _ = try GivenLayers(layers: layers, places: places)
      .value(at: θ, gradient: &unused, labels: labels, statistics: body)
    return try value(at: θ, gradient: &gradient)
  }
}

/// A network that refuses the second question of a step.
final class FailingSecondly: LayerwiseObjective, RepeatableObjective {
  struct Refusal: Error {}

  let network: TanhNetwork
  private var questions = 0

  init(network: TanhNetwork) { self.network = network }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    try network.value(at: θ, gradient: &gradient)
  }

  func value(
    at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Double>) throws -> Void
  ) throws -> Double {
    questions += 1
    guard questions == 1 else { throw Refusal() }
    return try network.value(at: θ, gradient: &gradient, labels: labels, statistics: body)
  }
}

func tanh(_ x: Double) -> Double {
  let e = exponential(-2 * abs(x))
  return (x < 0 ? -1 : 1) * (1 - e) / (1 + e)
}

private func exponential(_ x: Double) -> Double { Double.exponential(SIMD8(repeating: x))[0] }

// Matrices as rows.

func random(_ rows: Int, _ columns: Int, seed: UInt64) -> [[Double]] {
  var stream = RandomStream(seed: seed, name: "matrices")
  return (0..<rows).map { _ in (0..<columns).map { _ in stream.uniform(in: -1..<1) } }
}

func zeros(_ n: Int) -> [[Double]] { Array(repeating: [Double](repeating: 0, count: n), count: n) }

func identity(_ n: Int) -> [[Double]] { (0..<n).map { i in (0..<n).map { $0 == i ? 1 : 0 } } }

func transposed(_ a: [[Double]]) -> [[Double]] { a[0].indices.map { j in a.map { $0[j] } } }

func scaled(_ a: [[Double]], _ c: Double) -> [[Double]] { a.map { $0.map { c * $0 } } }

func sum(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] { zip(a, b).map { zip($0, $1).map { $0 + $1 } } }

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

func mean(_ rows: [[Double]]) -> [Double] {
  rows[0].indices.map { j in rows.reduce(0) { $0 + $1[j] } / Double(rows.count) }
}

func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
  let columns = transposed(b)
  return a.map { row in columns.map { dot(row, $0) } }
}

/// By Gauss and Jordan's elimination with pivots.
func inverse(_ a: [[Double]]) -> [[Double]] {
  let n = a.count
  var rows = zip(a, identity(n)).map { $0 + $1 }
  for k in 0..<n {
    rows.swapAt(k, (k..<n).max { abs(rows[$0][k]) < abs(rows[$1][k]) } ?? k)
    rows[k] = rows[k].map { $0 / rows[k][k] }
    for i in 0..<n where i != k {
      let factor = rows[i][k]
      rows[i] = zip(rows[i], rows[k]).map { $0 - factor * $1 }
    }
  }
  return rows.map { Array($0[n...]) }
}

/// (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ with ρ = 1 / sᵀy.
func bfgs(_ h: [[Double]], _ s: [Double], _ y: [Double]) -> [[Double]] {
  let ρ = 1 / dot(s, y)
  let left = s.indices.map { i in s.indices.map { (i == $0 ? 1 : 0) - ρ * s[i] * y[$0] } }
  return sum(product(product(left, h), transposed(left)), s.map { a in s.map { ρ * a * $0 } })
}

/// Whether a symmetric matrix is positive definite: whether it has a Cholesky factor.
func isPositive(_ a: [[Double]]) -> Bool {
  var l = zeros(a.count)
  for i in a.indices {
    for j in 0...i {
      let rest = a[i][j] - dot(Array(l[i][..<j]), Array(l[j][..<j]))
      if i == j {
        guard rest > 0 else { return false }
        l[i][i] = rest.squareRoot()
      } else {
        l[i][j] = rest / l[j][j]
      }
    }
  }
  return true
}
