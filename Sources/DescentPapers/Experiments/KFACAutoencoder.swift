import DescentLab

extension Reproduction {
  /// The paper's K-FAC against Nesterov's momentum.
  static let kfacAutoencoder = Reproduction(
    name: "kfac-autoencoder", title: "K-FAC that tunes itself against tuned Nesterov momentum, on autoencoders",
    paper:
      "J. Martens, R. Grosse, \"Optimizing neural networks with Kronecker-factored approximate curvature\", ICML 2015, "
      + "section 13",
    data: ["mnist"], duration: "1.5 h"
  ) { session in
    let layers = session.isQuick ? "layers=100-30," : ""
    let setups: [(data: String, model: String)] = [
      ("mnist", "autoencoder:\(layers)activation=tanh,init=sparse"),
      (
        session.isQuick ? "curves:train=2000,test=1000" : "curves",
        "autoencoder:layers=\(session.isQuick ? "50-6" : "400-200-100-50-25-6"),activation=tanh,init=sparse"
      ),
    ]
    let epochs = session.scaled(quick: 2, full: 15)
    let batch = session.isQuick ? 500 : 2000
    var page = ReproductionPage()
    page.add(
      """
      Autoencoders with tanh units, a linear code and sparse first weights; sigmoid cross-entropy. K-FAC finds its step size,
      momentum and damping itself; Nesterov's momentum has the best of a grid of rates and momenta. Batches are of \(batch.grouped) examples
      for K-FAC and 500 for Nesterov (the paper lets K-FAC's batch grow from 1000 to all examples), \(epochs) epochs, one seed. K-FAC's
      iterates are averaged (0.99); the losses of training are those of the iterates, the test losses those of the averages.
      """)
    for (data, model) in setups {
      func configuration(_ optimizer: String, batch: Int) -> RunConfiguration {
        session.configuration(data: data, model: model, optimizer: optimizer, epochs: epochs, batch: batch)
      }
      let name = data.prefix { $0 != ":" }
      let rates = session.scaled(
        quick: ["0.003"], full: ["0.0003,momentum=0.99", "0.001,momentum=0.99", "0.003,momentum=0.95"])
      let nesterov = session.grid([("nesterov", "nesterov:lr=$", rates)]) { configuration($0, batch: 500) }
      func averaged(_ optimizer: String) -> RunConfiguration {
        var configuration = configuration(optimizer, batch: batch)
        configuration.average = "0.99"
        return configuration
      }
      let results = try session.compare(
        String(name),
        [
          Contender("adaptivekfac", averaged("adaptivekfac:penalty=1e-5")),
          Contender("tridiagonal", averaged("adaptivekfac:penalty=1e-5,structure=tridiagonal")),
          Contender("without-momentum", averaged("adaptivekfac:penalty=1e-5,momentum=false")),
        ] + nesterov, seeds: 1
      ).best()
      page.add(heading: name == "mnist" ? "MNIST" : "Curves, drawn by the program")
      page.add(ComparisonReport(results).table)
      page.add(results, as: String(name), "K-FAC against Nesterov's momentum on \(name)", hasErrors: true)
      page.judge(
        "adaptivekfac", ahead: "nesterov", in: results, slack: 0,
        "\(name): after as many epochs, K-FAC has a lower training loss than Nesterov's momentum"
      )
      page.judge(
        "tridiagonal", ahead: "adaptivekfac", in: results, slack: 0,
        "\(name): the block-tridiagonal inverse makes more progress an iteration than the block-diagonal one")
      page.judge(
        "adaptivekfac", ahead: "without-momentum", in: results, slack: 0,
        "\(name): its momentum makes K-FAC faster")
    }
    return page
  }
}
