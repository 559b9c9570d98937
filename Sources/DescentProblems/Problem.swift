import Descent

/// A function to minimize of which much is known: where its minimizers are, how smooth it is, where to look at it.
///
/// ```swift
/// let problem = try Rosenbrock(dimension: 2)
/// let minimum = try minimize(
///   from: problem.start, using: Adam(learningRate: 0.01), steps: 2000, objective: problem.value(at:gradient:))
/// ```
///
/// The objective f is ``value(at:gradient:)``. A method may see something else of it at each step: one term of an online
/// sequence, a random sample. That is ``sample(at:_:gradient:from:)``, whose mean is f.
public protocol Problem: Sendable {
  /// Number of variables.
  var dimension: Int { get }
  /// Where a run usually starts.
  var start: [Double] { get }
  /// Where the function is of interest: a range for each variable.
  var region: [ClosedRange<Double>] { get }
  /// Known points at which f is ``minimum``: all of them where there are finitely many.
  var minimizers: [[Double]] { get }
  /// The least value of f (over the feasible points), where it is known.
  var minimum: Double? { get }
  /// The range that every variable must stay in, if there is one: after each step it is put back to the nearest number of
  /// it.
  var feasible: ClosedRange<Double>? { get }
  /// L, with ‖∇f(x) − ∇f(y)‖ ≤ L ‖x − y‖ for all x and y with f ≤ f(start), where such a number is known.
  var smoothness: Double? { get }
  /// μ, with ½ ‖∇f(x)‖² ≥ μ (f(x) − minimum) for all x (Polyak and Łojasiewicz), where such a number is known.
  var plConstant: Double? { get }
  /// Whether a step sees something else than f.
  var isSampled: Bool { get }

  /// f(x), with ∇f(x) written into `gradient`, every element of it.
  func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double

  /// What step t = 1, 2, … sees of f: fₜ(x), with its gradient written into `gradient`. The same `stream` of random numbers
  /// gives the same sample.
  func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double

  /// The minimizer that is nearest to `x`, where it is known.
  func nearestMinimizer(to x: [Double]) -> [Double]?
}

/// A problem that can be chosen by name and made of options given as text: one of the ``ProblemCatalogue``.
public protocol NamedProblem: Problem {
  /// Lower-case letters and digits.
  static var name: String { get }
  /// What it is, in a line.
  static var summary: String { get }
  /// Where it comes from.
  static var source: String { get }
  /// What it can be given as text. Nothing unless the problem says otherwise.
  static var options: [ProblemOption] { get }

  /// The problem with its options as text.
  /// - Throws: ``ProblemError`` if it cannot be made of them.
  init(_ options: ProblemOptions) throws(ProblemError)
}

extension NamedProblem {
  public static var options: [ProblemOption] { [] }
}

extension Problem {
  public var feasible: ClosedRange<Double>? { nil }
  public var smoothness: Double? { nil }
  public var plConstant: Double? { nil }
  public var isSampled: Bool { false }

  public func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double {
    value(at: x, gradient: &gradient)
  }

  public func nearestMinimizer(to x: [Double]) -> [Double]? {
    minimizers.min { squaredDistance($0, x) < squaredDistance($1, x) }
  }

  /// f(x) and ∇f(x).
  ///
  /// `x` must have ``dimension`` elements.
  public func evaluate(at x: [Double]) -> (value: Double, gradient: [Double]) {
    precondition(x.count == dimension, "the point must have \(dimension) elements, not \(x.count)")
    var gradient = Array(repeating: 0.0, count: dimension)
    let f = withSpans(x, &gradient) { value(at: $0, gradient: &$1) }
    return (f, gradient)
  }

  /// How far `x` is from the nearest minimizer, where that is known.
  public func distanceToMinimizer(from x: [Double]) -> Double? {
    nearestMinimizer(to: x).map { squaredDistance($0, x).squareRoot() }
  }
}

/// Calls `body` with `x` for reading and `y` for writing.
func withSpans<R>(
  _ x: [Double], _ y: inout [Double], _ body: (Span<Double>, inout MutableSpan<Double>) -> R
) -> R {
  x.withUnsafeBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      var output = MutableSpan(_unsafeElements: y)
      return body(Span(_unsafeElements: x), &output)
    }
  }
}

func squaredDistance(_ x: [Double], _ y: [Double]) -> Double {
  zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
}
