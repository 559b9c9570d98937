import Descent

/// Shows a problem to a method, step by step: samples, optionally with noise on the gradient.
///
/// A sample depends on the seed, the step and the point alone: step t is the same, whatever came before it.
public struct Oracle: Sendable {
  public let problem: any Problem
  /// σ ≥ 0 of the noise N(0, σ²) that is added to every element of the gradient.
  public let noise: Double
  private let samples, noises: RandomStream

  /// - Parameters:
  ///   - problem: The problem to minimize.
  ///   - noise: σ ≥ 0.
  ///   - seed: Every random number derives from it.
  public init(_ problem: any Problem, noise: Double = 0, seed: UInt64 = 1) {
    precondition(noise >= 0, "noise must not be negative")
    self.problem = problem
    self.noise = noise
    samples = RandomStream(seed: seed, name: "problem sample")
    noises = RandomStream(seed: seed, name: "gradient noise")
  }

  /// Whether a step sees something other than the objective.
  public var isNoisy: Bool { noise > 0 || problem.isSampled }

  /// Returns what step t = 1, 2, … sees at x, fₜ(x), and writes its gradient with noise into `gradient`.
  public func observe(at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    var stream = samples.substream(UInt64(t))
    let value = problem.sample(at: t, x, gradient: &gradient, from: &stream)
    if noise > 0 {
      var stream = noises.substream(UInt64(t))
      for i in 0..<gradient.count { gradient[i] += noise * stream.normal() }
    }
    return value
  }

  /// What step t = 1, 2, … sees, as an objective: the same sample and the same noise at every point.
  public func objective(at t: Int) -> OracleObjective { OracleObjective(oracle: self, step: t) }

  /// ``observe(at:_:gradient:)`` with arrays.
  public func observe(at t: Int, _ x: [Double]) -> (value: Double, gradient: [Double]) {
    var gradient = Array(repeating: 0.0, count: x.count)
    let value = withSpans(x, &gradient) { observe(at: t, $0, gradient: &$1) }
    return (value, gradient)
  }
}

/// What an ``Oracle`` shows at one step, as a function of x: the only block of the parameters.
public struct OracleObjective: RepeatableObjective {
  let oracle: Oracle
  let step: Int

  public var name: String { "the problem" }

  public func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) -> Double {
    let elements = θ.layout.blocks[0].elements
    return θ.withUnsafeElements { θ in
      gradient.withUnsafeMutableElements { g in
        var output = UnsafeMutableBufferPointer(rebasing: g[elements]).mutableSpan
        return oracle.observe(at: step, UnsafeBufferPointer(rebasing: θ[elements]).span, gradient: &output)
      }
    }
  }
}
