import Descent
import RealModule

/// Logistic regression: f(x) = 1/n Σᵢ log(1 + exp(−yᵢ aᵢ · x)) + ½ λ ‖x‖², with labels yᵢ = ±1.
///
/// The function is convex, and strongly convex with μ = λ. The Hessian is at most Aᵀ A / 4 n + λ, and ``smoothness`` is
/// an upper bound of that matrix's largest eigenvalue; for a term it is ¼ ‖aᵢ‖² + λ.
public struct LogisticRegression: SumProblem, NamedProblem {
  public static let name = "logisticregression"
  public static let summary = "classification of a data set's rows into two classes; convex, a sum of many terms"
  public static let source = "Cox, \"The regression analysis of binary sequences\", J. R. Stat. Soc. B 20 (1958)"
  public static let options: [ProblemOption] = [
    .text("data", "drawn", "a data set of two classes and sparse rows: a9a, w8a, libsvm:train=FILE; or drawn"),
    .number("lambda", 1e-4, in: 0...1e12, "λ of the penalty ½ λ ‖x‖²"),
    .integer("batch", 0, in: 0...10_000_000, "examples that a step sees; 0 for all"),
    .integer("rows", 500, in: 1...1_000_000, "number of examples").requiring(.equal("data", "drawn")),
    .integer("dimension", 20, in: 1...100_000, "number of variables").requiring(.equal("data", "drawn")),
    .integer("seed", 1, in: 0...Int.max, "determines the examples").requiring(.equal("data", "drawn")),
  ]

  public let rows: SparseRows
  /// −1 or 1 for each row.
  private let signs: [Double]
  public let λ: Double
  public let batchSize: Int
  public let smoothness: Double?
  public let termSmoothness: Double?
  /// The minimizer that ``solved()`` found.
  private var minimizer: [Double]?
  public private(set) var minimum: Double?

  public init(_ options: ProblemOptions) throws(ProblemError) {
    if options["data"] == "drawn" {
      // Each value takes 8 bytes with its column, and as much again while the values are drawn.
      let values = Double(options.integer("rows")) * Double(options.integer("dimension"))
      do throws(MemoryShortage) { try MemoryBudget.require(16 * values) } catch {
        throw .data("too many examples of logistic regression are to be drawn: \(error); lower rows or dimension")
      }
    }
    let data =
      options["data"] == "drawn"
      ? Self.drawn(rows: options.integer("rows"), dimension: options.integer("dimension"), seed: options.seed())
      : try options.labeledRows("data")
    self = try LogisticRegression(data, λ: options.number("lambda"), batchSize: options.integer("batch")).solved()
  }

  /// - Parameters:
  ///   - examples: At least one; labels 0 and 1.
  ///   - λ: λ ≥ 0.
  ///   - batchSize: How many examples a step sees; 0 for all.
  /// - Throws: ``ProblemError/data(_:)`` if there is no example, a label for each row is missing, or a label is neither 0
  ///   nor 1.
  public init(_ examples: LabeledRows, λ: Double, batchSize: Int = 0) throws(ProblemError) {
    let (rows, labels) = (examples.rows, examples.labels)
    guard rows.rowCount > 0, rows.columnCount > 0 else {
      throw .data("logistic regression needs examples with features: there are none")
    }
    guard labels.count == rows.rowCount else {
      throw .data("logistic regression needs a label for each of \(rows.rowCount) rows: there are \(labels.count)")
    }
    guard let bad = labels.first(where: { $0 != 0 && $0 != 1 }) else {
      self.rows = rows
      self.λ = λ
      self.batchSize = batchSize
      signs = labels.map { $0 == 1 ? 1 : -1 }
      smoothness = 0.25 * rows.largestEigenvalueBound() + λ
      termSmoothness = 0.25 * rows.largestSquaredNorm + λ
      return
    }
    throw .data("logistic regression needs labels 0 and 1, but one is \(bad): choose a data set of two classes")
  }

  public var termCount: Int { rows.rowCount }
  public var dimension: Int { rows.columnCount }
  public var start: [Double] { Array(repeating: 0, count: dimension) }
  public var region: [ClosedRange<Double>] { Array(repeating: -2...2, count: dimension) }
  public var minimizers: [[Double]] { minimizer.map { [$0] } ?? [] }
  public var plConstant: Double? { λ > 0 ? λ : nil }

  public func value(
    at x: Span<Double>, terms: some Collection<Int>, gradient: inout MutableSpan<Double>
  ) -> Double {
    let share = 1 / Double(terms.count)
    var penalty = 0.0
    for j in 0..<dimension {
      gradient[j] = λ * x[j]
      penalty += x[j] * x[j]
    }
    var sum = 0.0
    for i in terms {
      let elements = rows.rowStarts[i]..<rows.rowStarts[i + 1]
      var margin = 0.0
      for k in elements { margin += Double(rows.values[k]) * x[Int(rows.columns[k])] }
      margin *= signs[i]
      // log(1 + e⁻ᵐ) and e⁻ᵐ / (1 + e⁻ᵐ), without overflow.
      let e = Double.exp(-abs(margin))
      sum += max(-margin, 0) + Double.log(onePlus: e)
      let slope = -signs[i] * (margin >= 0 ? e / (1 + e) : 1 / (1 + e)) * share
      for k in elements { gradient[Int(rows.columns[k])] += slope * Double(rows.values[k]) }
    }
    return share * sum + 0.5 * λ * penalty
  }

  /// The problem with its minimizer, exact to rounding, by Newton's method; without a penalty there may be none.
  public func solved() -> LogisticRegression {
    guard λ > 0 else { return self }
    var result = self
    let x = minimizeByNewton(from: start, value: { evaluate(at: $0) }, curvature: curvature(at:))
    result.minimizer = x
    result.minimum = evaluate(at: x).value
    return result
  }

  /// A function that multiplies a vector by the Hessian at `x`.
  private func curvature(at x: [Double]) -> ([Double]) -> [Double] {
    let weights = (0..<termCount).map { i in
      let margin = rows.product(row: i, with: x)
      let e = Double.exp(-abs(margin))
      return e / ((1 + e) * (1 + e)) / Double(termCount)
    }
    return { v in
      var result = v.map { λ * $0 }
      for i in 0..<termCount {
        let product = weights[i] * rows.product(row: i, with: v)
        for k in rows.rowStarts[i]..<rows.rowStarts[i + 1] {
          result[Int(rows.columns[k])] += product * Double(rows.values[k])
        }
      }
      return result
    }
  }

  /// Gaussian rows of length about 1; a logistic model with random weights gives the labels' probabilities.
  private static func drawn(rows count: Int, dimension: Int, seed: UInt64) -> LabeledRows {
    var stream = RandomStream(seed: seed, name: "logistic regression")
    let weights = (0..<dimension).map { _ in 3 * stream.normal() }
    var values: [Float] = []
    var labels: [Int32] = []
    for _ in 0..<count {
      let row = (0..<dimension).map { _ in Float(stream.normal() / Double(dimension).squareRoot()) }
      let margin = zip(row, weights).reduce(0) { $0 + Double($1.0) * $1.1 }
      labels.append(stream.uniform() < 1 / (1 + Double.exp(-margin)) ? 1 : 0)
      values += row
    }
    let columns = (0..<count).flatMap { _ in 0..<Int32(dimension) }
    // Cannot fail: columns rise in every row, and counts agree.
    let rows = try! SparseRows(
      rowStarts: (0...count).map { $0 * dimension }, columns: columns, values: values, columnCount: dimension)
    return LabeledRows(rows: rows, labels: labels)
  }
}
