/// Rosenbrock's valley, f(x) = Σᵢ b (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)².
///
/// `chained`: i = 1, …, d − 1, the usual form for more than two variables; with four or more there is a local minimizer
/// near (−1, 1, …, 1) besides the global one. `pairs`: i = 1, 3, 5, …, independent valleys (Moré, Garbow & Hillstrom's
/// "extended" form), for even d.
public struct Rosenbrock: NamedProblem {
  public static let name = "rosenbrock"
  public static let summary = "a curved valley with a flat floor; minimum at (1, …, 1)"
  public static let source =
    "Rosenbrock, \"An automatic method for finding the greatest or least value of a function\", Comput. J. 3 (1960); "
    + "Moré, Garbow & Hillstrom, ACM TOMS 7 (1981), no. 1 and 21"
  public static let options: [ProblemOption] = [
    .integer("dimension", 2, in: 2...1_000_000, "number of variables"),
    .number("b", 100, in: 0...1e12, "how steep the valley's sides are"),
    .choice("form", Form.chained, "chained or, for an even number of variables, pairs"),
  ]

  /// Which neighbouring variables a term couples.
  public enum Form: String, CaseIterable, Sendable {
    case chained, pairs
  }

  public let dimension: Int
  private let b: Double
  private let step: Int

  public init(_ options: ProblemOptions) throws(ProblemError) {
    let form = options.choice("form", of: Form.self)
    dimension = options.integer("dimension")
    b = options.number("b")
    guard form == .chained || dimension % 2 == 0 else {
      throw options.refusal("dimension", "even for the form of pairs")
    }
    step = form == .chained ? 1 : 2
  }

  /// The chained form.
  ///
  /// - Parameters:
  ///   - dimension: At least 2.
  ///   - b: How steep the valley's sides are; not negative.
  public init(dimension: Int = 2, b: Double = 100) {
    precondition(dimension >= 2 && b >= 0, "Rosenbrock's function takes at least two variables, and b ≥ 0")
    self.dimension = dimension
    self.b = b
    step = 1
  }

  public var start: [Double] { (0..<dimension).map { $0 % 2 == 0 ? -1.2 : 1 } }
  public var region: [ClosedRange<Double>] { (0..<dimension).map { $0 % 2 == 0 ? -2...2 : -1...3 } }
  public var minimizers: [[Double]] { [Array(repeating: 1, count: dimension)] }
  public var minimum: Double? { 0 }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    for i in 0..<dimension { gradient[i] = 0 }
    var value = 0.0
    for i in stride(from: 0, to: dimension - 1, by: step) {
      let (rise, rest) = (x[i + 1] - x[i] * x[i], 1 - x[i])
      value += b * rise * rise + rest * rest
      gradient[i] -= 4 * b * x[i] * rise + 2 * rest
      gradient[i + 1] += 2 * b * rise
    }
    return value
  }
}
