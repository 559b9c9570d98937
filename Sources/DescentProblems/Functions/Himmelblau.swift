/// Himmelblau's function, f(x, y) = (x² + y − 11)² + (x + y² − 7)², with four minimizers.
public struct Himmelblau: NamedProblem {
  public static let name = "himmelblau"
  public static let summary = "two variables, four minimizers"
  public static let source = "Himmelblau, Applied Nonlinear Programming (1972)"

  public init(_ options: ProblemOptions) {}
  public init() {}

  public var dimension: Int { 2 }
  public var start: [Double] { [0, 0] }
  public var region: [ClosedRange<Double>] { [-5...5, -5...5] }
  public var minimizers: [[Double]] {
    [
      [3, 2], [-2.8051180869527449, 3.1313125182505730], [-3.7793102533777469, -3.2831859912861694],
      [3.5844283403304917, -1.8481265269644036],
    ]
  }
  public var minimum: Double? { 0 }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    let (x, y) = (x[0], x[1])
    let (a, b) = (x * x + y - 11, x + y * y - 7)
    gradient[0] = 4 * a * x + 2 * b
    gradient[1] = 2 * a + 4 * b * y
    return a * a + b * b
  }
}
