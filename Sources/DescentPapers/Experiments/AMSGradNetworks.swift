import Descent
import DescentLab

extension Reproduction {
  /// Figure 2 of the AMSGrad paper, without CIFARNET.
  static let amsGradNetworks = Reproduction(
    name: "amsgrad-mnist", title: "AMSGrad against Adam: logistic regression and one hidden layer on MNIST",
    paper: "S. J. Reddi, S. Kale, S. Kumar, \"On the convergence of Adam and beyond\", ICLR 2018, section 5, Figure 2",
    data: ["mnist"], duration: "20 min"
  ) { session in
    var page = ReproductionPage()
    page.add(
      """
      Batches of 128, β₁ = 0.9, a grid of β₂ in {0.99, 0.999} and α, of which each method's best by training loss is shown.
      The step size is α/√t in the logistic regression and constant in the network, as in the paper; the grid of α is not
      stated in it. AMSGrad as its Algorithm 2 has it, without bias correction; with correction beside it.
      Neither has a penalty: the setting with the lower training loss often has the higher test loss.
      """)
    let decays = session.isQuick ? ["0.999"] : ["0.99", "0.999"]
    func methods(_ rate: String, _ rates: [String]) -> [(name: String, optimizer: String, settings: [String])] {
      [("adam", "adam"), ("amsgrad", "amsgrad"), ("amsgrad-corrected", "amsgrad:correction=afterMaximum")].map {
        name, text in
        let base = text.contains(":") ? text + "," : text + ":"
        let settings = decays.flatMap { decay in
          rates.map { "lr=\(rate.isEmpty ? $0 : "\(rate)(\($0))"),beta2=\(decay)" }
        }
        return (name, base + "$", settings)
      }
    }
    let experiments = [
      (
        title: "Logistic regression", model: "logistic", rate: "inversesqrt", rates: ["0.003", "0.01", "0.03", "0.1"],
        epochs: 20
      ),
      (
        title: "One hidden layer of 100 units", model: "mlp:hidden=100", rate: "",
        rates: ["0.0003", "0.001", "0.003", "0.01"],
        epochs: 30
      ),
    ]
    for experiment in experiments {
      let rates = session.isQuick ? [experiment.rates[1]] : experiment.rates
      let name = OptionSpec.name(of: experiment.model)
      let contenders = session.grid(methods(experiment.rate, rates)) {
        session.configuration(
          data: "mnist", model: experiment.model, optimizer: $0, epochs: session.isQuick ? 4 : experiment.epochs,
          batch: 128)
      }
      let all = try session.compare(name, contenders, seeds: session.isQuick ? 1 : 2)
      let results = all.best()
      page.add(heading: experiment.title)
      page.add(results, as: name, "AMSGrad paper, Figure 2: \(experiment.title)")
      page.add("All settings:")
      page.add(ComparisonReport(all).table)
      page.judge(
        "amsgrad", ahead: "adam", in: results, "\(experiment.title): AMSGrad's training loss is at most Adam's")
      page.judge(
        "amsgrad", ahead: "adam", in: results, by: { $0.testLoss },
        "\(experiment.title): AMSGrad's test loss is at most Adam's")
    }
    if !session.isQuick {
      page.add(heading: "What does not agree")
      page.add(
        """
        Regression: with bias correction AMSGrad is not ahead of Adam at any rate. Without, its first steps are longer (√v has not
        grown yet), which helps at rates up to 0.03, and no longer at 0.1, the end of the grid and the best rate of both. Network:
        at the rate 0.003, and at 0.01 with β₂ = 0.99, AMSGrad fits the training set, where Adam does not come to rest; its test
        loss rises with it. By the best test losses of all settings the two are equal within 3 %, in both experiments.
        """)
    }
    return page
  }
}
