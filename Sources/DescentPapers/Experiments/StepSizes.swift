import DescentLab
import Foundation

extension Reproduction {
  /// Exponential and cosine step sizes against the others.
  static let stepSizes = Reproduction(
    name: "step-sizes", title: "Exponential and cosine step sizes against the others, on MNIST",
    paper: "X. Li, Z. Zhuang, F. Orabona, \"A second look at exponential and cosine step sizes\", ICML 2021, section 5",
    data: ["mnist"], duration: "20 min"
  ) { session in
    let epochs = session.isQuick ? 3 : 20
    let steps = epochs * 469
    let rates = session.isQuick ? ["0.05"] : ["0.01", "0.05", "0.2", "0.5"]
    // αᵀ = β/T is what is left of the rate after T steps: 1/T in the paper's theorem, 0.0031 and 0.1 in its experiments.
    let shares = session.isQuick ? [0.1] : [1 / Double(steps), 0.0031, 0.1]
    let exponentials = rates.suffix(2).flatMap { rate in
      shares.map { "\(rate),factor=\(significant(pow($0, 1 / Double(steps)), digits: 8))" }
    }
    let methods: [(name: String, optimizer: String, settings: [String])] = [
      ("constant", "nesterov:lr=$", session.isQuick ? rates : ["0.003", "0.01", "0.05", "0.1"]),
      ("1/t", "nesterov:lr=inversetime($,decay=0.001)", rates),
      ("1/√t", "nesterov:lr=inversetime($,decay=0.01,power=0.5)", rates),
      ("exponential", "nesterov:lr=exponential($)", exponentials),
      ("cosine", "nesterov:lr=cosine($)", rates),
      ("adam", "adam:lr=$", session.isQuick ? ["0.001"] : ["0.0001", "0.0003", "0.001", "0.003"]),
    ]
    let results = try session.compare(
      "mnist",
      session.grid(methods) {
        session.configuration(data: "mnist", model: "mlp:hidden=300-100", optimizer: $0, epochs: epochs, batch: 128)
      }, seeds: session.isQuick ? 1 : 3)
    let best = results.best { $0.final(\.testAccuracy).map { 1 - $0.mean } }
    var page = ReproductionPage()
    page.add(
      """
      The paper trains convolutional networks on Fashion-MNIST and CIFAR-10 for 50 and 164 epochs; here, in its place, a
      perceptron 784-300-100-10 on MNIST for \(epochs) epochs, batches of 128, Nesterov's momentum 0.9, first rates on a grid,
      of which each schedule's best by test accuracy is shown: what can be held against the paper is the order, not the
      numbers. O(1/t) is α/(1 + 0.001 (t − 1)), O(1/√t) is α/(1 + 0.01 √(t − 1)), the exponential α times a factor a step that
      leaves 1/T, 0.0031 or 0.1 of it in the end (the theorem's choice, and those of the paper's experiments); the cosine
      falls to 0.
      """)
    var published = Table(header: ["published: CIFAR-10, ResNet-20", "train loss", "test accuracy, %"])
    for row in [
      ("constant", "0.2226", "86.74"), ("1/t", "0.0331", "88.94"), ("1/√t", "0.0672", "88.14"),
      ("exponential", "0.0098", "91.88"), ("cosine", "0.0106", "91.99"), ("adam", "0.1161", "88.23"),
    ] { published.add([row.0, row.1, row.2]) }
    page.add(published)
    page.add(heading: "The best of each schedule")
    page.add(best, as: "schedules", "Step sizes on MNIST", hasErrors: true)
    if !session.isQuick {
      page.add(heading: "All settings")
      page.add(ComparisonReport(results).table)
    }
    func error(_ result: ContenderResult) -> Double { 1 - (result.final(\.testAccuracy)?.mean ?? 0) }
    for schedule in ["exponential", "cosine"] {
      for other in ["constant", "1/√t", "adam"] {
        page.judge(
          schedule, ahead: other, in: best, slack: 0.03, by: error,
          "\(schedule) ends with a test error no higher than \(other)'s")
      }
    }
    return page
  }
}
