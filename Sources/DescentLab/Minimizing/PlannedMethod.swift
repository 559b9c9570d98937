import Descent
import DescentCatalogue
import DescentProblems

/// The method of a minimization: one that steps with a gradient, or one that evaluates the terms of a finite sum.
struct PlannedMethod: Sendable {
  enum Kind: Sendable {
    case optimizer(ConfiguredMethod)
    case sum(any SumMethod<Double>)
  }

  let name: String
  let kind: Kind

  /// - Throws: An error that names the method or option at fault.
  init(_ request: MinimizationRequest) throws {
    let spec = try OptimizerSpec(parsing: request.optimizer)
    name = spec.spec.name
    guard let method = try spec.sumMethod(steps: request.steps) else {
      kind = .optimizer(
        try spec.configured(
          average: request.average, steps: request.steps, on: "problem '\(request.problem)'",
          giving: OracleObjective.capabilities))
      return
    }
    kind = .sum(method)
    guard request.average == nil else {
      throw RunError.conflict(
        "--average is for methods that step with a gradient, and '\(name)' asks for more: leave it out")
    }
  }

  /// Whether the method can be used on `problem`.
  /// - Throws: ``RunError/conflict(_:)``.
  func check(_ problem: any NamedProblem, _ request: MinimizationRequest) throws(RunError) {
    guard case .sum = kind else { return }
    let reason: String? =
      if request.noise > 0 {
        "'\(name)' compares gradients of the same terms, which noise forbids: leave out --noise"
      } else if problem.feasible != nil {
        "'\(name)' does not keep points in a range, as '\(type(of: problem).name)' wants: choose another optimizer"
      } else if let sum = problem as? any SumProblem, sum.batchSize > 0 {
        "'\(name)' chooses the terms of a step itself: leave out the problem's option batch"
      } else if problem.isSampled, !(problem is any SumProblem) {
        "'\(name)' needs the terms of a sum, and '\(type(of: problem).name)' has noise alone: choose another optimizer"
      } else {
        nil
      }
    if let reason { throw .conflict(reason) }
  }
}
