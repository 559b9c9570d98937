extension Reproduction {
  /// Figure 3 of the Adam paper.
  static let adamConvolutional = Reproduction(
    name: "adam-cifar10", title: "A convolutional network c64-c64-c128-1000 on whitened CIFAR-10, three epochs",
    paper: "D. P. Kingma, J. Ba, \"Adam: a method for stochastic optimization\", ICLR 2015, section 6.3, Figure 3",
    data: ["cifar10"], duration: "60 min"
  ) { session in
    let epochs = session.isQuick ? 1 : 3
    let model = session.isQuick ? "smallcnn" : "cnn"
    let methods = [
      ("adagrad", "adagrad:lr=0.01"), ("nesterov", "nesterov:lr=0.01"), ("adam", "adam:lr=0.001"),
    ]
    var contenders: [Contender] = []
    for dropout in [false, true] {
      for (name, optimizer) in methods {
        contenders.append(
          Contender(
            dropout ? "\(name)+dropout" : name,
            session.configuration(
              data: "cifar10:whiten=0.1", model: dropout ? "\(model):dropout=0.5" : model, optimizer: optimizer,
              epochs: epochs, batch: 128)))
      }
    }
    let results = try session.compare("curves", contenders, seeds: 1)
    var page = ReproductionPage()
    page.add(
      """
      Three stages of a 5×5 convolution with ReLU and a 3×3 maximum with stride 2, then 1000 ReLU units; batches of 128; \(epochs)
      epoch\(epochs == 1 ? "" : "s"): the left part of the figure. Images are normalized to mean 0 and deviation 1 and whitened (ZCA, ε = 0.1);
      dropout is of half of the inputs and of the 1000 units. The paper states neither the kind of whitening, nor the rates, nor the rate of
      dropout: α is 0.01 for AdaGrad, 0.01 for Nesterov's momentum (0.9) and 0.001 for Adam here. The losses are those of
      training, of single batches, averaged.
      """)
    page.add(
      results, as: "curves", "Adam paper, Figure 3: c64-c64-c128-1000 on CIFAR-10, first epochs", hasErrors: true)
    for other in ["nesterov", "nesterov+dropout"] {
      let suffix = other.hasSuffix("dropout") ? "+dropout" : ""
      page.judge(
        "adam\(suffix)", ahead: other, in: results,
        "In the first epochs Adam is ahead of Nesterov's momentum\(suffix.isEmpty ? "" : ", with dropout")")
      page.judge(
        "adagrad\(suffix)", ahead: other, in: results,
        "In the first epochs AdaGrad is ahead of Nesterov's momentum\(suffix.isEmpty ? "" : ", with dropout")")
    }
    return page
  }
}
