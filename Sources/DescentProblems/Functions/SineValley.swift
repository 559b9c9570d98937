import RealModule

/// f(x, y) = ½ (y − sin x)²: not convex, with a whole curve of minimizers, but it satisfies the inequality of Polyak
/// and Łojasiewicz.
///
/// ½ ‖∇f‖² = f (1 + cos² x), so μ = 1, attained where cos x = 0. The Hessian is v vᵀ + r sin x e₁ e₁ᵀ with v = (−cos x, 1)
/// and r = y − sin x: L = 2 + |r| as long as f does not rise.
public struct SineValley: NamedProblem {
  public static let name = "sinevalley"
  public static let summary = "½ (y − sin x)²: a curve of minimizers, not convex"
  public static let source =
    "an example of the Polyak-Łojasiewicz condition; Danilova et al., \"Recent theoretical advances in non-convex "
    + "optimization\" (2022)"

  public init(_ options: ProblemOptions) {}
  public init() {}

  public var dimension: Int { 2 }
  public var start: [Double] { [2.5, -1.5] }
  public var region: [ClosedRange<Double>] { [-4...4, -3...3] }
  public var minimizers: [[Double]] { [[0, 0]] }
  public var minimum: Double? { 0 }
  public var smoothness: Double? { 2 + abs(start[1] - Double.sin(start[0])) }
  public var plConstant: Double? { 1 }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    let residual = x[1] - Double.sin(x[0])
    gradient[0] = -residual * Double.cos(x[0])
    gradient[1] = residual
    return 0.5 * residual * residual
  }

  /// The nearest point (s, sin s) of the curve.
  public func nearestMinimizer(to x: [Double]) -> [Double]? {
    func squared(_ s: Double) -> Double { squaredDistance([s, Double.sin(s)], x) }
    // The nearest point is no farther than the point of the curve straight above or below.
    let reach = abs(x[1] - Double.sin(x[0]))
    let step = 2 * reach / 200
    var s = (0...200).map { x[0] - reach + Double($0) * step }.min { squared($0) < squared($1) }!
    // Start at the best point of a fine grid; then Newton's method on half the derivative of the squared distance.
    for _ in 0..<20 {
      let (sine, cosine) = (Double.sin(s), Double.cos(s))
      let slope = s - x[0] + (sine - x[1]) * cosine
      let curvature = 1 + cosine * cosine - (sine - x[1]) * sine
      let next = s - slope / curvature
      guard curvature > 0, squared(next) < squared(s) else { break }
      s = next
    }
    return [s, Double.sin(s)]
  }
}
