import DescentLab

extension Reproduction {
  /// Mini-block Fisher and others on a convolutional network.
  static let mbfConvolutions = Reproduction(
    name: "mbf-convolutions", title: "Mini-block Fisher, K-FAC, TNT and Shampoo on a small convolutional network",
    paper:
      "A. Bahamou, D. Goldfarb, Y. Ren, \"A mini-block Fisher method for deep neural networks\", AISTATS 2023 "
      + "(residual networks and VGG there)",
    data: ["cifar10"], duration: "45 min"
  ) { session in
    let epochs = session.scaled(quick: 1, full: 10, long: 40)
    func configuration(_ optimizer: String, _ epochs: Int) -> RunConfiguration {
      session.configuration(data: "cifar10", model: "smallcnn", optimizer: optimizer, epochs: epochs, batch: 128)
    }
    let intervals = "statisticsInterval=10,inverseInterval=100"
    let settings = session.grid(
      [
        (
          "mbf", "mbf:\(intervals),lr=$",
          ["0.001,damping=0.1", "0.001,damping=0.01", "0.003,damping=0.1", "0.0003,damping=0.01"]
        ),
        (
          "kfac", "kfac:\(intervals),lr=$",
          ["0.003,damping=0.1", "0.01,damping=0.1", "0.01,damping=0.3", "0.03,damping=0.3"]
        ),
        (
          "tnt", "tnt:\(intervals),lr=$",
          ["0.0001,damping=0.1", "0.001,damping=0.1", "0.001,damping=0.01", "0.0003,damping=0.01"]
        ),
        ("shampoo", "blockshampoo:lr=$", ["0.0003", "0.001", "0.003"]),
        ("adam", "adam:lr=$", ["0.0003", "0.001", "0.003"]),
        ("momentum", "momentum:lr=$", ["0.003", "0.01", "0.03"]),
      ].map { (name: $0.0, optimizer: $0.1, settings: session.isQuick ? [$0.2[0]] : $0.2) }
    ) { configuration($0, 1) }
    let grid = try session.compare("grid", settings, seeds: 1)
    let best = grid.best()
    let results =
      session.isQuick
      ? best
      : try session.compare(
        "curves",
        best.map { Contender(String($0.method), configuration($0.contender.configuration.optimizer, epochs)) },
        seeds: 1)
    var page = ReproductionPage()
    page.add(
      """
      `smallcnn` (c16-c32-128) on CIFAR-10, batches of 128, constant rates, \(counted(epochs, "epoch")), one seed; statistics every 10
      steps and inverses every 100, as in the authors' code (Shampoo: roots every 100). Of each method the setting with the
      lowest training loss after one epoch goes on. The paper trains a residual network of 32 layers for 150 epochs with rates that
      fall: what can be held against it is the order.
      """)
    if !session.isQuick {
      page.add(heading: "Settings, after one epoch")
      page.add(ComparisonReport(grid).table)
      page.add(heading: "Curves")
    }
    page.add(results, as: "curves", "A small convolutional network on CIFAR-10", hasErrors: true)
    func seconds(_ name: String) -> Double {
      (results.of(name)?.final(\.seconds)?.mean ?? .nan) / Double(session.isQuick ? 1 : epochs)
    }
    var times = Table(header: ["method", "s/epoch", "÷ adam"])
    for result in results {
      let name = String(result.method)
      times.add([name, fixed(seconds(name), digits: 1), fixed(seconds(name) / seconds("adam"), digits: 2)])
    }
    page.add(heading: "Time")
    page.add(times)
    page.judge(
      "an epoch of MBF takes less time than one of K-FAC or Shampoo",
      seconds("mbf") < seconds("kfac") && seconds("mbf") < seconds("shampoo"),
      ["mbf", "kfac", "shampoo"].map { "\($0) \(fixed(seconds($0), digits: 1)) s" }.joined(separator: ", "))
    for other in ["adam", "momentum"] {
      page.judge("mbf", ahead: other, in: results, "MBF has a lower training loss than \(other) after as many epochs")
    }
    page.judge(
      "mbf", ahead: "momentum", in: results, by: { 1 - ($0.final(\.testAccuracy)?.mean ?? 0) },
      "MBF's test error is not above momentum's")
    page.judge(
      "mbf", ahead: "kfac", in: results, slack: 0.05, by: { 1 - ($0.final(\.testAccuracy)?.mean ?? 0) },
      "MBF's test error is comparable to K-FAC's")
    return page
  }
}
