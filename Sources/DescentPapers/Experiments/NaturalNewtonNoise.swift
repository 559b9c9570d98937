import DescentLab

extension Reproduction {
  /// Natural Newton against Newton.
  static let naturalNewton = Reproduction(
    name: "natural-newton", title: "Newton's directions, shortened where they disagree, on small batches",
    paper: "N. Le Roux, A. Fitzgibbon, \"A fast natural Newton method\", ICML 2010",
    data: ["mnist"], duration: "15 min"
  ) { session in
    let rates = session.scaled(quick: ["0.003", "0.03"], full: ["0.001", "0.003", "0.01", "0.03", "0.1"])
    let setups: [(title: String, name: String, model: String, epochs: Int)] = [
      ("Logistic regression", "logistic", "logistic", session.scaled(quick: 1, full: 5)),
      ("A perceptron of 100 tanh units", "mlp", "mlp:hidden=100,activation=tanh", session.scaled(quick: 1, full: 5)),
    ]
    var page = ReproductionPage()
    page.add(
      """
      MNIST, batches of 10, \(session.isQuick ? "one epoch, one seed" : "5 epochs, three seeds"). `natural` is natural Newton with the diagonal of the Gauss–Newton matrix;
      `newton` the same without the correction for the directions' covariance (`bound=0`), so that their difference is what
      the paper is about. The paper corrects quasi-Newton methods on other data: what can be held against it is the order. A
      run that diverges counts with its last good epoch.
      """)
    for setup in setups {
      let methods: [(name: String, optimizer: String, settings: [String])] = [
        ("natural", "naturalnewton:lr=$", rates), ("newton", "naturalnewton:bound=0,lr=$", rates),
        ("sgd", "sgd:lr=$", session.scaled(quick: ["0.03"], full: ["0.003", "0.01", "0.03", "0.1"])),
      ]
      let results = try session.compare(
        setup.name,
        session.grid(methods) {
          session.configuration(data: "mnist", model: setup.model, optimizer: $0, epochs: setup.epochs, batch: 10)
        }, seeds: session.isQuick ? 1 : 3)
      let best = results.best { $0.final(\.testAccuracy).map { 1 - $0.mean } }
      page.add(heading: setup.title)
      page.add(table(results, methods))
      page.add(best, as: setup.name, "\(setup.title): the best rate of each", hasErrors: true)
      let pairs = rates.map { (error(results, "natural \($0)"), error(results, "newton \($0)")) }
      page.judge(
        "\(setup.title): at every rate, the corrected steps end with the lower test error",
        pairs.allSatisfy { $0.0 <= $0.1 }, "at \(pairs.count { $0.0 <= $0.1 }) of \(pairs.count) rates")
      page.judge(
        "natural", ahead: "newton", in: best, by: { 1 - ($0.final(\.testAccuracy)?.mean ?? 0) },
        "\(setup.title): at the best rates of both, too")
      page.judge(
        "natural", ahead: "sgd", in: best, by: { 1 - ($0.final(\.testAccuracy)?.mean ?? 0) },
        "\(setup.title): and lower than the best of SGD")
    }
    return page
  }

  private static func error(_ results: [ContenderResult], _ name: String) -> Double {
    1 - (results.first { $0.contender.name == name }?.final(\.testAccuracy)?.mean ?? 0)
  }

  /// Test errors by method and rate.
  private static func table(
    _ results: [ContenderResult], _ methods: [(name: String, optimizer: String, settings: [String])]
  ) -> Table {
    var table = Table(header: ["rate"] + methods.map { "\($0.name): test error, %" })
    let rates = methods.flatMap(\.settings).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for rate in rates.sorted(by: { (Double($0) ?? 0) < (Double($1) ?? 0) }) {
      table.add(
        [rate]
          + methods.map {
            $0.settings.contains(rate) ? fixed(100 * error(results, "\($0.name) \(rate)"), digits: 2) : "–"
          })
    }
    return table
  }
}
