import Descent

/// How the time of a step grows with one quantity, for us, for PyTorch and for the floor.
public struct ScalingCurve: Sendable {
  /// The name of the figure's file, without its extension.
  public let name: String
  public let title: String
  public let xLabel: String
  public let cases: [(x: Int, work: BenchmarkCase)]
  /// The results in the order of the cases.
  public private(set) var results: [CaseResult] = []

  private init(_ name: String, _ title: String, xLabel: String, _ cases: [(x: Int, work: BenchmarkCase)]) {
    self.name = name
    self.title = title
    self.xLabel = xLabel
    self.cases = cases
  }

  /// The curves against the number of parameters, the batch size and the number of threads.
  ///
  /// - Parameters:
  ///   - isQuick: Whether the curves have fewer points.
  ///   - threads: The number of threads of trainings.
  public static func all(isQuick: Bool, threads: Int) -> [ScalingCurve] {
    func powers(_ range: ClosedRange<Int>, by step: Int) -> [Int] {
      stride(from: range.lowerBound, through: range.upperBound, by: step).map { 1 << $0 }
    }
    func adam(_ parameters: Int, threads: Int) -> BenchmarkCase {
      let step = OptimizerStep("adam", parameters: parameters, threads: threads)
      return BenchmarkCase("Adam, \(parameters.grouped) parameters, \(threads) threads", .step(step), peer: "adam")
    }
    func perceptron(batch: Int, threads: Int) -> BenchmarkCase {
      let step = TrainingStep("mlp", batch: batch, threads: threads)
      return BenchmarkCase("784-1000-1000-10, batch \(batch), \(threads) threads", .training(step), peer: "mlp")
    }
    let counts = threadCounts
    return [
      ScalingCurve(
        "step-parameters", "Step of Adam, one thread", xLabel: "parameters",
        powers(10...26, by: isQuick ? 4 : 1).map { ($0, adam($0, threads: 1)) }),
      ScalingCurve(
        "step-threads", "Step of Adam, \(BenchmarkCase.powerOfTwo(25)) parameters", xLabel: "threads",
        counts.map { ($0, adam(1 << 25, threads: $0)) }),
      ScalingCurve(
        "training-batch", "Training step of 784-1000-1000-10, \(threads) threads", xLabel: "examples in a batch",
        powers(0...10, by: isQuick ? 5 : 1).map { ($0, perceptron(batch: $0, threads: threads)) }),
      ScalingCurve(
        "training-threads", "Training step of 784-1000-1000-10, batch 128", xLabel: "threads",
        counts.map { ($0, perceptron(batch: 128, threads: $0)) }),
    ]
  }

  /// 1, 2, 4, … and the number of processors.
  private static var threadCounts: [Int] {
    var counts = [1]
    while counts.last! * 2 < processorCount { counts.append(counts.last! * 2) }
    return processorCount > 1 ? counts + [processorCount] : counts
  }

  /// The curve's first `count` points.
  func limited(to count: Int) -> ScalingCurve { ScalingCurve(name, title, xLabel: xLabel, Array(cases.prefix(count))) }

  /// Times the cases that have not been timed.
  ///
  /// - Parameters:
  ///   - comparison: The comparison that times them.
  ///   - progress: Called with each result.
  public mutating func measure(with comparison: PeerComparison, progress: (CaseResult) -> Void) throws {
    for (_, work) in cases.dropFirst(results.count) {
      let result = try comparison.run(work)
      results.append(result)
      progress(result)
    }
  }

  /// The curves of all sides that were timed.
  public var figure: Figure {
    func points(_ side: CaseResult.Side) -> [(x: Double, y: Double)] {
      zip(cases, results).compactMap { one, result in result.time(side).map { (Double(one.x), $0) } }
    }
    let isStep = if case .step? = cases.first?.work.work { true } else { false }
    let sides: [(CaseResult.Side, String)] = [
      (.ours, "Descent"), (.eager, "PyTorch"), (.floor, isStep ? "memory traffic alone" : "matrix products alone"),
    ]
    var figure = Figure(
      title: title, xLabel: xLabel, yLabel: isStep ? "ns for each parameter" : "ms for each step",
      curves: sides.map { side, name in Figure.Curve(name, points: points(side)) }.filter { !$0.points.isEmpty })
    figure.isXLogarithmic = cases.count > 2 && cases.last!.x > 16
    figure.isYLogarithmic = figure.isXLogarithmic
    let marked =
      cases.count > 12 ? cases.filter { $0.x.trailingZeroBitCount.isMultiple(of: 2) } : cases
    figure.xMarks = marked.map { x, _ in
      (Double(x), x < 1 << 10 ? "\(x)" : BenchmarkCase.powerOfTwo(x.trailingZeroBitCount))
    }
    if let ours = figure.curves.first?.points, let first = ours.first, let last = ours.last {
      figure.hasKeyAtLeft = last.y > first.y
    }
    return figure
  }
}
