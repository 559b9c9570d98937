import Descent

/// A problem as a finite sum: a ``SumProblem``'s terms, or any other problem's objective as the only term.
///
/// ```swift
/// let problem = Rosenbrock()
/// let minimum = try minimize(ProblemSum(problem), from: problem.start, using: LBFGS(), steps: 100)
/// ```
public struct ProblemSum: FiniteSum, Sendable {
  public let problem: any Problem
  public let layout: ParameterLayout
  public let count: Int

  /// - Throws: `LayoutError` if the problem has no variables.
  public init(_ problem: any Problem) throws(LayoutError) {
    self.problem = problem
    layout = try ParameterLayout([("x", [problem.dimension])])
    count = (problem as? any SumProblem)?.termCount ?? 1
  }

  public func value(
    at θ: ParameterVector<Double>, of terms: [Int], gradient: inout ParameterVector<Double>
  ) -> Double {
    let elements = layout.blocks[0].elements
    return θ.withUnsafeElements { θ in
      gradient.withUnsafeMutableElements { g in
        let x = Span(_unsafeElements: UnsafeBufferPointer(rebasing: θ[elements]))
        var output = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: g[elements]))
        guard let sum = problem as? any SumProblem else { return problem.value(at: x, gradient: &output) }
        return sum.value(at: x, terms: terms, gradient: &output)
      }
    }
  }
}
