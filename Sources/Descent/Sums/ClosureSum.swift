/// A finite sum whose terms a closure computes from arrays.
///
/// ```swift
/// // Least squares: fᵢ(x) = ½ (aᵢᵀx − bᵢ)².
/// let sum = try ClosureSum<Double>(count: b.count, dimension: 3) { i, x, gradient in
///   var residual = -b[i]
///   for j in 0..<3 { residual += a[i][j] * x[j] }
///   for j in 0..<3 { gradient[j] += residual * a[i][j] }
///   return 0.5 * residual * residual
/// }
/// let minimum = try minimize(sum, from: [0, 0, 0], using: SVRG(learningRate: 0.1), steps: 1000)
/// ```
public struct ClosureSum<Scalar: LaneScalar>: FiniteSum {
  /// Adds the gradient of term i at x to its third argument, and returns the term's value.
  public typealias Term = (_ i: Int, _ x: Span<Scalar>, _ gradient: inout MutableSpan<Scalar>) throws -> Double
  /// Returns the value of term i at x.
  public typealias TermValue = (_ i: Int, _ x: Span<Scalar>) throws -> Double

  public let layout: ParameterLayout
  public let count: Int
  private let term: Term
  private let termValue: TermValue?

  /// - Parameters:
  ///   - count: n ≥ 1.
  ///   - dimension: The number of elements of x, at least 1.
  ///   - value: The value of a term alone, if that costs less; it must equal what `term` returns.
  ///   - term: Adds a term's gradient to the gradient so far, and returns the term's value.
  /// - Throws: ``MinimizeError`` if there are no terms or nothing to minimize over.
  public init(
    count: Int, dimension: Int, value: TermValue? = nil, term: @escaping Term
  ) throws(MinimizeError) {
    guard count > 0 else { throw .noTerms }
    guard dimension > 0, let layout = try? ParameterLayout([("x", [dimension])]) else { throw .emptyStart }
    self.layout = layout
    self.count = count
    self.term = term
    termValue = value
  }

  public func value(
    at θ: ParameterVector<Scalar>, of terms: [Int], gradient: inout ParameterVector<Scalar>
  ) throws -> Double {
    gradient.setToZero()
    let elements = layout.blocks[0].elements
    let sum = try θ.withUnsafeElements { θ in
      try gradient.withUnsafeMutableElements { g in
        let x = Span(_unsafeElements: UnsafeBufferPointer(rebasing: θ[elements]))
        var gradient = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: g[elements]))
        return try terms.reduce(0) { try $0 + term($1, x, &gradient) }
      }
    }
    gradient.scale(by: 1 / Scalar(terms.count))
    return sum / Double(terms.count)
  }

  public func value(at θ: ParameterVector<Scalar>, of terms: [Int]) throws -> Double {
    guard let termValue else {
      var gradient = ParameterVector<Scalar>(zeros: layout)
      return try value(at: θ, of: terms, gradient: &gradient)
    }
    let elements = layout.blocks[0].elements
    return try θ.withUnsafeElements { θ in
      let x = Span(_unsafeElements: UnsafeBufferPointer(rebasing: θ[elements]))
      return try terms.reduce(0) { try $0 + termValue($1, x) }
    } / Double(terms.count)
  }
}
