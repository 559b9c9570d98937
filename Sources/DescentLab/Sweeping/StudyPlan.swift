import DescentData

/// A study in which everything has been checked, down to the options of every trial.
public struct StudyPlan: Sendable {
  /// What was asked for, with the number of a grid's points, the samples in a step and the objective filled in.
  public let configuration: StudyConfiguration
  let trials: [Trial]

  /// Checks `configuration` and loads its data. Writes nothing.
  /// - Throws: An error that names the option, range, file or layer at fault and the remedy.
  public init(_ configuration: StudyConfiguration) throws {
    try configuration.checkNumbers()
    let spaces = try configuration.optimizers.indices.map { try SearchSpace(of: configuration, optimizer: $0) }
    let points = try configuration.search.points(in: spaces, count: configuration.trials, seed: configuration.seed)
    let runs = try points.map { try spaces[$0.space].configuration($0.values) }
    var data = DatasetCache()
    // Check values near the ends too: if the study grows, later trials may draw them.
    for space in spaces { for values in space.probes { _ = try RunPlan(space.configuration(values), data: &data) } }
    let plans = try runs.map { try RunPlan($0, data: &data) }
    let rungs = configuration.rungs
    trials = zip(points, plans).enumerated().map { i, pair in
      let (point, plan) = pair
      let space = spaces[point.space]
      let keys = space.dimensions.map(\.key)
      return Trial(
        number: i + 1, optimizer: space.label,
        parameters: Dictionary(zip(keys, point.values)) { $1 }, configuration: plan.configuration,
        target: rungs.rungs[0])
    }
    var complete = configuration
    complete.trials = trials.count
    // Without --batch all runs have the same, because they have the same data.
    complete.batch = configuration.batch ?? "\(plans[0].batchSize)"
    complete.metric = try Self.metric(configuration.metric, of: plans[0])
    self.configuration = complete
  }

  /// The metric that the user asked for, if such runs have it; by default the first of the list that they have.
  private static func metric(_ wanted: Objective.Metric?, of plan: RunPlan) throws(RunError) -> Objective.Metric {
    let (hasLabels, hasTest) = (plan.model.classCount != nil, plan.dataset.test.count > 0)
    let possible = Objective.Metric.allCases.filter { metric in
      switch metric {
      case .testAccuracy: hasLabels && hasTest
      case .testLoss: hasTest
      case .trainAccuracy: hasLabels
      case .trainLoss: true
      }
    }
    guard let wanted else { return possible[0] }
    guard possible.contains(wanted) else {
      throw .invalidOption(
        "--metric", value: wanted.rawValue,
        allowed: "one that such runs have: \(possible.map(\.rawValue).joined(separator: ", "))")
    }
    return wanted
  }
}
