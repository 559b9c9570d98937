import RealModule

/// f(x) = x² + 3 sin² x: not convex, yet gradient descent converges linearly, because f satisfies the inequality of
/// Polyak and Łojasiewicz.
///
/// Karimi, Nutini and Schmidt state μ = 1/32; the largest μ is the least value of ½ f'² / f, 0.17553…, which is attained at
/// x = ±2.2017. L = 8, since f'' = 2 + 6 cos 2x.
public struct SquareAndSine: NamedProblem {
  public static let name = "squareandsine"
  public static let summary = "x² + 3 sin² x: not convex, but gradient descent converges linearly"
  public static let source =
    "Karimi, Nutini & Schmidt, \"Linear convergence of gradient and proximal-gradient methods under the "
    + "Polyak-Łojasiewicz condition\", ECML (2016), section 2.2"

  public init(_ options: ProblemOptions) {}
  public init() {}

  public var dimension: Int { 1 }
  public var start: [Double] { [2.2] }
  public var region: [ClosedRange<Double>] { [-4...4] }
  public var minimizers: [[Double]] { [[0]] }
  public var minimum: Double? { 0 }
  public var smoothness: Double? { 8 }
  public var plConstant: Double? { 0.1755309858797317 }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    let sine = Double.sin(x[0])
    gradient[0] = 2 * x[0] + 3 * Double.sin(2 * x[0])
    return x[0] * x[0] + 3 * sine * sine
  }
}
