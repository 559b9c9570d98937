import Descent
import DescentCatalogue
import DescentData
import DescentLab
import DescentNetworks

extension Reproduction {
  /// Two runs that differ in one example.
  static let stability = Reproduction(
    name: "stability", title: "Stability: two runs of SGD that differ in one training example",
    paper:
      "M. Hardt, B. Recht, Y. Singer, \"Train faster, generalize better: stability of stochastic gradient descent\", ICML 2016, section 5",
    data: ["mnist"], duration: "5 min"
  ) { session in
    let examples = session.isQuick ? 2000 : 10_000
    let epochs = session.isQuick ? 5 : 20
    let rates = session.isQuick ? [0.01, 0.05] : [0.01, 0.02, 0.05, 0.1]
    let pairs = session.isQuick ? 1 : 3
    var page = ReproductionPage()
    page.add(
      """
      \(examples.grouped) examples of MNIST, batches of 60, \(epochs) epochs of SGD at a constant rate; two runs from the same first
      weights with the same batches, of whose training sets one example differs; \(counted(pairs, "such pair")) for each rate.
      The distance is √(‖w − w'‖² / (‖w‖² + ‖w'‖²)), the gap |training error − test error|. The paper trains on CIFAR-10, ImageNet and
      others too; its orderings are what is judged.
      """)
    for (title, model) in [
      ("Logistic regression (convex)", "logistic"), ("Perceptron of two layers of 100 units", "mlp:hidden=100-100"),
    ] {
      let name = OptionSpec.name(of: model)
      var paths: [(rate: Double, path: StabilityPath)] = []
      for rate in rates {
        let path = try session.remembered("\(name)-\(rate)") {
          try follow(session, model: model, rate: rate, examples: examples, epochs: epochs, pairs: pairs)
        }
        paths.append((rate, path))
      }
      page.add(heading: title)
      var table = Table(header: ["rate", "distance after 1 epoch", "after \(epochs)", "gap at the end, %"])
      for (rate, path) in paths {
        table.add([
          significant(rate, digits: 2), significant(path.distance[0], digits: 3),
          significant(path.distance[epochs - 1], digits: 3), fixed(100 * path.gap[epochs - 1], digits: 2),
        ])
      }
      page.add(table)
      var figure = Figure(
        title: title, xLabel: "epoch", yLabel: "normalized distance",
        curves: paths.map { rate, path in
          Figure.Curve(
            "rate \(significant(rate, digits: 2))",
            points: path.distance.enumerated().map { (Double($0.offset + 1), $0.element) })
        })
      figure.hasKeyAtLeft = true
      page.add(figure, as: name, "\(title): distance of two runs that differ in one example")
      judge(title, paths, isConvex: model == "logistic", examples: examples, &page)
    }
    try comparePlaces(session, examples: examples, epochs: epochs, pairs: pairs, &page)
    return page
  }

  /// Whether it matters when the first epoch comes to the example that differs.
  private static func comparePlaces(
    _ session: ReproductionSession, examples: Int, epochs: Int, pairs: Int, _ page: inout ReproductionPage
  ) throws {
    let places: [(name: String, share: Double)] = [("first", 0), ("in the middle", 0.5), ("last", 1)]
    let paths = try places.map { name, share in
      try session.remembered("place-\(share)") {
        try follow(
          session, model: "mlp:hidden=100-100", rate: 0.05, examples: examples, epochs: epochs, pairs: pairs,
          place: share)
      }
    }
    page.add(heading: "When the example comes")
    page.add(
      "The perceptron at rate 0.05, with the example that differs at the start, in the middle or at the end of the first epoch."
    )
    var table = Table(header: ["in the first epoch", "distance after 1 epoch", "after 5", "after \(epochs)"])
    for (place, path) in zip(places, paths) {
      table.add([place.name] + [0, 4, epochs - 1].map { significant(path.distance[$0], digits: 3) })
    }
    page.add(table)
    let (first, last) = (paths[0].distance, paths[paths.count - 1].distance)
    page.judge(
      "An example that comes late in the first epoch makes the runs differ less",
      zip(last, first).allSatisfy { $0 < $1 },
      "after 1 epoch \(significant(last[0], digits: 3)) of the last, \(significant(first[0], digits: 3)) of the first; after "
        + "\(epochs) \(significant(last[epochs - 1], digits: 3)), \(significant(first[epochs - 1], digits: 3))")
  }

  private static func judge(
    _ title: String, _ paths: [(rate: Double, path: StabilityPath)], isConvex: Bool, examples: Int,
    _ page: inout ReproductionPage
  ) {
    page.judge(
      "\(title): the distance grows with the epochs",
      paths.allSatisfy { ($0.path.distance.last ?? 0) > $0.path.distance[0] },
      paths.map {
        "\(significant($0.path.distance[0], digits: 2)) to \(significant($0.path.distance.last ?? .nan, digits: 2))"
      }
      .joined(separator: ", "))
    let ends = paths.map { $0.path.absolute.last ?? .nan }
    page.judge(
      "\(title): ‖w − w'‖ grows with the step size", zip(ends, ends.dropFirst()).allSatisfy { $0 < $1 },
      ends.map { significant($0, digits: 2) }.joined(separator: ", "))
    let gaps = paths.map { 100 * ($0.path.gap.last ?? .nan) }
    page.judge(
      "\(title): the generalization gap grows with the step size", (gaps.first ?? 0) < (gaps.last ?? 0),
      gaps.map { fixed($0, digits: 2) + " %" }.joined(separator: ", "))
    guard isConvex, let first = paths.first else { return }
    let bound = first.path.bound
    page.judge(
      "\(title): Theorem 3.8's ‖w − w'‖ ≤ 2 L Σα / n at rate \(first.rate) ≤ 2/β",
      (first.path.absolute.last ?? .infinity) <= bound,
      "\(significant(first.path.absolute.last ?? .nan, digits: 3)) ≤ \(significant(bound, digits: 3))")
  }

