import DescentLab

extension Reproduction {
  /// vSGD beside ADADELTA.
  static let vsgd = Reproduction(
    name: "vsgd", title: "Step sizes from the variance of the gradients, with nothing to tune, beside ADADELTA",
    paper:
      "T. Schaul, S. Zhang, Y. LeCun, \"No more pesky learning rates\", ICML 2013; numbers as quoted by M. D. Zeiler, "
      + "\"ADADELTA: an adaptive learning rate method\", arXiv:1212.5701 (2012), section 4.1",
    data: ["mnist"], duration: "15 min"
  ) { session in
    let epochs = session.scaled(quick: 1, full: 6)
    let model = session.isQuick ? "mlp:hidden=100,activation=tanh" : "mlp:hidden=500-300,activation=tanh"
    let slowStart = session.isQuick ? 8000 : 55_000
    func configuration(_ optimizer: String, batch: Int) -> RunConfiguration {
      session.configuration(data: "mnist", model: model, optimizer: optimizer, epochs: epochs, batch: batch)
    }
    // Each method as it is published, without a rate to choose, and tuned competitors.
    let untuned: [(name: String, optimizer: String)] = [
      ("adadelta", "adadelta:rho=0.95,epsilon=1e-6"), ("vsgd", "vsgd:slowStart=\(slowStart)"),
      ("vsgd,μ=0.02", "vsgd:slowStart=\(slowStart),mu=0.02"), ("vsgdb", "vsgdb:slowStart=\(slowStart)"),
      ("vsgdg", "vsgdg:slowStart=\(slowStart)"),
    ]
    let tuned: [(name: String, optimizer: String, settings: [String])] = [
      ("beckerlecun", "beckerlecun:lr=$,mu=0.1", session.scaled(quick: ["0.03"], full: ["0.01", "0.03", "0.1"])),
      ("schaul", "schaul:lr=$,mu=0.02", session.scaled(quick: ["0.03"], full: ["0.01", "0.03", "0.1"])),
      ("sgd", "sgd:lr=$", session.scaled(quick: ["0.1"], full: ["0.03", "0.1", "0.3"])),
    ]
    func results(_ batch: Int, seeds: Int) throws -> [ContenderResult] {
      try session.compare(
        "batch-\(batch)",
        untuned.map { Contender($0.name, configuration($0.optimizer, batch: batch)) }
          + session.grid(tuned) { configuration($0, batch: batch) }, seeds: seeds
      ).best(by: testError)
    }
    let large = try results(100, seeds: session.isQuick ? 1 : 3)
    let small = try results(10, seeds: 1)
    var page = ReproductionPage()
    page.add(
      """
      \(model) on MNIST, tanh units and cross-entropy, \(counted(epochs, "epoch")) (6 in the papers). vSGD has one step size for
      each element (`vsgd`), for each parameter (`vsgdb`) or for all (`vsgdg`), found from averages of gradients, their squares
      and the diagonal of the Gauss–Newton matrix, with α = 1. Its slow start is the paper's, a tenth of the number of parameters;
      without it, it diverges here within twenty steps: pixels that are rarely on have hardly any curvature. μ = 0.02 is added
      to the curvature in one variant. `schaul` and `beckerlecun` are the rules of ADADELTA's equations 7 and 6; theirs and SGD's
      rates are the best of three by test error. Batches of 100, as in ADADELTA's experiment, \(session.isQuick ? "one seed" : "three seeds"), and of 10, one
      seed; vSGD's paper has batches of 1.
      """)
    var published = Table(header: ["published, tanh, 6 epochs", "test error, %"])
    published.add(["adadelta", "2.00"])
    published.add(["vsgd", "2.10"])
    page.add(published)
    for (batch, results) in [(100, large), (10, small)] {
      page.add(heading: "Batches of \(batch)")
      page.add(results, as: "batch-\(batch)", "vSGD and others, batches of \(batch)", hasErrors: true)
    }
    func text(_ result: ContenderResult?) -> String {
      result.map { fixed(100 * testError($0), digits: 2) } ?? "did not run"
    }
    if !session.isQuick {
      let (adadelta, own) = (large.of("adadelta"), small.of("vsgd"))
      page.judge(
        "ADADELTA's test error with batches of 100 is within 0.3 % of 2.00 %",
        adadelta.map { abs(testError($0) - 0.02) <= 0.003 } ?? false, text(adadelta))
      page.judge(
        "vSGD's test error with batches of 10 is within 0.5 % of 2.10 %",
        own.map { abs(testError($0) - 0.021) <= 0.005 } ?? false, text(own))
    }
    page.judge(
      "vsgd", ahead: "vsgdb", in: small, by: testError,
      "a step size for each element ends with a lower test error than one for each parameter")
    page.judge(
      "vsgdb", ahead: "vsgdg", in: small, by: testError, "and that with a lower one than one for all")
    page.judge(
      "vsgd", ahead: "sgd", in: small, slack: 0.2, by: testError,
      "without tuning, vSGD's test error is not above that of tuned SGD")
    return page
  }

  private static func testError(_ result: ContenderResult) -> Double { 1 - (result.final(\.testAccuracy)?.mean ?? 0) }
}
