import DescentLab
import DescentProblems

extension ReproductionSession {
  /// The path of `optimizer` on `problem`, both written as on the command line.
  func minimize(
    _ problem: String, _ optimizer: String, steps: Int, seed: UInt64 = 1, noise: Double = 0, start: [Double]? = nil,
    data: String? = nil, average: String? = nil
  ) throws -> Minimization {
    var request = MinimizationRequest()
    request.problem = problem
    request.optimizer = optimizer
    request.steps = steps
    request.seed = seed
    request.noise = noise
    request.start = start
    request.average = average
    request.dataFolder = data.flatMap { dataFolder(for: $0) }
    let minimization = try Minimization(MinimizationPlan(request)) { self.isStopped }
    if isStopped { throw Interrupted() }
    return minimization
  }
}

extension Minimization {
  /// f − f* against the steps, each of which counts `cost`.
  func gaps(to minimum: Double, cost: Double = 1) -> [(x: Double, y: Double)] {
    points.map { (Double($0.step) * cost, max($0.value - minimum, 0)) }
  }
  /// f at the last point.
  var end: Double { points.last?.value ?? .nan }
}
