import Descent
import DescentLab

extension Reproduction {
  /// Averages of the iterates.
  static let averaging = Reproduction(
    name: "averaging", title: "Polyak–Ruppert and exponential averages of the iterates, on MNIST",
    paper:
      "B. T. Polyak, A. B. Juditsky, \"Acceleration of stochastic approximation by averaging\", SIAM J. Control and Optimization 30 (1992); Kingma and Ba, \"Adam\", ICLR 2015, section 7.2",
    data: ["mnist"], duration: "10 min"
  ) { session in
    let epochs = session.isQuick ? 3 : 20
    let averages: [(name: String, average: String?)] = [
      ("last", nil), ("polyak", "polyak"), ("polyak-late", "polyak:\(epochs * 469 / 2)"), ("ema", "0.999"),
    ]
    var page = ReproductionPage()
    page.add(
      """
      One run each of the same steps, seen at its last iterate, at the mean of all iterates, at the mean of those of the second
      half, and at an exponential average with decay 0.999. The rates are constant and large, so that the iterates wander around
      the minimum: 0.5 for SGD on logistic regression, 0.003 for Adam on a perceptron of 100 hidden units. Batches of 128;
      \(epochs) epochs. Neither paper gives numbers for such a task: what is judged is the effect.
      """)
    for (title, model, optimizer) in [
      ("Logistic regression, SGD", "logistic", "sgd:lr=0.5"), ("Perceptron, Adam", "mlp:hidden=100", "adam:lr=0.003"),
    ] {
      let contenders = averages.map { average in
        var configuration = session.configuration(
          data: "mnist", model: model, optimizer: optimizer, epochs: epochs, batch: 128)
        configuration.average = average.average
        return Contender(average.name, configuration)
      }
      let name = OptionSpec.name(of: model)
      let results = try session.compare(name, contenders, seeds: session.isQuick ? 1 : 3)
      page.add(heading: title)
      let report = ComparisonReport(results)
      page.add(report.table)
      if let errors = report.errorFigure { page.add(errors, as: name, "\(title): test error of the averages") }
      for average in ["ema", "polyak-late"] {
        page.judge(
          average, ahead: "last", in: results, by: { $0.testLoss },
          "\(title): the average '\(average)' has a lower test loss than the last iterate")
      }
    }
    return page
  }
}
