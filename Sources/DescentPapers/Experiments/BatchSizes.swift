import DescentLab

extension Reproduction {
  /// How much longer batches save of Adam's steps.
  static let batchSizes = Reproduction(
    name: "batch-size", title: "Mini-batch size: how many steps Adam saves with larger batches",
    paper:
      "C. Chen, L. Shen, F. Zou, W. Liu, \"Towards practical Adam: non-convexity, convergence theory, and mini-batch acceleration\", JMLR 23 (2022)",
    data: ["mnist"], duration: "15 min"
  ) { session in
    let sizes = session.isQuick ? [32, 128, 512] : [16, 32, 64, 128, 256, 512, 1024, 2048]
    let target = session.isQuick ? 0.15 : 0.1
    let rates = session.isQuick ? ["0.001", "0.004"] : ["0.0005", "0.001", "0.002", "0.004", "0.008"]
    var page = ReproductionPage()
    page.add(
      """
      Adam on a perceptron of 100 hidden units, MNIST: steps until the training loss is at most \(target), at the best rate of a
      grid for each size. The loss of one step in ten is kept; what counts is the mean of as many as have 2048 examples, at the
      step in their middle, so that small batches do not reach the target by chance. With a linear speed-up, twice the batch
      takes half the steps; the paper proves it for its bound and shows it on larger networks.
      """)
    var table = Table(header: ["batch", "rate", "steps", "examples", "speed-up over the smallest"])
    var points: [(x: Double, y: Double)] = []
    for size in sizes {
      let epochs = max(2, min(session.isQuick ? 6 : 20, size / 16 + 2))
      let contenders = session.grid([("adam", "adam:lr=$", rates)]) {
        session.configuration(data: "mnist", model: "mlp:hidden=100", optimizer: $0, epochs: epochs, batch: size)
      }
      let results = try session.compare("batch-\(size)", contenders, seeds: session.isQuick ? 1 : 2)
      let reached: [(rate: String, steps: Double)] = results.compactMap { result in
        Spread(result.runs.map { steps(of: $0, toLoss: target, batch: size) }).map {
          (String(result.name.dropFirst(5)), $0.mean)
        }
      }
      guard let best = reached.min(by: { $0.steps < $1.steps }) else {
        table.add(["\(size)", "–", "not reached", "–", "–"])
        continue
      }
      points.append((Double(size), best.steps))
      table.add([
        "\(size)", best.rate, fixed(best.steps, digits: 0), Int(best.steps * Double(size)).grouped,
        significant(points[0].y / best.steps, digits: 3),
      ])
    }
    page.add(table)
    if let first = points.first {
      var figure = Figure(
        title: "Steps to a training loss of \(target)", xLabel: "batch", yLabel: "steps",
        curves: [
          Figure.Curve("Adam", points: points),
          Figure.Curve("linear speed-up", points: points.map { ($0.x, first.y * first.x / $0.x) }),
        ])
      figure.isXLogarithmic = true
      figure.isYLogarithmic = true
      page.add(figure, as: "steps", "Steps of Adam to a training loss of \(target), by batch size")
    }
    let isFalling = zip(points, points.dropFirst()).allSatisfy { $1.y <= 1.1 * $0.y }
    page.judge(
      "larger batches take fewer steps", isFalling && points.count == sizes.count,
      points.map { "\(Int($0.x)): \(fixed($0.y, digits: 0))" }.joined(separator: ", "))
    if let first = points.first, let second = points.first(where: { $0.x == 4 * first.x }) {
      let share = first.y / second.y / 4
      page.judge(
        "small batches: the speed-up is nearly linear (at least 60 % of it over four times the batch)", share >= 0.6,
        "\(significant(first.y / second.y, digits: 3)) for 4")
    }
    return page
  }

  /// The step around which the mean loss of 2048 examples is at most `target` for the first time.
  private static func steps(of run: RunRecord, toLoss target: Double, batch: Int) -> Double? {
    run.firstSteps(withLoss: target, meanOf: max(1, 2048 / batch)).map { Double($0.lowerBound + $0.upperBound) / 2 }
  }
}
