import RealModule

@testable import Descent

/// Least squares, fᵢ(x) = ½ (aᵢᵀx − bᵢ)², and its known properties, written on arrays independently of the tested code.
struct LeastSquares {
  let a: [[Double]]
  let b: [Double]
  let solution: [Double]

  var dimension: Int { a[0].count }

  /// The rows, and noise of size `noise`, are normally distributed.
  init(count n: Int, dimension d: Int, noise: Double = 0.5, seed: UInt64 = 1) {
    var stream = RandomStream(seed: seed, name: "least squares")
    let a = (0..<n).map { _ in (0..<d).map { _ in stream.normal() } }
    let b = (0..<n).map { _ in noise * stream.normal() + 1 }
    // The normal equations, by Gauss's elimination with pivots.
    var m = (0..<d).map { i in
      (0..<d).map { j in a.reduce(0) { $0 + $1[i] * $1[j] } } + [zip(a, b).reduce(0) { $0 + $1.0[i] * $1.1 }]
    }
    for column in 0..<d {
      m.swapAt(column, (column..<d).max { abs(m[$0][column]) < abs(m[$1][column]) }!)
      for row in 0..<d where row != column {
        let factor = m[row][column] / m[column][column]
        for k in column...d { m[row][k] -= factor * m[column][k] }
      }
    }
    (self.a, self.b) = (a, b)
    solution = (0..<d).map { m[$0][d] / m[$0][$0] }
  }

  /// ∇fᵢ(x) = (aᵢᵀx − bᵢ) aᵢ.
  func gradient(of i: Int, at x: [Double]) -> [Double] {
    let residual = zip(a[i], x).reduce(-b[i]) { $0 + $1.0 * $1.1 }
    return a[i].map { residual * $0 }
  }

  /// The mean gradient of `terms`; of all terms by default.
  func gradient(at x: [Double], of terms: [Int]? = nil) -> [Double] {
    let terms = terms ?? Array(a.indices)
    return terms.map { gradient(of: $0, at: x) }.reduce(Array(repeating: 0, count: x.count), &+)
      .map { $0 / Double(terms.count) }
  }

  /// AᵀA / n, the Hessian.
  var hessian: [Double] {
    let d = dimension
    return (0..<(d * d)).map { k in a.reduce(0) { $0 + $1[k / d] * $1[k % d] } / Double(a.count) }
  }

  var sum: ClosureSum<Double> {
    get throws {
      try ClosureSum(count: a.count, dimension: dimension) { i, x, gradient in
        var residual = -b[i]
        for j in 0..<x.count { residual += a[i][j] * x[j] }
        for j in 0..<x.count { gradient[j] += residual * a[i][j] }
        return 0.5 * residual * residual
      }
    }
  }

  /// The same problem in single precision.
  var floatSum: ClosureSum<Float> {
    get throws {
      try ClosureSum(count: a.count, dimension: dimension) { i, x, gradient in
        var residual = Float(-b[i])
        for j in 0..<x.count { residual += Float(a[i][j]) * x[j] }
        for j in 0..<x.count { gradient[j] += residual * Float(a[i][j]) }
        return 0.5 * Double(residual * residual)
      }
    }
  }
}

/// Logistic regression with labels ±1, fᵢ(x) = log(1 + exp(−yᵢ aᵢᵀx)) + ½ λ ‖x‖².
func logisticSum(count n: Int, dimension d: Int, λ: Double = 0.01, seed: UInt64 = 1) throws -> ClosureSum<Double> {
  var stream = RandomStream(seed: seed, name: "logistic")
  let truth = (0..<d).map { _ in stream.normal() }
  let a = (0..<n).map { _ in (0..<d).map { _ in stream.normal() } }
  let y = a.map { row in zip(row, truth).reduce(0.3 * stream.normal()) { $0 + $1.0 * $1.1 } > 0 ? 1.0 : -1.0 }
  return try ClosureSum(count: n, dimension: d) { i, x, gradient in
    var (margin, square) = (0.0, 0.0)
    for j in 0..<d {
      margin += y[i] * a[i][j] * x[j]
      square += x[j] * x[j]
    }
    let slope = -y[i] / (1 + Double.exp(margin))
    for j in 0..<d { gradient[j] += slope * a[i][j] + λ * x[j] }
    let loss = margin > 0 ? Double.log(onePlus: Double.exp(-margin)) : Double.log(onePlus: Double.exp(margin)) - margin
    return loss + 0.5 * λ * square
  }
}

/// A function of one term.
func function(
  _ dimension: Int, _ f: @escaping (Span<Double>, inout MutableSpan<Double>) -> Double
) throws -> ClosureSum<Double> {
  try ClosureSum(count: 1, dimension: dimension) { _, x, gradient in f(x, &gradient) }
}

/// Rosenbrock's valley, minimal at (1, 1).
func rosenbrockSum() throws -> ClosureSum<Double> {
  try function(2) { x, gradient in
    let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
    gradient[0] += -2 * a - 400 * x[0] * b
    gradient[1] += 200 * b
    return a * a + 100 * b * b
  }
}

func &+ (x: [Double], y: [Double]) -> [Double] { zip(x, y).map { $0 + $1 } }
func &- (x: [Double], y: [Double]) -> [Double] { zip(x, y).map { $0 - $1 } }
func &* (factor: Double, x: [Double]) -> [Double] { x.map { factor * $0 } }
/// The largest difference between corresponding elements.
func distance(_ x: [Double], _ y: [Double]) -> Double {
  x.count == y.count ? zip(x, y).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

/// Makes steps and hands every state to `check`, with the state before.
func run<Method: SumMethod, Sum: FiniteSum>(
  _ method: Method, on sum: Sum, from start: [Sum.Scalar], steps: Int, seed: UInt64 = 0,
  check: (_ before: Method.State, _ after: Method.State) throws -> Void
) throws where Method.Scalar == Sum.Scalar {
  let objective = try CountedSum(sum)
  var state = try method.start(at: try ParameterVector(start), count: sum.count, seed: seed)
  for _ in 0..<steps {
    let before = state
    try method.step(&state, on: objective)
    try check(before, state)
    if state.isFinished { return }
  }
}

/// The terms that a method draws for step t.
func draws(_ size: Int, of count: Int, step t: Int, seed: UInt64) -> [Int] {
  var stream = RandomStream(seed: seed, name: "terms").substream(UInt64(t))
  return (0..<size).map { _ in stream.integer(below: count) }
}
