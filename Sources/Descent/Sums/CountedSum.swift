/// How many terms of a sum have been evaluated: the cost by which methods are compared.
public struct TermEvaluations: Hashable, Sendable, Codable {
  /// Terms whose value and gradient were computed.
  public var gradients = 0
  /// Terms whose value alone was computed.
  public var values = 0

  public init(gradients: Int = 0, values: Int = 0) {
    self.gradients = gradients
    self.values = values
  }
}

/// A finite sum that counts the terms evaluated. A ``SumMethod`` works on it.
public final class CountedSum<Sum: FiniteSum> {
  public typealias Vector = ParameterVector<Sum.Scalar>

  /// The sum whose evaluations are counted.
  public let sum: Sum
  /// Terms evaluated so far.
  public private(set) var evaluations = TermEvaluations()
  /// 0..<n.
  public let allTerms: [Int]

  /// - Throws: ``MinimizeError/noTerms``.
  public init(_ sum: Sum) throws(MinimizeError) {
    guard sum.count > 0 else { throw .noTerms }
    self.sum = sum
    allTerms = Array(0..<sum.count)
  }

  /// The mean value of some terms and its gradient, which may be infinite or not a number: for methods that try a point.
  public func trial(at θ: Vector, of terms: [Int], gradient: inout Vector) throws -> Double {
    evaluations.gradients += terms.count
    return try sum.value(at: θ, of: terms, gradient: &gradient)
  }

  /// The mean value of some terms, which may be infinite or not a number: for methods that try a point.
  public func trial(at θ: Vector, of terms: [Int]) throws -> Double {
    evaluations.values += terms.count
    return try sum.value(at: θ, of: terms)
  }

  /// The mean value of some terms and its gradient at step `step`.
  /// - Throws: ``MinimizeError`` if one of them is infinite or not a number, or what the objective throws.
  @discardableResult
  public func value(
    at θ: Vector, of terms: [Int], gradient: inout Vector, step: Int
  ) throws -> Double {
    let value = try trial(at: θ, of: terms, gradient: &gradient)
    guard value.isFinite else { throw MinimizeError.nonFiniteValue(step: step) }
    if !gradient.sumOfSquares().isFinite, let block = gradient.firstNonFiniteBlock {
      throw MinimizeError.nonFiniteGradient(step: step, parameter: block.name)
    }
    return value
  }

  /// The mean value of some terms at step `step`.
  /// - Throws: ``MinimizeError`` if it is infinite or not a number, or what the objective throws.
  public func value(at θ: Vector, of terms: [Int], step: Int) throws -> Double {
    let value = try trial(at: θ, of: terms)
    guard value.isFinite else { throw MinimizeError.nonFiniteValue(step: step) }
    return value
  }
}

/// The mean of some terms of a sum, at one step: what an optimizer steps on. It counts what it evaluates.
public struct SumBatch<Sum: FiniteSum>: RepeatableObjective {
  let sum: CountedSum<Sum>
  let terms: [Int]
  /// Steps made before, for messages.
  let step: Int

  public var name: String { "a finite sum" }

  public func value(at θ: ParameterVector<Sum.Scalar>, gradient: inout ParameterVector<Sum.Scalar>) throws -> Double {
    try sum.value(at: θ, of: terms, gradient: &gradient, step: step)
  }
}

extension CountedSum {
  /// The mean of `terms` as an objective, after `step` steps.
  public func batch(_ terms: [Int], step: Int) -> SumBatch<Sum> { SumBatch(sum: self, terms: terms, step: step) }
}
