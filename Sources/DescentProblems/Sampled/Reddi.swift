import Descent

/// The online problem on which Adam goes to the worst point: fₜ(x) = C x if t mod P = 1, else −d x, for x in [−1, 1].
///
/// The mean slope over a period is (C − (P − 1) d) / P; if it is positive, as for the defaults, x* = −1. With d = 1,
/// the paper's section 3 has P = 3 and C > 2. Its experiment has P = 101, C = 1010, d = 10; a method that does not
/// depend on the gradient's scale takes the same steps with the defaults.
public struct ReddiOnline: NamedProblem {
  public static let name = "reddi"
  public static let summary = "C x once every P steps, else −d x, on [−1, 1]: Adam goes to the wrong end"
  public static let source =
    "Reddi, Kale & Kumar, \"On the convergence of Adam and beyond\", ICLR (2018), sections 3 and 5"
  public static let options: [ProblemOption] = [
    .integer("period", 101, in: 2...1_000_000_000, "P: steps in a period"),
    .number("c", 101, in: 0...1e12, "C: slope at the steps with t mod P = 1"),
    .number("d", 1, in: 0...1e12, "d: the slope at all other steps is −d"),
  ]

  public let period: Int
  public let c: Double
  public let d: Double

  public init(_ options: ProblemOptions) {
    self.init(period: options.integer("period"), c: options.number("c"), d: options.number("d"))
  }

  /// - Parameters:
  ///   - period: P ≥ 2.
  ///   - c: C ≥ 0.
  ///   - d: d ≥ 0.
  public init(period: Int = 101, c: Double = 101, d: Double = 1) {
    precondition(period >= 2, "a period has at least two steps")
    self.period = period
    self.c = c
    self.d = d
  }

  /// The mean of the slopes over a period.
  var slope: Double { (c - Double(period - 1) * d) / Double(period) }

  public var dimension: Int { 1 }
  public var start: [Double] { [0] }
  public var region: [ClosedRange<Double>] { [-1...1] }
  public var feasible: ClosedRange<Double>? { -1...1 }
  public var minimizers: [[Double]] { endOfInterval(slope: slope) }
  public var minimum: Double? { -abs(slope) }
  public var smoothness: Double? { 0 }
  public var isSampled: Bool { true }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    gradient[0] = slope
    return slope * x[0]
  }

  public func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double {
    gradient[0] = t % period == 1 ? c : -d
    return gradient[0] * x[0]
  }
}

/// The stochastic variant of ``ReddiOnline``: fₜ(x) = C x with probability p, else −d x, for x in [−1, 1].
public struct ReddiStochastic: NamedProblem {
  public static let name = "reddistochastic"
  public static let summary = "C x with probability p, else −d x, on [−1, 1]: Adam goes to the wrong end"
  public static let source = ReddiOnline.source
  public static let options: [ProblemOption] = [
    .number("probability", 0.01, in: 0...1, "p: how often the slope is C"),
    .number("c", 101, in: 0...1e12, "C: the rare slope"),
    .number("d", 1, in: 0...1e12, "d: the slope is −d otherwise"),
  ]

  public let probability: Double
  public let c: Double
  public let d: Double

  public init(_ options: ProblemOptions) {
    self.init(probability: options.number("probability"), c: options.number("c"), d: options.number("d"))
  }

  /// - Parameters:
  ///   - probability: p in [0, 1].
  ///   - c: C ≥ 0.
  ///   - d: d ≥ 0.
  public init(probability: Double = 0.01, c: Double = 101, d: Double = 1) {
    precondition((0...1).contains(probability), "a probability lies in [0, 1]")
    self.probability = probability
    self.c = c
    self.d = d
  }

  /// The expectation of the slope.
  var slope: Double { probability * c - (1 - probability) * d }

  public var dimension: Int { 1 }
  public var start: [Double] { [0] }
  public var region: [ClosedRange<Double>] { [-1...1] }
  public var feasible: ClosedRange<Double>? { -1...1 }
  public var minimizers: [[Double]] { endOfInterval(slope: slope) }
  public var minimum: Double? { -abs(slope) }
  public var smoothness: Double? { 0 }
  public var isSampled: Bool { true }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    gradient[0] = slope
    return slope * x[0]
  }

  public func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double {
    gradient[0] = stream.uniform() < probability ? c : -d
    return gradient[0] * x[0]
  }
}

/// The minimizer of a linear function with this slope on [−1, 1]; for slope 0 both ends, which stand for all points.
private func endOfInterval(slope: Double) -> [[Double]] {
  slope == 0 ? [[-1], [1]] : [[slope > 0 ? -1 : 1]]
}
