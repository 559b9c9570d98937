import DescentLab

extension Reproduction {
  /// Figure 1 of the Adam paper.
  static let adamLogistic = Reproduction(
    name: "adam-logistic", title: "Logistic regression: MNIST, and IMDB bags of words with and without dropout",
    paper: "D. P. Kingma, J. Ba, \"Adam: a method for stochastic optimization\", ICLR 2015, section 6.1, Figure 1",
    data: ["mnist", "imdb"], duration: "20 min"
  ) { session in
    let (mnistEpochs, imdbEpochs) = session.scaled(quick: (5, 3), full: (45, 160))
    var page = ReproductionPage()
    page.add(
      """
      Batches of 128, the same first weights (zeros) for all, \(mnistEpochs) passes over MNIST and \(imdbEpochs) over IMDB (45 and
      160 in the figure), rates on a grid, of which each method's best by its last training loss is shown. Adam, RMSProp and
      Nesterov's momentum (0.9) step with α/√t, AdaGrad, which has its own decay, with α. Not stated in the paper: the
      coefficient of the L2 penalty (1e-4 here) and the grid. The published figures are curves without numbers: what is
      judged is their order.
      """)
    try mnist(session, epochs: mnistEpochs, &page)
    for dropout in [0.0, 0.5] { try imdb(session, dropout: dropout, epochs: imdbEpochs, &page) }
    return page
  }

  private static func mnist(_ session: ReproductionSession, epochs: Int, _ page: inout ReproductionPage) throws {
    let rates = session.isQuick ? ["0.01", "0.03"] : ["0.003", "0.01", "0.03", "0.1", "0.3"]
    let large = session.isQuick ? ["0.3"] : ["0.1", "0.3", "1", "3"]
    let contenders = session.grid([
      ("adam", "adam:lr=inversesqrt($),penalty=1e-4", rates),
      ("nesterov", "nesterov:lr=inversesqrt($),penalty=1e-4", large),
      ("adagrad", "adagrad:lr=$,penalty=1e-4", rates),
    ]) {
      session.configuration(
        data: "mnist", model: "logistic", optimizer: $0, epochs: epochs, batch: 128)
    }
    let results = try session.compare("mnist", contenders, seeds: session.isQuick ? 1 : 3).best()
    page.add(heading: "MNIST")
    page.add(results, as: "mnist", "Adam paper, Figure 1, left: logistic regression on MNIST")
    page.judge(
      "adam", ahead: "nesterov", in: results, slack: 0.02, "MNIST: Adam converges as Nesterov's momentum does")
    page.judge(
      "adam", ahead: "adagrad", in: results, by: { $0.trainLoss(after: 5) },
      "MNIST: Adam is faster than AdaGrad (epoch 5)")
  }

  private static func imdb(_ session: ReproductionSession, dropout: Double, epochs: Int, _ page: inout ReproductionPage)
    throws
  {
    let words = session.isQuick ? 2000 : 10_000
    let model = dropout > 0 ? "logistic:dropout=\(dropout)" : "logistic"
    let name = dropout > 0 ? "imdb-dropout" : "imdb"
    let methods = [
      ("adam", "adam:lr=inversesqrt($)", ["0.01", "0.03", "0.1", "0.3"]),
      ("rmsprop", "rmsprop:lr=inversesqrt($)", ["0.01", "0.03", "0.1", "0.3"]),
      ("adagrad", "adagrad:lr=$", ["0.01", "0.03", "0.1", "0.3"]),
      ("nesterov", "nesterov:lr=inversesqrt($)", ["0.1", "0.3", "1", "3"]),
    ].map { session.isQuick ? ($0.0, $0.1, [$0.2[1]]) : $0 }
    let contenders = session.grid(methods) {
      session.configuration(
        data: "imdb:words=\(words)", model: model, optimizer: $0, epochs: epochs, batch: 128)
    }
    let results = try session.compare(name, contenders, seeds: 1).best()
    let title = dropout > 0 ? "IMDB, 50 % dropout of the words" : "IMDB"
    page.add(heading: title)
    if dropout == 0 {
      page.add(
        """
        The training set can be separated by so many words: the larger the rate, the lower the training loss, and the best is at
        the end of the grid. (The test loss rises meanwhile.)
        """)
    }
    page.add(results, as: name, "Adam paper, Figure 1, right: \(title)")
    page.judge(
      "adam", ahead: "adagrad", in: results, slack: 0.05, "\(title): Adam converges as fast as AdaGrad")
    page.judge("adam", ahead: "nesterov", in: results, "\(title): Adam is ahead of Nesterov's momentum")
    page.judge("adagrad", ahead: "nesterov", in: results, "\(title): AdaGrad is ahead of Nesterov's momentum by far")
  }
}
