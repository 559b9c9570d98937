import DescentLab

extension Reproduction {
  /// Figure 3 of the Adam paper.
  static let adamConvolutional = Reproduction(
    name: "adam-cifar10", title: "A convolutional network c64-c64-c128-1000 on whitened CIFAR-10",
    paper: "D. P. Kingma, J. Ba, \"Adam: a method for stochastic optimization\", ICLR 2015, section 6.3, Figure 3",
    data: ["cifar10"], duration: "30 min", longDuration: "5 h"
  ) { session in
    let model = session.isQuick ? "smallcnn" : "cnn"
    func configuration(_ optimizer: String, _ epochs: Int, dropout: Bool = false) -> RunConfiguration {
      session.configuration(
        data: "cifar10:whiten=0.1", model: dropout ? "\(model):dropout=0.5" : model, optimizer: optimizer,
        epochs: epochs, batch: 128)
    }
    let gridEpochs = session.scaled(quick: 1, full: 1, long: 3)
    let settings = session.grid([
      ("adagrad", "adagrad:lr=$", session.scaled(quick: ["0.01"], full: ["0.001", "0.003", "0.01"])),
      ("nesterov", "nesterov:lr=$", session.scaled(quick: ["0.01"], full: ["0.001", "0.003", "0.01"])),
      ("adam", "adam:lr=$", session.scaled(quick: ["0.001"], full: ["0.0001", "0.0003", "0.001"])),
    ]) { configuration($0, gridEpochs) }
    let grid = session.isQuick ? nil : try session.compare("grid", settings, seeds: 1)
    let best = grid?.best().map(\.contender) ?? settings
    let epochs = session.scaled(quick: 1, full: 3, long: 45)
    let results = try session.compare(
      "curves",
      [false, true].flatMap { dropout in
        best.map {
          Contender(
            dropout ? "\($0.method)+dropout" : "\($0.method)",
            configuration($0.configuration.optimizer, epochs, dropout: dropout))
        }
      }, seeds: 1)
    let rates =
      grid == nil
      ? "Rates are common ones."
      : "Rates are those with the lowest training loss, without dropout, after \(counted(gridEpochs, "epoch")) of the grid below."
    var page = ReproductionPage()
    page.add(
      """
      Three stages of a 5×5 convolution with ReLU and a 3×3 maximum with stride 2, then 1000 ReLU units; batches of 128; \
      \(counted(epochs, "epoch")) of the 45 in the figure, one seed. Images are normalized to mean 0 and deviation 1
      and whitened (ZCA, ε = 0.1); dropout is of half of the inputs and of the 1000 units. The paper states neither the kind
      of whitening, nor the rates, nor the rate of dropout. \(rates) The losses are those of training, of single
      batches, averaged.
      """)
    if let grid {
      page.add(heading: "Rates")
      page.add(ComparisonReport(grid).table)
      page.add(heading: "Curves")
    }
    page.add(results, as: "curves", "Adam paper, Figure 3: c64-c64-c128-1000 on CIFAR-10", hasErrors: true)
    if session.scale == .full {
      page.add(
        """
        AdaGrad is not ahead of Nesterov's momentum here. Its first step changes every weight by α; at rates above 0.001 the loss
        then stands higher than at the start, and steps that have become short bring it down. The best rates of both are at the
        lower end of the grid. The paper does not say from what AdaGrad's sum of squares begins (0 here).
        """)
    }
    let first = min(3, epochs)
    for suffix in ["", "+dropout"] {
      let circumstance = suffix.isEmpty ? "" : ", with dropout"
      for method in ["adam", "adagrad"] {
        page.judge(
          "\(method)\(suffix)", ahead: "nesterov\(suffix)", in: results, by: { $0.trainLoss(after: first) },
          "In the first epochs \(method) is ahead of Nesterov's momentum\(circumstance)")
      }
      if session.scale == .long {
        page.judge(
          "adam\(suffix)", ahead: "nesterov\(suffix)", in: results,
          "After \(epochs) epochs Adam is ahead of Nesterov's momentum, if little\(circumstance)")
        page.judge(
          "nesterov\(suffix)", ahead: "adagrad\(suffix)", in: results,
          "After \(epochs) epochs AdaGrad is far behind\(circumstance)")
      }
    }
    return page
  }
}
