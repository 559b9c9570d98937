import Descent
import DescentCatalogue
import DescentLab

extension Reproduction {
  /// Adafactor against Adam.
  static let adafactor = Reproduction(
    name: "adafactor", title: "Adafactor against Adam: the memory of the state, and the loss",
    paper: "N. Shazeer, M. Stern, \"Adafactor: adaptive learning rates with sublinear memory cost\", ICML 2018",
    data: ["mnist"], duration: "5 min"
  ) { session in
    let epochs = session.isQuick ? 3 : 15
    let model = session.isQuick ? "mlp:hidden=256-256" : "mlp:hidden=1000-300"
    let optimizers = [
      ("adam", "adam:lr=0.001"), ("adam-beta1-0", "adam:lr=0.001,beta1=0"),
      ("adafactor", "adafactor:lr=0.001,relativeStep=false,parameterScale=false"),
      ("unfactored", "adafactor:lr=0.001,relativeStep=false,parameterScale=false,factored=none"),
      ("relative", "adafactor"),
    ]
    let contenders = optimizers.map { name, optimizer in
      Contender(
        name, session.configuration(data: "mnist", model: model, optimizer: optimizer, epochs: epochs, batch: 128))
    }
    let results = try session.compare("mnist", contenders, seeds: session.isQuick ? 1 : 2)
    var page = ReproductionPage()
    page.add(
      """
      The paper trains a Transformer; here \(model) on MNIST, batches of 128, \(epochs) epochs. "relative" is Adafactor with its
      defaults: relative steps of at most 1/√t, scaled by the parameters; "adafactor" takes Adam's rate instead; "unfactored"
      is the same with the whole second moment; "adam-beta1-0" is Adam without its first moment, which Adafactor lacks too.
      """)
    var memory = Table(header: ["method", "parameters", "numbers of state", "share of Adam's"])
    var counts: [String: Int] = [:]
    var parameters = 0
    for contender in contenders {
      let plan = try RunPlan(contender.configuration)
      let θ = plan.model.initialParameters(seed: 1)
      parameters = plan.parameterCount
      counts[contender.name] = try stateCount(plan.optimizer(for: θ).checkpoint(θ))
    }
    let adam = counts["adam"] ?? 1
    for contender in contenders {
      let count = counts[contender.name] ?? 0
      memory.add([
        contender.name, parameters.grouped, count.grouped, significant(Double(count) / Double(adam), digits: 3),
      ])
    }
    page.add(heading: "Memory")
    page.add(memory)
    page.add(heading: "Loss")
    page.add(results, as: "loss", "Adafactor against Adam on MNIST", hasErrors: true)
    let share = Double(counts["adafactor"] ?? adam) / Double(adam)
    page.judge("the state is sublinear: under 1 % of Adam's", share < 0.01, "\(significant(100 * share, digits: 2)) %")
    page.judge(
      "adafactor", ahead: "unfactored", in: results, slack: 0.1,
      "factoring the second moment costs nothing: within 10 % of the unfactored loss")
    page.judge(
      "adafactor", ahead: "adam", in: results, slack: 0.1, by: { $0.testLoss }, "the test loss is no higher than Adam's"
    )
    return page
  }

  /// Numbers of the optimizer's state, without the lanes' padding.
  private static func stateCount(_ checkpoint: Checkpoint<Float>) -> Int {
    checkpoint.slots.values.reduce(0) { $0 + $1.layout.blocks.reduce(0) { $0 + $1.count } }
      + checkpoint.arrays.values.reduce(0) { $0 + $1.count } + checkpoint.doubles.values.reduce(0) { $0 + $1.count }
  }
}
