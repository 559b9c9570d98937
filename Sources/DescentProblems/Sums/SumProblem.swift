import Descent

/// A problem whose objective is the mean of n terms: f(x) = 1/n Σᵢ fᵢ(x).
public protocol SumProblem: Problem {
  /// n ≥ 1.
  var termCount: Int { get }
  /// How many terms a step sees, drawn with replacement; 0 for all of them.
  var batchSize: Int { get }
  /// The largest L of a term; nil if it is unknown.
  var termSmoothness: Double? { get }

  /// Returns the mean of the given terms at x, and writes its gradient into every element of `gradient`. `terms` holds
  /// at least one number from 0..<``SumProblem/termCount``; a term may occur more than once.
  func value(
    at x: Span<Double>, terms: some Collection<Int>, gradient: inout MutableSpan<Double>
  ) -> Double
}

extension SumProblem {
  public var isSampled: Bool { batchSize > 0 }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    value(at: x, terms: 0..<termCount, gradient: &gradient)
  }

  public func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double {
    guard batchSize > 0 else { return value(at: x, gradient: &gradient) }
    let terms = (0..<batchSize).map { _ in stream.integer(below: termCount) }
    return value(at: x, terms: terms, gradient: &gradient)
  }

  /// The mean of the given terms at `x`, and its gradient.
  public func evaluate(at x: [Double], terms: some Collection<Int>) -> (value: Double, gradient: [Double]) {
    precondition(x.count == dimension, "the point must have \(dimension) elements, not \(x.count)")
    var gradient = Array(repeating: 0.0, count: dimension)
    let f = withSpans(x, &gradient) { value(at: $0, terms: terms, gradient: &$1) }
    return (f, gradient)
  }
}
