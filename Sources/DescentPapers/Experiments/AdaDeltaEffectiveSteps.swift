import Descent
import DescentData
import DescentLab
import DescentNetworks

extension Reproduction {
  /// Figure 2 of the ADADELTA paper.
  static let adaDeltaEffectiveSteps = Reproduction(
    name: "adadelta-figure2", title: "Effective step sizes and updates of ten weights in each layer, tanh, 25 epochs",
    paper: "M. D. Zeiler, \"ADADELTA: an adaptive learning rate method\", arXiv:1212.5701 (2012), Figure 2",
    data: ["mnist"], duration: "5 min"
  ) { session in
    let epochs = session.isQuick ? 3 : 25
    let traces = try session.remembered("traces") { try trace(session, epochs: epochs) }
    var page = ReproductionPage()
    page.add(
      """
      784-500-300-10 with tanh, batches of 100, ρ = 0.95, ε = 1e-6, \(epochs) epochs. The effective step size of a weight is
      RMS[Δx] / RMS[g] as the method holds it: √(E[Δx²] + ε) / √(E[g²] + ε). Ten weights of each of the three matrices, drawn at
      random; a mark every \(traces.interval) steps.
      """)
    let layers = ["first", "second", "last"]
    var table = Table(header: [
      "layer", "median step after 1 epoch", "median step at the end", "largest |Δx| in the last epoch",
    ])
    var (early, late, largest) = ([Double](), [Double](), [Double]())
    for (layer, name) in layers.enumerated() {
      let steps = traces.steps[layer]
      let updates = traces.updates[layer]
      let perEpoch = 600 / traces.interval
      func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
      early.append(median(steps.map { $0[min(perEpoch, $0.count - 1)] }))
      late.append(median(steps.map { $0.last ?? .nan }))
      largest.append(updates.map { $0.suffix(perEpoch).map(abs).max() ?? .nan }.max() ?? .nan)
      table.add([
        name, significant(early[layer], digits: 3), significant(late[layer], digits: 3),
        significant(largest[layer], digits: 2),
      ])
      for (what, label, values) in [("step", "effective step", steps), ("update", "Δx", updates)] {
        let curves = values.enumerated().map { i, weight in
          Figure.Curve(
            "\(i + 1)",
            points: weight.enumerated().map { (Double(($0.offset + 1) * traces.interval) / 600, $0.element) })
        }
        var figure = Figure(title: "\(name) matrix: \(label)", xLabel: "epoch", yLabel: label, curves: curves)
        if what == "step" { figure.isYLogarithmic = true }
        page.add(figure, as: "\(what)-\(layer + 1)", "ADADELTA, Figure 2: \(label), \(name) matrix")
      }
    }
    page.add(table)
    page.judge(
      "early, steps are larger in the lower layers", early[0] > early[2],
      zip(layers, early).map { "\($0) \(significant($1, digits: 3))" }.joined(separator: ", "))
    page.judge(
      "steps converge to 1 at the end", late.allSatisfy { 0.5 < $0 && $0 < 2 },
      late.map { significant($0, digits: 3) }.joined(separator: ", "))
    page.judge(
      "updates are within ±0.01 and go to 0", largest.allSatisfy { $0 < 0.01 },
      "largest in the last epoch: " + largest.map { significant($0, digits: 2) }.joined(separator: ", "))
    return page
  }

  /// By layer, weight and mark.
  private struct Traces: Codable {
    var interval: Int
    var steps: [[[Double]]]
    var updates: [[[Double]]]
  }

  private static func trace(_ session: ReproductionSession, epochs: Int) throws -> Traces {
    let configuration = session.configuration(
      data: "mnist", model: "mlp:hidden=500-300,activation=tanh", optimizer: "adadelta:rho=0.95,epsilon=1e-6",
      epochs: epochs, batch: 100)
    let plan = try RunPlan(configuration)
    let engine = Engine(threadCount: configuration.threads)
    var θ = plan.model.initialParameters(seed: 1)
    var gradient = ParameterVector<Float>(zeros: plan.model.layout)
    var optimizer = try Optimizer(AdaDelta<Float>(rho: 0.95, epsilon: 1e-6), for: θ, threads: configuration.threads)
    let blocks = plan.model.layout.blocks.filter { $0.shape.count == 2 }
    var random = RandomStream(seed: 1, name: "weights")
    let chosen = blocks.map { block in
      (0..<10).map { _ in block.elements.lowerBound + random.integer(below: block.count) }
    }
    let interval = 20
    var result = Traces(
      interval: interval, steps: chosen.map { $0.map { _ in [] } }, updates: chosen.map { $0.map { _ in [] } })
    let noise = RandomStream(seed: 1, name: "noise")
    var step = 0
    for epoch in 0..<epochs {
      for batch in BatchSequence(plan.dataset.train, batchSize: 100, order: .shuffled(seed: 1), epoch: epoch) {
        _ = try engine.gradient(of: plan.model, batch, at: θ, into: &gradient, noise: noise.substream(UInt64(step)))
        step += 1
        let isMark = step % interval == 0
        let before = isMark ? chosen.map { $0.map { i in θ.withUnsafeElements { $0[i] } } } : []
        try optimizer.step(&θ, gradient: gradient)
        guard isMark else { continue }
        try session.advance("epoch \(epoch + 1)", step, of: epochs * 600)
        let squares = try ["squaredGradient", "squaredUpdate"].map { try optimizer.slot("adadelta/\($0)") }
        for layer in chosen.indices {
          for (k, i) in chosen[layer].enumerated() {
            let means = squares.map { vector in Double(vector.withUnsafeElements { $0[i] }) }
            let effective = ((means[1] + 1e-6) / (means[0] + 1e-6)).squareRoot()
            result.steps[layer][k].append(effective)
            result.updates[layer][k].append(Double(θ.withUnsafeElements { $0[i] } - before[layer][k]))
          }
        }
      }
    }
    return result
  }
}
