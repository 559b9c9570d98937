import DescentLab

extension Reproduction {
  /// Figure 4 of the Adam paper.
  static let adamAutoencoder = Reproduction(
    name: "adam-autoencoder", title: "Bias correction: a variational autoencoder over β₁, β₂ and α",
    paper: "D. P. Kingma, J. Ba, \"Adam: a method for stochastic optimization\", ICLR 2015, section 6.4, Figure 4",
    data: ["mnist"], duration: "30 min", longDuration: "5 h"
  ) { session in
    let β1s = ["0", "0.9"]
    let β2s = session.isQuick ? ["0.99", "0.9999"] : ["0.99", "0.999", "0.9999"]
    let rates = session.isQuick ? ["0.001", "0.01"] : ["0.00001", "0.0001", "0.001", "0.01", "0.1"]
    let corrections = ["true", "false"]
    let model = session.isQuick ? "vae:hidden=100,latent=10,init=0.01" : "vae:init=0.01"
    let epochs = session.scaled(quick: 1, full: 10, long: 100)
    var contenders: [Contender] = []
    for β1 in β1s {
      for β2 in β2s {
        for rate in rates {
          for correction in corrections {
            contenders.append(
              Contender(
                "\(β1) \(β2) \(rate) \(correction)",
                session.configuration(
                  data: "mnist", model: model,
                  optimizer: "adam:lr=\(rate),beta1=\(β1),beta2=\(β2),biasCorrection=\(correction)", epochs: epochs,
                  batch: 128)))
          }
        }
      }
    }
    let results = try session.compare("grid", contenders, seeds: 1)
    let losses = Dictionary(uniqueKeysWithValues: results.map { ($0.name, $0.trainLoss) })
    func loss(_ β1: String, _ β2: String, _ rate: String, _ correction: String) -> Double {
      losses["\(β1) \(β2) \(rate) \(correction)"] ?? .infinity
    }
    var page = ReproductionPage()
    page.add(
      """
      One hidden layer of 500 softplus units in encoder and decoder, 50 latent variables; batches of 128; the loss is minus the
      bound, per image, of the last of \(counted(epochs, "epoch")). First weights normal with deviation 0.01 (Kingma and Welling 2014);
      the batch size is not stated in section 6.4. Without bias correction and with β₁ = 0 the method is RMSProp; inf is a run that
      diverged.
      """)
    for β1 in β1s {
      page.add(heading: "β₁ = \(β1)")
      var table = Table(header: ["α"] + β2s.flatMap { ["β₂ \($0), corrected", "β₂ \($0), not"] })
      for rate in rates {
        table.add(
          [rate] + β2s.flatMap { β2 in corrections.map { fixed(loss(β1, β2, rate, $0), digits: 2) } })
      }
      page.add(table)
      var figure = Figure(
        title: "β1 = \(β1), after \(counted(epochs, "epoch"))", xLabel: "α", yLabel: "loss",
        curves: β2s.flatMap { β2 in
          corrections.map { correction in
            Figure.Curve(
              "β2 = \(β2), \(correction == "true" ? "corrected" : "not corrected")",
              points: rates.map { (Double($0) ?? 0, loss(β1, β2, $0, correction)) })
          }
        })
      figure.isXLogarithmic = true
      figure.yRange = 80...300
      page.add(figure, as: "beta1-\(β1)", "Adam paper, Figure 4: loss by step size, β₁ = \(β1)")
    }
    if session.scale == .full {
      page.add(
        """
        Where α is too small for so few epochs, the method without correction is ahead: its mean square begins too small, so its
        first steps are too long, which a small α forgives and a large one does not.
        """)
    }
    judge(β1s, β2s, rates, loss, &page)
    return page
  }

  private static func judge(
    _ β1s: [String], _ β2s: [String], _ rates: [String], _ loss: (String, String, String, String) -> Double,
    _ page: inout ReproductionPage
  ) {
    func best(_ correction: String, _ β1: String, _ β2: String) -> Double {
      rates.map { loss(β1, β2, $0, correction) }.filter(\.isFinite).min() ?? .infinity
    }
    for β1 in β1s {
      let corrected = β2s.map { best("true", β1, $0) }.min() ?? .infinity
      let plain = β2s.map { best("false", β1, $0) }.min() ?? .infinity
      page.judge(
        "β₁ = \(β1): the best loss with correction is no worse than without (within 0.1 %)", corrected <= plain * 1.001,
        "\(fixed(corrected, digits: 2)), \(fixed(plain, digits: 2))")
    }
    let last = β2s.last ?? ""
    for rate in ["0.001", "0.01"] {
      let values = (loss("0.9", last, rate, "true"), loss("0.9", last, rate, "false"))
      page.judge(
        "β₂ = \(last), α = \(rate): without correction the start is unstable and the loss higher",
        values.0.isFinite && !(values.1 <= values.0),
        "\(fixed(values.0, digits: 2)), \(fixed(values.1, digits: 2)) without")
    }
    let settings = β1s.flatMap { β1 in β2s.flatMap { β2 in rates.map { (β1, β2, $0) } } }
    let worse = settings.filter { loss($0.0, $0.1, $0.2, "true") > 1.005 * loss($0.0, $0.1, $0.2, "false") }
    page.judge(
      "with correction equal or better, whatever the setting (within 0.5 %)", worse.isEmpty,
      "worse in \(worse.count) of \(settings.count): "
        + (rates.compactMap { rate in
          let count = worse.count { $0.2 == rate }
          return count == 0 ? nil : "\(count) at α = \(rate)"
        }.joined(separator: ", ")))
  }
}
