import Descent
import DescentProblems

/// The settings of a minimization, as the user gives them.
public struct MinimizationRequest: Hashable, Sendable {
  /// Name and options of the problem.
  public var problem = "rosenbrock"
  /// Name and options of the optimizer.
  public var optimizer = "adam:lr=0.01"
  public var steps = 2000
  /// The start; by default the problem's own.
  public var start: [Double]?
  /// σ of Gaussian noise on every element of the gradient.
  public var noise = 0.0
  public var seed: UInt64 = 1
  /// The average of the points that is shown instead of the points, if any.
  public var average: String?
  /// Folder with the files of a data set.
  public var dataFolder: String?
  /// Steps between two rows of the table; by default the rows are steps 1, 2, 5, 10, …
  public var every: Int?

  public init() {}
}

/// A minimization in which everything has been checked.
public struct MinimizationPlan: Sendable {
  public let request: MinimizationRequest
  public let problem: any Problem
  /// The names of problem and method.
  public let problemName, methodName: String
  /// The largest number of rows of a table. The points of all rows are kept in memory.
  private static let mostRows = 1_000_000
  let oracle: Oracle
  let start: [Double]
  let method: PlannedMethod

  /// Checks `request`; writes nothing.
  /// - Throws: An error that names the option at fault and the remedy.
  public init(_ request: MinimizationRequest) throws {
    func check(_ option: String, _ value: some CustomStringConvertible, _ isAllowed: Bool, _ allowed: String) throws {
      if !isAllowed { throw RunError.invalidOption(option, value: value.description, allowed: allowed) }
    }
    try check("--steps", request.steps, 1...1_000_000_000 ~= request.steps, "from 1 to 1,000,000,000")
    try check("--noise", request.noise, request.noise >= 0 && request.noise.isFinite, "0 or positive")
    if let every = request.every {
      let least = (request.steps + Self.mostRows - 1) / Self.mostRows
      try check("--every", every, every >= least, "at least \(least) for \(counted(request.steps, "step"))")
    }
    let method = try PlannedMethod(request)
    let spec = try ProblemSpec(parsing: request.problem, dataFolder: request.dataFolder)
    try method.check(spec.problem, request)
    problem = spec.problem
    self.method = method
    let start = request.start ?? problem.start
    let text = start.map { "\($0)" }.joined(separator: ",")
    try check(
      "--start", text, start.count == problem.dimension,
      "\(counted(problem.dimension, "number")) for '\(spec.spec)', not \(start.count)")
    try check("--start", text, start.allSatisfy(\.isFinite), "finite numbers")
    if let range = problem.feasible {
      try check("--start", text, start.allSatisfy(range.contains), "from \(range.lowerBound) to \(range.upperBound)")
    }
    let points = min(
      Double(request.steps) + 1, 700 + (request.every.map { Double(request.steps / $0) } ?? 0))
    do throws(MemoryShortage) { try MemoryBudget.require(8 * points * Double(problem.dimension)) } catch {
      throw RunError.mismatch(
        "the path of '\(spec.spec)' is too long to be kept: \(error); take fewer variables, or rows at longer intervals"
      )
    }
    let (value, gradient) = problem.evaluate(at: start)
    try check(
      "--start", text, value.isFinite && gradient.allSatisfy(\.isFinite),
      "a point at which the function and its gradient are finite")
    self.start = start
    self.request = request
    problemName = spec.spec.name
    methodName = method.name
    oracle = Oracle(problem, noise: request.noise, seed: request.seed)
  }
}
