import Descent

/// What a method sees of a problem, step by step: its samples, with noise on the gradient if wanted.
///
/// A pure function of the seed, the step and the point: step t is the same whatever came before it.
public struct Oracle: Sendable {
  public let problem: any Problem
  /// σ ≥ 0 of the noise N(0, σ²) that is added to every element of the gradient.
  public let noise: Double
  private let samples, noises: RandomStream

  /// - Parameters:
  ///   - problem: What is minimized.
  ///   - noise: σ ≥ 0.
  ///   - seed: What every random number derives from.
  public init(_ problem: any Problem, noise: Double = 0, seed: UInt64 = 1) {
    precondition(noise >= 0, "noise must not be negative")
    self.problem = problem
    self.noise = noise
    samples = RandomStream(seed: seed, name: "problem sample")
    noises = RandomStream(seed: seed, name: "gradient noise")
  }

  /// Whether a step sees something else than the objective.
  public var isNoisy: Bool { noise > 0 || problem.isSampled }

  /// What step t = 1, 2, … sees at x: fₜ(x), and its gradient with noise into `gradient`.
  public func observe(at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    var stream = samples.substream(UInt64(t))
    let value = problem.sample(at: t, x, gradient: &gradient, from: &stream)
    if noise > 0 {
      var stream = noises.substream(UInt64(t))
      for i in 0..<gradient.count { gradient[i] += noise * stream.normal() }
    }
    return value
  }

  /// ``observe(at:_:gradient:)`` with arrays.
  public func observe(at t: Int, _ x: [Double]) -> (value: Double, gradient: [Double]) {
    var gradient = Array(repeating: 0.0, count: x.count)
    let value = withSpans(x, &gradient) { observe(at: t, $0, gradient: &$1) }
    return (value, gradient)
  }
}
