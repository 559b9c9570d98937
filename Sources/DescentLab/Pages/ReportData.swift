/// The data on the page of a report: curves of runs, and curves of each run's parameters.
struct ReportData: Codable, Hashable {
  /// A curve.
  struct Series: Codable, Hashable {
    var name: String
    /// The group, which decides the colour.
    var group: Int
    var x: [Double]
    /// `null` in place of values that are not finite.
    var y: [Double?]
    /// The least and the largest of the values that a point stands for; absent if each point stands for one value.
    var low, high: [Double?]?

    init(_ name: String, group: Int, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.group = group
      let thinned = Thinning.points(points, buckets: ReportData.points)
      x = thinned.map { Page.number($0.x, digits: 9) ?? 0 }
      y = thinned.map { Page.number($0.mean) }
      guard thinned.count < points.count else { return }
      low = thinned.map { Page.number($0.low) }
      high = thinned.map { Page.number($0.high) }
    }
  }

  struct Chart: Codable, Hashable {
    var title, xLabel, yLabel: String
    var log = false
    /// Whether the values are noisy, as those of single batches are; then the page can smooth them.
    var isRough = false
    var series: [Series]
  }

  /// The charts of one run's parameters.
  struct Diagnosis: Codable, Hashable {
    var run: String
    /// The curves' names; `all` stands for all parameters as one.
    var blocks: [String]
    var charts: [Chart]
  }

  /// The names of the groups. Runs that differ only in their seed form a group and share a colour.
  var groups: [String]
  var charts: [Chart]
  var diagnoses: [Diagnosis]

  /// The largest number of points of a curve.
  static let points = 800

  init(_ runs: [SavedRun]) {
    let groups = RunGroups(runs)
    self.groups = groups.names
    charts = Self.epochCharts(runs, groups)
    let shown = Set([
      "epoch/train_loss", "epoch/train_accuracy", "epoch/test_loss", "epoch/test_accuracy", "epoch/learning_rate",
    ])
    let tags = Set(runs.flatMap(\.events.keys)).subtracting(shown).filter { DiagnosticMetric.parse($0) == nil }
    // The loss of single batches comes first, then all others.
    let ordered = tags.sorted { $0 == Trainer.lossTag || $1 != Trainer.lossTag && $0 < $1 }
    charts =
      ordered.map { tag in
        Chart(
          title: tag == Trainer.lossTag ? "Training loss of batches" : tag, xLabel: "step",
          yLabel: tag == Trainer.lossTag ? "loss" : tag, isRough: true,
          series: zip(runs, groups.numbers).compactMap { run, group in
            run.events[tag].map { events in
              Series(groups.names[group], group: group, events.map { (Double($0.step), $0.value) })
            }
          })
      } + charts
    diagnoses = runs.compactMap(Self.diagnosis)
  }

  private static func epochCharts(_ runs: [SavedRun], _ groups: RunGroups) -> [Chart] {
    let metrics: [(String, String, (EpochMetrics) -> Double?)] = [
      ("Training loss", "loss", { $0.trainLoss }), ("Test loss", "loss", { $0.testLoss }),
      ("Training accuracy", "accuracy", { $0.trainAccuracy }), ("Test accuracy", "accuracy", { $0.testAccuracy }),
      ("Learning rate", "α", { $0.learningRate }),
    ]
    return metrics.compactMap { title, label, value in
      let series = zip(runs, groups.numbers).compactMap { run, group -> Series? in
        let points = run.rows.compactMap { row in value(row).map { (x: Double(row.epoch), y: $0) } }
        return points.isEmpty ? nil : Series(groups.names[group], group: group, points)
      }
      return series.isEmpty ? nil : Chart(title: title, xLabel: "epoch", yLabel: label, series: series)
    }
  }

  /// The charts of a run's parameters; nil for a run without diagnostics.
  private static func diagnosis(of run: SavedRun) -> Diagnosis? {
    var curves: [DiagnosticMetric: [String: [(step: Int, value: Double)]]] = [:]
    for (tag, events) in run.events {
      guard let (metric, block) = DiagnosticMetric.parse(tag) else { continue }
      curves[metric, default: [:]][block] = events
    }
    // The noise scale is the quotient of two measured numbers. Both are averaged first, then divided.
    for (block, signal) in curves.removeValue(forKey: .gradientSignal) ?? [:] {
      let trace = curves[.gradientNoise]?[block] ?? []
      curves[.noiseScale, default: [:]][block] = GradientNoise.averagedScale(signal: signal, trace: trace)
    }
    curves[.gradientNoise] = nil
    guard !curves.isEmpty else { return nil }
    let found = Set(curves.values.flatMap(\.keys))
    let blocks = [""].filter(found.contains) + found.subtracting([""]).sorted()
    let charts = DiagnosticMetric.allCases.compactMap { metric -> Chart? in
      guard let series = curves[metric] else { return nil }
      return Chart(
        title: metric.title + (metric == .noiseScale ? ", averaged over ten measurements" : ""), xLabel: "step",
        yLabel: metric.rawValue.split(separator: "_").joined(separator: " "),
        log: ![.epsilonShare, .signalToNoise].contains(metric), isRough: true,
        series: blocks.enumerated().compactMap { group, block in
          series[block].map { events in
            Series(block.isEmpty ? "all" : block, group: group, events.map { (Double($0.step), $0.value) })
          }
        })
    }
    return Diagnosis(run: run.name, blocks: blocks.map { $0.isEmpty ? "all" : $0 }, charts: charts)
  }
}
