/// A comparison in which everything has been checked: data are loaded, models built, optimizers configured.
///
/// Runs of the same seed start at the same θ and see the same batches, if their models and data are the same.
public struct ComparisonPlan: Sendable {
  /// The contenders, with every default filled in.
  public let contenders: [Contender]
  public let seeds: [UInt64]
  private let plans: [RunPlan]
  private static let mostRuns = 100_000

  /// Checks all contenders before any of them runs.
  ///
  /// - Parameters:
  ///   - contenders: At least one, with names that differ.
  ///   - seeds: Each contender runs once with each seed.
  /// - Throws: An error that names the option, file or layer at fault and the remedy.
  public init(_ contenders: [Contender], seeds: [UInt64]) throws {
    var names: Set<String> = []
    for contender in contenders where !names.insert(contender.name).inserted {
      throw RunError.conflict("'\(contender.name)' occurs twice in the comparison: leave it out once")
    }
    guard contenders.count <= Self.mostRuns / max(1, seeds.count) else {
      throw RunError.conflict(
        "\(contenders.count.grouped) optimizers with \(counted(seeds.count, "seed")) make more than \(Self.mostRuns.grouped) runs: "
          + "leave out --optimizer, or give fewer --seeds")
    }
    var cache = DatasetCache()
    plans = try contenders.map { try RunPlan($0.configuration, data: &cache) }
    self.contenders = zip(contenders, plans).map { Contender($0.name, $1.configuration) }
    self.seeds = seeds
  }

  func run(of contender: Int, seed: Int) -> RunPlan { plans[contender].with(seed: seeds[seed]) }

  /// Steps of all runs.
  var stepCount: Int { plans.reduce(0) { $0 + $1.stepCount } * seeds.count }
}
