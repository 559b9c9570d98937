/// Scales the gradient so that its norm over all parameters is at most `bound` (Pascanu, Mikolov & Bengio 2013).
///
///     g ← g · min(1, c / ‖g‖)
///
/// The scaling is part of the rule's own pass; only the norm takes another pass. A gradient that is not finite is an
/// error, not silently NaN everywhere: put ``NonFiniteGuard`` before it to skip such steps.
public struct ClipByGlobalNorm<Scalar: LaneScalar>: GradientTransform {
  /// c > 0.
  public var bound: Double
  /// Threads that compute the norm.
  public var threads: Int

  public init(_ bound: Double, threads: Int = processorCount) {
    self.bound = bound
    self.threads = threads
  }

  public var name: String { "clipByGlobalNorm" }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) throws(GradientError) {
    guard bound > 0 else { throw .invalidBound(bound) }
    let norm = gradient.norm(threads: threads) * report.gradientScale
    guard norm.isFinite else {
      throw .nonFinite(parameter: gradient.firstNonFiniteBlock?.name ?? "", consecutive: 1)
    }
    report.gradientNorm = norm
    if norm > bound { report.gradientScale *= bound / norm }
  }
}

/// Why a gradient is refused.
public enum GradientError: Error, Hashable, CustomStringConvertible {
  case nonFinite(parameter: String, consecutive: Int)
  case invalidBound(Double)
  case mismatch(String)

  public var description: String {
    switch self {
    case .nonFinite(let parameter, let consecutive):
      "the gradient of '\(parameter)' is infinite or not a number"
        + (consecutive > 1 ? ", \(consecutive) steps in a row" : "")
        + ": lower the learning rate, clip the gradient, or check the data and the loss"
    case .invalidBound(let bound): "the gradient cannot be clipped to a norm of \(bound): give a positive bound"
    case .mismatch(let difference): "the accumulated gradients have different layouts: \(difference)"
    }
  }
}
