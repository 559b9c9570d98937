import Descent
import RealModule

/// Least squares with a rank-deficient matrix: f(x) = 1/n Σᵢ ½ (aᵢ · x − bᵢ)².
///
/// Its minimizers are an affine subspace, so f is not strongly convex, but it satisfies the inequality of Polyak and
/// Łojasiewicz with μ = σ², the smallest eigenvalue of Aᵀ A / n that is not zero. With A / √n = U Σ Vᵀ and b / √n = U c,
/// f(x) = ½ Σᵢ (σᵢ vᵢ · x − cᵢ)² + ½ Σ cᵢ² over the i beyond the rank, so everything is known.
public struct LeastSquares: SumProblem, NamedProblem {
  public static let name = "leastsquares"
  public static let summary = "least squares of less than full rank: a subspace of minimizers"
  public static let source =
    "an example of the Polyak-Łojasiewicz condition; Karimi, Nutini & Schmidt, ECML (2016), section 2.3"
  public static let options: [ProblemOption] = [
    .integer("rows", 20, in: 1...1000, "n: number of equations"),
    .integer("dimension", 10, in: 1...1000, "number of variables"),
    .integer("rank", 5, in: 1...1000, "rank of the matrix"),
    .number("condition", 10, in: 1...1e12, "L ÷ μ: largest eigenvalue ÷ smallest that is not zero"),
    .number("residual", 1, in: 0...1e12, "how far b is from the matrix's range"),
    .integer("batch", 0, in: 0...1_000_000, "equations that a step sees; 0 for all"),
    .integer("seed", 1, in: 0...Int.max, "determines the equations"),
  ]

  public let dimension: Int
  public let termCount: Int
  public let batchSize: Int
  public let termSmoothness: Double?
  public let smoothness: Double?
  public let plConstant: Double?
  public let minimum: Double?
  /// Row-major.
  private let a: [Double]
  private let b: [Double]
  private let σ: [Double]
  private let c: [Double]
  private let v: Rotation

  public init(_ options: ProblemOptions) throws(ProblemError) {
    let (n, d, rank) = (options.integer("rows"), options.integer("dimension"), options.integer("rank"))
    guard rank <= min(n, d) else {
      throw options.refusal("rank", "at most the number of rows (\(n)) and of variables (\(d))")
    }
    let condition = options.number("condition")
    let σ = (0..<rank).map { rank > 1 ? Double.pow(condition, -0.5 * Double($0) / Double(rank - 1)) : 1 }
    var stream = RandomStream(seed: options.seed(), name: "least squares")
    let u = Rotation(dimension: n, from: &stream)
    let v = Rotation(dimension: d, from: &stream)
    let residual = options.number("residual") / Double(max(1, n - rank)).squareRoot()
    let c = (0..<n).map { $0 < rank ? stream.normal() : residual * stream.normal() }
    let scale = Double(n).squareRoot()
    var a = Array(repeating: 0.0, count: n * d)
    for j in 0..<d {
      var unit = Array(repeating: 0.0, count: d)
      unit[j] = 1
      v.applyTransposed(to: &unit)
      var column = (0..<n).map { $0 < rank ? scale * σ[$0] * unit[$0] : 0 }
      u.apply(to: &column)
      for i in 0..<n { a[i * d + j] = column[i] }
    }
    var b = c.map { scale * $0 }
    u.apply(to: &b)
    dimension = d
    termCount = n
    batchSize = options.integer("batch")
    smoothness = σ[0] * σ[0]
    plConstant = σ[rank - 1] * σ[rank - 1]
    minimum = 0.5 * c.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
    termSmoothness = (0..<n).map { i in a[(i * d)..<((i + 1) * d)].reduce(0) { $0 + $1 * $1 } }.max()
    (self.a, self.b, self.σ, self.c, self.v) = (a, b, σ, Array(c.prefix(rank)), v)
  }

  public var start: [Double] { Array(repeating: 1, count: dimension) }
  public var region: [ClosedRange<Double>] { Array(repeating: -3...3, count: dimension) }
  /// The minimizer of least norm.
  public var minimizers: [[Double]] { [nearestMinimizer(to: Array(repeating: 0, count: dimension))!] }

  public func value(
    at x: Span<Double>, terms: some Collection<Int>, gradient: inout MutableSpan<Double>
  ) -> Double {
    for j in 0..<dimension { gradient[j] = 0 }
    let share = 1 / Double(terms.count)
    var sum = 0.0
    for i in terms {
      let row = i * dimension
      var residual = -b[i]
      for j in 0..<dimension { residual += a[row + j] * x[j] }
      sum += residual * residual
      for j in 0..<dimension { gradient[j] += share * residual * a[row + j] }
    }
    return 0.5 * share * sum
  }

  /// x moved along v₁, …, vᵣ to where σᵢ vᵢ · x = cᵢ.
  public func nearestMinimizer(to x: [Double]) -> [Double]? {
    var y = x
    v.applyTransposed(to: &y)
    for i in σ.indices { y[i] = c[i] / σ[i] }
    v.apply(to: &y)
    return y
  }
}
