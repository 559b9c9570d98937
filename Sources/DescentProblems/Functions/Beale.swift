/// Beale's function, f(x, y) = (1.5 − x + x y)² + (2.25 − x + x y²)² + (2.625 − x + x y³)²: flat, with peaks at the corners.
public struct Beale: NamedProblem {
  public static let name = "beale"
  public static let summary = "two variables, nearly flat around its minimum at (3, 0.5)"
  public static let source =
    "Beale, \"On an iterative method of finding a local minimum of a function of more than one variable\", Princeton "
    + "(1958); Moré, Garbow & Hillstrom, ACM TOMS 7 (1981), no. 5"

  public init(_ options: ProblemOptions) {}
  public init() {}

  public var dimension: Int { 2 }
  public var start: [Double] { [1, 1] }
  public var region: [ClosedRange<Double>] { [-1...4.5, -1.5...1.5] }
  public var minimizers: [[Double]] { [[3, 0.5]] }
  public var minimum: Double? { 0 }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    let (x, y) = (x[0], x[1])
    let (a, b, c) = (1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y)
    gradient[0] = 2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1))
    gradient[1] = 2 * x * (a + 2 * b * y + 3 * c * y * y)
    return a * a + b * b + c * c
  }
}