  private struct StabilityPath: Codable {
    /// After each epoch, means over the pairs.
    var distance: [Double]
    var absolute: [Double]
    var gap: [Double]
    /// 2 L Σα / n at the end, with L of softmax regression.
    var bound: Double
  }

  private static func follow(
    _ session: ReproductionSession, model: String, rate: Double, examples: Int, epochs: Int, pairs: Int,
    place share: Double? = nil
  ) throws -> StabilityPath {
    let configuration = session.configuration(
      data: "mnist", model: model, optimizer: "sgd:lr=\(rate)", epochs: epochs, batch: 60)
    let plan = try RunPlan(configuration)
    let engine = Engine(threadCount: configuration.threads)
    guard case .dense(let values, _) = plan.dataset.train.prefix(examples).all().inputs else {
      throw RunError.mismatch("the stability experiment needs dense inputs")
    }
    let size = plan.dataset.inputShape.reduce(1, *)
    let labels = Array(plan.dataset.train.labels.prefix(examples))
    let original = Split(values: values, inputShape: plan.dataset.inputShape, labels: labels)
    var result = StabilityPath(
      distance: .init(repeating: 0, count: epochs), absolute: .init(repeating: 0, count: epochs),
      gap: .init(repeating: 0, count: epochs), bound: 0)
    for pair in 0..<pairs {
      // Example `pair` of the test set takes the place of one of the training set.
      var random = RandomStream(seed: UInt64(pair), name: "example")
      let seed = UInt64(pair + 1)
      let place =
        share.map { share in
          var shuffle = RandomStream(seed: seed, name: "shuffle").substream(0)
          return Int(shuffle.permutation(of: examples)[Int(share * Double(examples - 1))])
        } ?? random.integer(below: examples)
      let other = plan.dataset.test.batch(at: [pair])
      guard case .dense(let image, _) = other.inputs else { continue }
      var (otherValues, otherLabels) = (values, labels)
      otherValues.replaceSubrange(place * size..<(place + 1) * size, with: image)
      otherLabels[place] = other.labels[0]
      let changed = Split(values: otherValues, inputShape: plan.dataset.inputShape, labels: otherLabels)
      var runs = try [original, changed].map { try SingleRun($0, plan, seed: seed) }
      for epoch in 0..<epochs {
        try session.advance("\(OptionSpec.name(of: model)) \(rate)", pair * epochs + epoch, of: pairs * epochs)
        for i in runs.indices { try runs[i].train(epoch, seed: seed, engine) }
        let (w, v) = (runs[0].θ, runs[1].θ)
        let (difference, norms) = w.withUnsafeElements { w in
          v.withUnsafeElements { v in
            w.indices.reduce((0.0, 0.0)) { sums, i in
              let (a, b) = (Double(w[i]), Double(v[i]))
              return (sums.0 + (a - b) * (a - b), sums.1 + a * a + b * b)
            }
          }
        }
        result.distance[epoch] += (difference / norms).squareRoot() / Double(pairs)
        result.absolute[epoch] += difference.squareRoot() / Double(pairs)
        let trainAccuracy = try runs[0].accuracy(on: original, engine)
        let testAccuracy = try runs[0].accuracy(on: plan.dataset.test, engine)
        result.gap[epoch] += abs(trainAccuracy - testAccuracy) / Double(pairs)
      }
    }
    // ‖∇ℓ‖ ≤ √2 ‖(x, 1)‖ for softmax regression.
    let largest = (0..<examples).reduce(0.0) { largest, i in
      max(largest, values[i * size..<(i + 1) * size].reduce(1) { $0 + Double($1) * Double($1) })
    }
    let steps = Double(epochs * ((examples + 59) / 60))
    result.bound = 2 * (2 * largest).squareRoot() * rate * steps / Double(examples)
    return result
  }

  /// One of two runs.
  private struct SingleRun {
    let split: Split
    let model: any Model
    var θ: ParameterVector<Float>
    var gradient: ParameterVector<Float>
    var optimizer: AnyOptimizer<Float>

    init(_ split: Split, _ plan: RunPlan, seed: UInt64) throws {
      self.split = split
      model = plan.model
      θ = model.initialParameters(seed: seed)
      gradient = ParameterVector(zeros: model.layout)
      optimizer = try plan.optimizer(for: θ)
    }

    mutating func train(_ epoch: Int, seed: UInt64, _ engine: Engine) throws {
      let noise = RandomStream(seed: seed, name: "noise")
      for batch in BatchSequence(split, batchSize: 60, order: .shuffled(seed: seed), epoch: epoch) {
        _ = try engine.gradient(
          of: model, batch, at: θ, into: &gradient, noise: noise.substream(UInt64(optimizer.stepCount)))
        try optimizer.step(&θ, gradient: gradient)
      }
    }

    func accuracy(on split: Split, _ engine: Engine) throws -> Double {
      try Evaluation(of: model, on: split, at: θ, engine: engine)?.accuracy ?? .nan
    }
  }
}
