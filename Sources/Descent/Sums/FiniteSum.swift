/// An objective that is the mean of n terms.
///
///     f(θ) = (1/n) Σ fᵢ(θ)
///
/// Methods ask for the mean of some terms: of a mini-batch, of one term at two points, of all. A term must be a
/// function of θ alone: at the same point it has the same value, whenever it is asked for. (A network with dropout
/// qualifies only if each term always gets the same masks.)
///
/// ``ClosureSum`` makes a finite sum from a closure.
public protocol FiniteSum<Scalar> {
  associatedtype Scalar: LaneScalar

  /// The layout of θ.
  var layout: ParameterLayout { get }

  /// n ≥ 1.
  var count: Int { get }

  /// The mean value of some terms and its gradient.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - terms: Indices in 0..<n, at least one; an index given twice counts twice.
  ///   - gradient: Replaced by the mean gradient of the terms; its padding must stay zero.
  /// - Returns: (1/|terms|) Σ fᵢ(θ).
  func value(
    at θ: ParameterVector<Scalar>, of terms: [Int], gradient: inout ParameterVector<Scalar>
  ) throws -> Double

  /// The mean value of some terms. Computes the gradient as well, unless the objective has its own implementation.
  func value(at θ: ParameterVector<Scalar>, of terms: [Int]) throws -> Double
}

extension FiniteSum {
  public func value(at θ: ParameterVector<Scalar>, of terms: [Int]) throws -> Double {
    var gradient = ParameterVector<Scalar>(zeros: layout)
    return try value(at: θ, of: terms, gradient: &gradient)
  }

  /// f(θ): the mean value of all terms.
  public func value(at θ: ParameterVector<Scalar>) throws -> Double {
    try value(at: θ, of: Array(0..<count))
  }

  /// ∇f(θ): the mean gradient of all terms.
  public func gradient(at θ: ParameterVector<Scalar>) throws -> ParameterVector<Scalar> {
    var gradient = ParameterVector<Scalar>(zeros: layout)
    _ = try value(at: θ, of: Array(0..<count), gradient: &gradient)
    return gradient
  }
}
