import Descent

/// A metric of runs by name: a column of `metrics.csv`, or a tag of the event files.
public struct RunMetric: Sendable {
  /// The quantity on a curve's x axis.
  public enum Axis: String, CaseIterable, Sendable { case epoch, step, seconds }

  public let name: String
  public let axis: Axis
  private let column: Column?

  typealias Column = @Sendable (EpochMetrics) -> Double?

  /// The columns that are values of an epoch.
  private static let columns: [(name: String, value: Column)] = [
    ("train_loss", { $0.trainLoss }), ("train_accuracy", { $0.trainAccuracy }), ("test_loss", { $0.testLoss }),
    ("test_accuracy", { $0.testAccuracy }), ("learning_rate", { $0.learningRate }), ("seconds", { $0.seconds }),
  ]

  /// - Parameters:
  ///   - name: A column or a tag.
  ///   - axis: The x axis; by default the epoch for a column and the step for a tag.
  ///   - runs: The runs; the metric must occur in at least one of them.
  /// - Throws: ``RunError/unknown(_:)`` with the metrics that there are.
  public init(_ name: String, by axis: Axis? = nil, of runs: [SavedRun]) throws(RunError) {
    let columns = Self.columns.filter { column in runs.contains { $0.rows.contains { column.value($0) != nil } } }
    let tags = Set(runs.flatMap(\.events.keys)).sorted()
    if let found = Names.find(name, in: columns.map(\.name)) {
      self.name = found
      column = columns.first { $0.name == found }!.value
      self.axis = axis ?? .epoch
    } else if let tag = tags.first(where: { $0 == name }) {
      self.name = tag
      column = nil
      self.axis = axis ?? .step
    } else {
      // A run with diagnostics has about a hundred tags.
      let diagnosed = tags.filter { DiagnosticMetric.parse($0) != nil }
      throw .unknown(
        UnknownName(
          name, kind: "metric",
          known: columns.map(\.name) + tags.filter { !diagnosed.contains($0) } + diagnosed.prefix(3)
            + (diagnosed.count > 3 ? ["…"] : [])))
    }
  }

  /// The metric's points in a run; those that cannot be placed on the axis are left out.
  public func points(of run: SavedRun) -> [(x: Double, y: Double)] {
    if let column {
      return run.rows.compactMap { row in column(row).map { (x: place(row), y: $0) } }
    }
    return (run.events[name] ?? []).compactMap { event in
      place(Double(event.step), in: run).map { (x: $0, y: event.value) }
    }
  }

  private func place(_ row: EpochMetrics) -> Double {
    switch axis {
    case .epoch: Double(row.epoch)
    case .step: Double(row.step)
    case .seconds: row.seconds
    }
  }

  /// The step's place on the axis, interpolated between the ends of epochs.
  private func place(_ step: Double, in run: SavedRun) -> Double? {
    if axis == .step { return step }
    guard !run.rows.isEmpty else { return nil }
    var (x, at) = (0.0, 0.0)
    var rate = 0.0
    for row in run.rows {
      rate = (place(row) - x) / (Double(row.step) - at)
      if step <= Double(row.step) { break }
      (x, at) = (place(row), Double(row.step))
    }
    return x + rate * (step - at)
  }

  /// A figure of the metric for the runs that have it.
  ///
  /// - Parameters:
  ///   - runs: The runs. Those that differ only in their seed share a curve of their means, with an area from the least
  ///     to the largest value, if their points have the same x.
  ///   - isEach: Whether every run has a curve of its own instead.
  ///   - isLogarithmic: Whether the metric's axis is logarithmic.
  public func figure(of runs: [SavedRun], isEach: Bool = false, isLogarithmic: Bool = false) -> Figure {
    let groups = RunGroups(runs)
    let curves = zip(groups.names, groups.members(of: runs)).flatMap { name, members -> [Figure.Curve] in
      let all = members.map { Thinning.means(points(of: $0), buckets: 400) }
      let isAligned = all.allSatisfy { $0.map(\.x) == all[0].map(\.x) }
      guard members.count > 1, isAligned, !isEach else {
        return zip(members, all).map { Figure.Curve($0.name, points: $1) }
      }
      let spreads = all[0].indices.compactMap { i in Spread(all.map { $0[i].y }).map { (x: all[0][i].x, spread: $0) } }
      // Runs with the same seed are copies or repetitions, so they are not counted as seeds.
      let isEachAnother = Set(members.map(\.configuration.seed)).count == members.count
      return [
        Figure.Curve("\(name) (\(counted(members.count, isEachAnother ? "seed" : "run")))", spreads: spreads)
      ]
    }.filter { !$0.points.isEmpty }
    var figure = Figure(title: name, xLabel: axis.rawValue, yLabel: name, curves: curves)
    figure.isYLogarithmic = isLogarithmic
    // Curves that rise end at the top right.
    figure.hasKeyAtLeft = curves.reduce(0) { $0 + ($1.points.last?.y ?? 0) - ($1.points.first?.y ?? 0) } > 0
    return figure
  }
}
