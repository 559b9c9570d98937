import Descent

/// The problem on which signSGD is far faster than SGD: f(x) = ½ ‖x‖², with noise N(0, σ²) only on the first element of
/// the gradient.
public struct SparseNoise: NamedProblem {
  public static let name = "sparsenoise"
  public static let summary = "½ ‖x‖² with strong noise on one element of the gradient"
  public static let source =
    "Bernstein et al., \"signSGD: compressed optimisation for non-convex problems\", ICML (2018), figure A.1"
  public static let options: [ProblemOption] = [
    .integer("dimension", 100, in: 1...1_000_000, "number of variables"),
    .number("sigma", 100, in: 0...1e12, "σ: standard deviation of the noise"),
    .integer("seed", 1, in: 0...Int.max, "determines the start, from N(0, 1)"),
  ]

  public let sigma: Double
  public let start: [Double]

  public init(_ options: ProblemOptions) {
    sigma = options.number("sigma")
    var stream = RandomStream(seed: options.seed(), name: "start")
    start = (0..<options.integer("dimension")).map { _ in stream.normal() }
  }

  public var dimension: Int { start.count }
  public var region: [ClosedRange<Double>] { Array(repeating: -2...2, count: dimension) }
  public var minimizers: [[Double]] { [Array(repeating: 0, count: dimension)] }
  public var minimum: Double? { 0 }
  public var smoothness: Double? { 1 }
  public var plConstant: Double? { 1 }
  public var isSampled: Bool { true }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    var value = 0.0
    for i in 0..<dimension {
      gradient[i] = x[i]
      value += 0.5 * x[i] * x[i]
    }
    return value
  }

  /// Returns f itself: only the gradient has noise.
  public func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double {
    let value = value(at: x, gradient: &gradient)
    gradient[0] += sigma * stream.normal()
    return value
  }
}
