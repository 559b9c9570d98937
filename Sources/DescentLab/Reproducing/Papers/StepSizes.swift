import Foundation

extension Reproduction {
  /// Exponential and cosine step sizes against the others.
  static let stepSizes = Reproduction(
    name: "step-sizes", title: "Exponential and cosine step sizes against the others, on MNIST",
    paper: "X. Li, Z. Zhuang, F. Orabona, \"A second look at exponential and cosine step sizes\", ICML 2021, section 5",
    data: ["mnist"], duration: "15 min"
  ) { session in
    let epochs = session.isQuick ? 3 : 20
    let steps = epochs * 469
    // The last rate of the exponential, as a share of the first: by the paper's α = (β/T)^(1/T), with β = 1.
    let factor = exp(-log(Double(steps)) / Double(steps))
    let rates = session.isQuick ? ["0.05"] : ["0.01", "0.05", "0.2"]
    let methods: [(name: String, optimizer: String, settings: [String])] = [
      ("constant", "nesterov:lr=$", ["0.003", "0.01", "0.05"]),
      ("1/t", "nesterov:lr=inversetime($,decay=0.001)", rates),
      ("1/√t", "nesterov:lr=inversetime($,decay=0.01,power=0.5)", rates),
      ("exponential", "nesterov:lr=exponential($,factor=\(factor))", rates),
      ("cosine", "nesterov:lr=cosine($)", rates),
      ("adam", "adam:lr=$", session.isQuick ? ["0.001"] : ["0.0003", "0.001", "0.003"]),
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
      numbers. O(1/t) is α/(1 + 0.001 (t − 1)), O(1/√t) is α/(1 + 0.01 √(t − 1)); the exponential falls to 1/T of its first
      rate, the cosine to 0.
      """)
    var published = Table(header: ["published: CIFAR-10, ResNet-20", "train loss", "test accuracy, %"])
    for row in [
      ("constant", "0.2226", "86.74"), ("1/t", "0.0331", "88.94"), ("1/√t", "0.0672", "88.14"),
      ("exponential", "0.0098", "91.88"), ("cosine", "0.0106", "91.99"), ("adam", "0.1161", "88.23"),
    ] { published.add([row.0, row.1, row.2]) }
    page.add(published)
    page.add(best, as: "schedules", "Step sizes on MNIST: training loss", hasErrors: true)
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
