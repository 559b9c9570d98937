import Descent

/// A function to minimize with known properties: its minimizers, its smoothness, its region of interest.
///
/// ```swift
/// let problem = try Rosenbrock(dimension: 2)
/// let minimum = try minimize(
///   from: problem.start, using: Adam(learningRate: 0.01), steps: 2000, objective: problem.value(at:gradient:))
/// ```
///
/// The objective f is ``value(at:gradient:)``. At each step, a method may see something else instead: one term of
/// an online sequence, or a random sample. That is ``sample(at:_:gradient:from:)``, whose mean is f.
public protocol Problem: Sendable {
  /// Number of variables.
  var dimension: Int { get }
  /// Where a run usually starts.
  var start: [Double] { get }
  /// The region of interest: a range for each variable.
  var region: [ClosedRange<Double>] { get }
  /// Known points at which f is ``minimum``: all of them if there are finitely many.
  var minimizers: [[Double]] { get }
  /// The least value of f over the feasible points; nil if it is unknown.
  var minimum: Double? { get }
  /// The range in which every variable must stay, if there is one: after each step a variable outside it moves to the
  /// nearest number inside.
  var feasible: ClosedRange<Double>? { get }
  /// L, with ‖∇f(x) − ∇f(y)‖ ≤ L ‖x − y‖ for all x and y with f ≤ f(start); nil if unknown.
  var smoothness: Double? { get }
  /// μ, with ½ ‖∇f(x)‖² ≥ μ (f(x) − minimum) for all x (Polyak and Łojasiewicz); nil if unknown.
  var plConstant: Double? { get }
  /// Whether a step sees something other than f.
  var isSampled: Bool { get }

  /// Returns f(x) and writes ∇f(x) into every element of `gradient`.
  func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double

  /// Returns what step t = 1, 2, … sees of f, fₜ(x), and writes its gradient into `gradient`. The same `stream` of
  /// random numbers gives the same sample.
  func sample(
    at t: Int, _ x: Span<Double>, gradient: inout MutableSpan<Double>, from stream: inout RandomStream
  ) -> Double

  /// The minimizer nearest to `x`; nil if it is unknown.
  func nearestMinimizer(to x: [Double]) -> [Double]?
}

/// A problem of the ``ProblemCatalogue``: it is chosen by name and made from options given as text.
public protocol NamedProblem: Problem {
  /// Lower-case letters and digits.
  static var name: String { get }
  /// A description in one line.
  static var summary: String { get }
  /// The paper or other source it comes from.
  static var source: String { get }
  /// The options it takes as text; none by default.
  static var options: [ProblemOption] { get }

  /// Makes the problem from options given as text.
  /// - Throws: ``ProblemError`` if the options do not allow it.
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

  /// The distance from `x` to the nearest minimizer; nil if it is unknown.
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
