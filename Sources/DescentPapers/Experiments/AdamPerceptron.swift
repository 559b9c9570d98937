import DescentLab

extension Reproduction {
  /// Figure 2 (a) of the Adam paper.
  static let adamPerceptron = Reproduction(
    name: "adam-perceptron", title: "A perceptron 784-1000-1000-10 with dropout on MNIST, five methods",
    paper: "D. P. Kingma, J. Ba, \"Adam: a method for stochastic optimization\", ICLR 2015, section 6.2, Figure 2 (a)",
    data: ["mnist"], duration: "30 min", longDuration: "2 h"
  ) { session in
    let model = session.isQuick ? "mlp:hidden=256-256,dropout=0.5" : "mlp:dropout=0.5"
    func configuration(_ optimizer: String, _ epochs: Int) -> RunConfiguration {
      session.configuration(data: "mnist", model: model, optimizer: optimizer, epochs: epochs, batch: 128)
    }
    let methods = [
      ("adagrad", "adagrad:lr=$", ["0.003", "0.01", "0.03"]),
      ("rmsprop", "rmsprop:lr=$", ["0.0001", "0.0003", "0.001"]),
      ("nesterov", "nesterov:lr=$", ["0.01", "0.03", "0.1", "0.3"]),
      ("adadelta", "adadelta:epsilon=$", session.scaled(quick: ["1e-6"], full: ["1e-8", "1e-6", "1e-4"])),
      ("adam", "adam:lr=$", ["0.0001", "0.0003", "0.001"]),
    ]
    // The grid for a few epochs, then the best of each method to the end: two, as what leads early need not lead late.
    let gridEpochs = session.scaled(quick: 1, full: 4)
    let grid = try session.compare(
      "grid", session.grid(methods) { configuration($0, gridEpochs) }, seeds: 1)
    let epochs = session.scaled(quick: 4, full: 40, long: 200)
    let finalists = try session.compare(
      "finalists",
      grid.best(session.scaled(quick: 1, full: 2)).map {
        Contender($0.name, configuration($0.contender.configuration.optimizer, epochs))
      }, seeds: 1)
    let results = finalists.best()
    var page = ReproductionPage()
    page.add(
      """
      Batches of 128, dropout of half of the units of both hidden layers, \(epochs) epochs (200 in the paper, by the axis of its
      figure), one seed. Of the grid below, which the paper does not state, the two rates of each method with the lowest
      training loss after \(counted(gridEpochs, "epoch")) are trained to the end, and the better one is drawn. Where the paper's
      dropout is, it does not say either. The loss is that of training, with dropout, as the paper's is.
      """)
    if session.scale == .full {
      page.add(
        """
        AdaGrad's steps become shorter by themselves, those of the others keep their length: at the end it stands ahead. The
        paper does not say whether Adam's rate fell here, as it did in its section 6.1. Of Adam, RMSProp and Nesterov's momentum
        the two rates differ by a larger factor in the last cost than the best of all methods do.
        """)
    }
    page.add(heading: "Rates")
    page.add(ComparisonReport(grid).table)
    page.add(heading: "To the end")
    page.add(ComparisonReport(finalists).table)
    page.add(heading: "Curves")
    page.add(results, as: "dropout", "Adam paper, Figure 2 (a): perceptron with dropout on MNIST", hasErrors: true)
    for other in ["adagrad", "rmsprop", "nesterov", "adadelta"] {
      page.judge(
        "adam", ahead: other, in: results, slack: 0.02, "Adam ends with a training cost no higher than \(other)'s")
    }
    return page
  }
}
