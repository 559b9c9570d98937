import DescentLab

extension Reproduction {
  /// Figure 1 of the ADADELTA paper, and its result with hyperbolic tangents.
  static let adaDeltaCurves = Reproduction(
    name: "adadelta-figure1", title: "Test error over 50 epochs of MNIST, and 2.00 % with tanh after 6",
    paper:
      "M. D. Zeiler, \"ADADELTA: an adaptive learning rate method\", arXiv:1212.5701 (2012), Figure 1 and section 4.1",
    data: ["mnist"], duration: "15 min"
  ) { session in
    func contender(_ name: String, _ optimizer: String, _ model: String, epochs: Int) -> Contender {
      Contender(
        name, session.configuration(data: "mnist", model: model, optimizer: optimizer, epochs: epochs, batch: 100))
    }
    let epochs = session.isQuick ? 6 : 50
    let relu = "mlp:hidden=500-300,init=\(AdaDeltaPaper.firstWeights)"
    let results = try session.compare(
      "figure1",
      [
        contender("sgd 1", "sgd:lr=1", relu, epochs: epochs),
        contender("momentum 0.1", "momentum:lr=0.1", relu, epochs: epochs),
        contender("adagrad 0.01", "adagrad:lr=0.01", relu, epochs: epochs),
        contender("adadelta", "adadelta:rho=0.95,epsilon=1e-6", relu, epochs: epochs),
      ], seeds: session.isQuick ? 1 : 2)
    let tangent = try session.compare(
      "tanh",
      [contender("adadelta", "adadelta:rho=0.95,epsilon=1e-6", "mlp:hidden=500-300,activation=tanh", epochs: 6)],
      seeds: session.isQuick ? 1 : 5)
    var page = ReproductionPage()
    page.add(
      """
      784-500-300-10, batches of 100, the best rate of each method by the paper's Table 1. First weights as in the
      reproduction of the tables; those of the tanh network are Glorot's uniform.
      """)
    page.add(heading: "Figure 1: rectified linear units")
    page.add(results, as: "figure1", "ADADELTA, Figure 1, \(epochs) epochs", hasErrors: true)
    if !session.isQuick {
      page.add(
        """
        What does not agree: SGD at rate 1 fits the training set here as momentum and ADADELTA do, and its test error ends with
        theirs; ADAGRAD, whose steps have become short, does not fit it, and ends worst. After 6 epochs SGD's error is the
        published one (Table 1).
        """)
    }
    page.add(heading: "Hyperbolic tangents, 6 epochs: ADADELTA with ρ = 0.95, ε = 1e-6")
    var table = Table(header: ["method", "test error, %"])
    table.add(["published, ADADELTA", "2.00"])
    table.add(["published, vSGD of Schaul et al.", "2.10"])
    let ours = testError(tangent[0])
    table.add(["here, ADADELTA", ours?.text(digits: 2) ?? "–"])
    page.add(table)
    let error = ours?.mean ?? .infinity
    page.judge(
      "2.00 % with tanh after 6 epochs", abs(error - 2) <= max(0.15, 2 * (ours?.deviation ?? 0)),
      "\(ours?.text(digits: 2) ?? "–") %")
    func errors(_ name: String, _ epoch: Int) -> Double {
      let all = results.of(name)?.epochs { $0.testAccuracy.map { 100 * (1 - $0) } } ?? []
      // The mean of neighbouring epochs: single ones jump.
      let near = all.filter { abs($0.x - Double(epoch)) <= 2 }
      return near.isEmpty ? .infinity : near.reduce(0) { $0 + $1.spread.mean } / Double(near.count)
    }
    func compared(_ a: String, _ b: String, _ epoch: Int) -> (Bool, String) {
      (
        errors(a, epoch) < errors(b, epoch),
        "epoch \(epoch): \(a) \(fixed(errors(a, epoch), digits: 2)) %, \(b) \(fixed(errors(b, epoch), digits: 2)) %"
      )
    }
    let methods = ["sgd", "momentum", "adagrad", "adadelta"]
    let ends = methods.map { (name: $0, error: errors($0, epochs)) }.sorted { $0.error < $1.error }
    let order = ends.map { "\($0.name) \(fixed($0.error, digits: 2)) %" }.joined(separator: ", ")
    page.judge("SGD ends worst", ends.last?.name == "sgd", order)
    let adagrad = compared("adadelta", "adagrad", epochs)
    page.judge("ADADELTA ends below ADAGRAD, which stalls", adagrad.0, adagrad.1)
    if !session.isQuick {
      let early = compared("adagrad", "sgd", 5)
      page.judge("ADAGRAD is good in the first 10 epochs: below SGD", early.0, early.1)
      page.judge("momentum ends best", ends.first?.name == "momentum", order)
      page.judge(
        "ADADELTA ends near the best: within 0.15 %", errors("adadelta", epochs) - (ends.first?.error ?? 0) <= 0.15,
        order)
    }
    return page
  }
}
