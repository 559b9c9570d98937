import Descent
import DescentCatalogue
import DescentProblems

/// A point of a path, with the function's value and gradient there.
public struct PathPoint: Codable, Hashable, Sendable {
  /// The number of steps before the point.
  public let step: Int
  /// f(x), without noise.
  public let value: Double
  /// ‖∇f(x)‖, without noise.
  public let gradientNorm: Double
  public let x: [Double]
  /// The distance from the nearest known minimizer.
  public let distance: Double?

  enum CodingKeys: String, CodingKey {
    case step, value, x, distance
    case gradientNorm = "gradient_norm"
  }

  init(step: Int, _ x: [Double], of problem: any Problem) {
    self.step = step
    self.x = x
    let f = problem.evaluate(at: x)
    value = f.value
    gradientNorm = f.gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    distance = problem.distanceToMinimizer(from: x)
  }

  /// One line of JSON.
  public func json() -> String { JSON.line(self) }
}

/// Runs a method on a problem and keeps points of its path.
public struct Minimization: Sendable {
  public let plan: MinimizationPlan
  /// The points that are kept for a table and a figure, in the order of their steps.
  public private(set) var points: [PathPoint] = []
  /// Why the run ended early; nil if it did not.
  public private(set) var failure: MinimizationError?
  /// How often a method for finite sums has evaluated the problem's terms.
  public private(set) var evaluations: TermEvaluations?

  /// Runs the method of `plan`.
  ///
  /// A run that diverges ends there. It keeps the points up to then, and ``failure`` says why it ended.
  /// - Parameters:
  ///   - plan: What is minimized, and how.
  ///   - isStopped: Called before each step; the run ends if it returns true.
  /// - Throws: Errors of the method.
  public init(_ plan: MinimizationPlan, isStopped: () -> Bool = { false }) throws {
    self.plan = plan
    switch plan.method.kind {
    case .optimizer(let method): try run(method, isStopped)
    case .sum(let method): try run(method, isStopped)
    }
  }

  /// Runs a method that steps with the oracle's gradients.
  private mutating func run(_ method: ConfiguredMethod, _ isStopped: () -> Bool) throws {
    var θ = try ParameterVector(plan.start)
    var optimizer = try method.optimizer(for: θ, threads: 1)
    for t in 0...plan.request.steps {
      let x = θ.values
      let isLast = t == plan.request.steps || isStopped()
      if keeps(t) || isLast {
        let seen = t == 0 ? x : optimizer.average.map { clipped($0.values) } ?? x
        guard record(seen, at: t) else { return }
      }
      if isLast { return }
      do {
        try optimizer.step(&θ, on: FiniteObjective(plan.oracle.objective(at: t + 1), step: t))
      } catch let divergence as MinimizationError {
        failure = divergence
        return
      }
      if plan.problem.feasible != nil { try θ.assign(clipped(θ.values), to: "x") }
    }
  }

  /// Runs a method for finite sums, which evaluates the problem's terms.
  private mutating func run(_ method: any SumMethod<Double>, _ isStopped: () -> Bool) throws {
    func minimized<Rule: SumMethod<Double>>(_ rule: Rule) throws -> SumMinimum<[Double]> {
      try minimize(
        try ProblemSum(plan.problem), from: plan.start, using: rule, steps: plan.request.steps, seed: plan.request.seed
      ) { step in
        // A step without progress does not count, so its number may come twice.
        if keeps(step.step), points.last?.step != step.step, !record(step.parameters.values, at: step.step) {
          return .stop
        }
        return isStopped() ? .stop : .proceed
      }
    }
    do {
      let minimum = try minimized(method)
      evaluations = minimum.evaluations
      if failure == nil, points.last?.step != minimum.steps { _ = record(minimum.parameters, at: minimum.steps) }
    } catch MinimizeError.nonFiniteValue(let step), MinimizeError.nonFiniteGradient(let step, _) {
      if failure == nil { failure = .diverged(step: step) }
    }
  }

  /// Keeps a point; returns false if the path has left all bounds.
  private mutating func record(_ x: [Double], at step: Int) -> Bool {
    let point = PathPoint(step: step, x, of: plan.problem)
    guard point.value.isFinite, point.gradientNorm.isFinite else {
      failure = .diverged(step: step)
      return false
    }
    points.append(point)
    return true
  }

  /// x with every element moved to the nearest feasible number.
  private func clipped(_ x: [Double]) -> [Double] {
    guard let range = plan.problem.feasible else { return x }
    return x.map { min(range.upperBound, max(range.lowerBound, $0)) }
  }

  private func keeps(_ t: Int) -> Bool {
    // Keep the first steps, which are the longest, and about 500 more, which make a smooth curve.
    isRow(t) || t < 100 || t % max(1, plan.request.steps / 500) == 0
  }

  /// Whether step `t` has a row in the table: 0, the last one, and every `every` steps, or 1, 2, 5, 10, 20, 50, …
  func isRow(_ t: Int) -> Bool {
    if t == 0 || t == plan.request.steps { return true }
    if let every = plan.request.every { return t % every == 0 }
    var leading = t
    while leading % 10 == 0 { leading /= 10 }
    return [1, 2, 5].contains(leading)
  }

  /// The points for a table. If the run was stopped, its last point is included.
  public var rows: [PathPoint] {
    points.filter { isRow($0.step) || (failure == nil && $0.step == points.last?.step) }
  }
}

/// An objective whose values and gradients must be finite.
private struct FiniteObjective: RepeatableObjective {
  private let base: OracleObjective
  private let step: Int

  init(_ base: OracleObjective, step: Int) { (self.base, self.step) = (base, step) }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    let value = base.value(at: θ, gradient: &gradient)
    guard value.isFinite, gradient.firstNonFiniteBlock == nil else { throw MinimizationError.diverged(step: step) }
    return value
  }
}

/// Why a minimization ended early.
public enum MinimizationError: Error, Hashable, CustomStringConvertible {
  /// The function or its gradient at the point after so many steps is infinite or not a number.
  case diverged(step: Int)

  public var description: String {
    switch self {
    case .diverged(let step):
      "the path leaves all bounds: the function or its gradient is infinite or not a number after \(step) "
        + "step\(step == 1 ? "" : "s"); lower the learning rate or start elsewhere"
    }
  }
}
