import DescentProblems

/// The settings of a trace: several methods, and the problem of two variables that they minimize.
public struct TraceRequest: Hashable, Sendable {
  /// Problem, steps, start, noise and seed; the optimizer of each path is one of ``optimizers``.
  public var minimization = MinimizationRequest()
  /// The optimizers, as names with options. Each has one path.
  public var optimizers: [String] = []

  public init() {}
}

/// The paths of several methods from the same start and with the same noise.
public struct Trace: Sendable {
  /// The path of one method.
  public struct Path: Sendable {
    /// The method as the user wrote it.
    public let name: String
    public let minimization: Minimization
  }

  public let request: TraceRequest
  public private(set) var paths: [Path] = []
  private let plans: [(name: String, plan: MinimizationPlan)]

  /// Checks `request`; runs nothing.
  /// - Throws: An error that names the option at fault and the remedy.
  public init(_ request: TraceRequest) throws {
    self.request = request
    guard !request.optimizers.isEmpty else {
      throw RunError.invalidOption("--optimizer", value: "", allowed: "one method at least, such as adam:lr=0.01")
    }
    var plans: [(name: String, plan: MinimizationPlan)] = []
    for name in request.optimizers {
      guard !plans.contains(where: { $0.name == name }) else {
        throw RunError.conflict("--optimizer \(name) is given twice: leave one out, or give it other options")
      }
      var minimization = request.minimization
      minimization.optimizer = name
      plans.append((name, try MinimizationPlan(minimization)))
    }
    self.plans = plans
    guard problem.dimension == 2 else {
      let names = ProblemCatalogue.problems.map { $0.name }.filter {
        (try? ProblemCatalogue.problem(named: $0).dimension) == 2
      }
      throw RunError.mismatch(
        "--problem \(request.minimization.problem) has \(problem.dimension) "
          + "variable\(problem.dimension == 1 ? "" : "s"), and a path over contours needs 2: "
          + "choose one of \(names.joined(separator: ", "))")
    }
  }

  var problem: any Problem { plans[0].plan.problem }
  /// The problem's name without its options.
  public var problemName: String { plans[0].plan.problemName }

  /// Runs the methods one after the other.
  /// - Throws: Errors of the methods.
  public mutating func run(isStopped: () -> Bool = { false }) throws {
    paths = []
    for (name, plan) in plans where !isStopped() {
      paths.append(Path(name: name, minimization: try Minimization(plan, isStopped: isStopped)))
    }
  }

  /// "beale, noise 0.5, seed 3".
  public var title: String {
    let noise = request.minimization.noise
    return problemName
      + (noise > 0 ? ", noise \(significant(noise, digits: 3)), seed \(request.minimization.seed)" : "")
  }
}
