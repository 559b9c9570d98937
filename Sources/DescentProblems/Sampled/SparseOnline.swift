import Descent

/// The online problem of sparse gradients on which ACProp and AdaShift differ: fₜ(x) = ½ P x if t mod P = 1, −x if
/// t mod P = P − 2, else 0, for x in [0, 1].
///
/// The mean slope is (½ P − 1) / P > 0, so x* = 0.
public struct SparseOnline: NamedProblem {
  public static let name = "sparseonline"
  public static let summary = "½ P x and −x once each in P steps, else 0, on [0, 1]"
  public static let source =
    "Zhuang et al., \"Momentum centering and asynchronous update for adaptive gradient methods\" (ACProp), NeurIPS (2021)"
  public static let options: [ProblemOption] = [.integer("period", 10, in: 4...1_000_000_000, "P: steps in a period")]

  public let period: Int

  public init(_ options: ProblemOptions) { self.init(period: options.integer("period")) }

  /// - Parameter period: P ≥ 4.
  public init(period: Int = 10) {
    precondition(period >= 4, "a period has at least four steps")
    self.period = period
  }

  public var dimension: Int { 1 }
  public var start: [Double] { [0.5] }
  public var region: [ClosedRange<Double>] { [0...1] }
  public var feasible: ClosedRange<Double>? { 0...1 }
  public var minimizers: [[Double]] { [[0]] }
  public var minimum: Double? { 0 }
  public var smoothness: Double? { 0 }
  public var isSampled: Bool { true }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    gradient[0] = 0.5 - 1 / Double(period)
    return gradient[0] * x[0]
  }

  public func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double {
    gradient[0] = t % period == 1 ? Double(period) / 2 : t % period == period - 2 ? -1 : 0
    return gradient[0] * x[0]
  }
}
