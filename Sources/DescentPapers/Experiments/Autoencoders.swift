import DescentLab

extension Reproduction {
  /// Methods with curvature on a deep autoencoder, at the settings of their authors.
  static let autoencoders = Reproduction(
    name: "autoencoders", title: "A deep autoencoder: methods with curvature against Adam and momentum",
    paper:
      "Y. Ren, D. Goldfarb, \"Tensor normal training for deep learning models\", NeurIPS 2021, and D. Goldfarb, Y. Ren, "
      + "A. Bahamou, \"Practical quasi-Newton methods for training deep neural networks\", NeurIPS 2020, with the numbers that "
      + "their demonstrations print",
    data: ["mnist"], duration: "1 h", longDuration: "8 h"
  ) { session in
    let model = session.isQuick ? "autoencoder:layers=250-30,init=faninuniform" : "autoencoder:init=faninuniform"
    func configuration(_ data: String, _ model: String, _ optimizer: String, _ epochs: Int) -> RunConfiguration {
      session.configuration(data: data, model: model, optimizer: optimizer, epochs: epochs, batch: 1000)
    }
    let epochs = session.scaled(quick: 2, full: 21, long: 201)
    let results = try session.compare(
      "mnist", published.map { Contender($0.name, configuration("mnist", model, $0.optimizer, epochs)) }, seeds: 1)
    let quasiNewton = try session.compare(
      "mnist-penalized",
      penalized.map {
        Contender(
          $0.name,
          configuration("mnist", model, $0.optimizer + ",penalty=1e-5", session.scaled(quick: 2, full: 20, long: 50)))
      }, seeds: 1)
    let curves = try session.compare(
      "curves",
      published.map {
        Contender(
          $0.name,
          configuration(
            session.isQuick ? "curves:train=2000,test=1000" : "curves",
            "autoencoder:layers=400-200-100-50-25-6,init=faninuniform", $0.optimizer,
            session.scaled(quick: 2, full: 30, long: 200)))
      }, seeds: 1)

    var page = ReproductionPage()
    page.add(
      """
      MNIST, \(model), ReLU, a linear code, sigmoid cross-entropy summed over the pixels, batches of 1000, weights at first uniform
      in ±1/√inputs, one seed: as in the authors' demonstrations, at the settings that they found best (MBF's were not published; its rate and damping are ours). They print the loss on all
      training examples at the end of an epoch. The table has the mean over the epoch's batches while they are trained on, which
      is that of half an epoch before (and says little of the first epoch), and the test loss at its end. The authors' Adam is
      not the paper's: its second moment averages the squares of the corrected first moment, not of the gradient, so that its
      steps are longer. Their momentum of Shampoo sums gradients; here it averages them, with ten times the rate.
      """)
    page.add(heading: "MNIST, the settings of TNT's demonstration")
    page.add(table(results, published, isQuick: session.isQuick))
    page.add(results, as: "mnist", "Autoencoder on MNIST", hasErrors: true)
    page.add(heading: "MNIST with the penalty ½ · 1e-5 ‖θ‖², the settings of K-BFGS' demonstration")
    page.add(table(quasiNewton, penalized, isQuick: session.isQuick))
    page.add(heading: "CURVES")
    page.add(
      """
      The set is drawn by this program (`curves`), not the published one: orders count, not numbers. The network is
      784-400-200-100-50-25-6 and back; the settings are those of MNIST.
      """)
    page.add(curves, as: "curves", "Autoencoder on curves", hasErrors: true)
    judge(results, quasiNewton, epochs, &page)
    return page
  }

  private struct Published: Sendable {
    let name, optimizer: String
    /// Training losses by epoch.
    let losses: [(epoch: Int, loss: Double)]
  }

  private static let published: [Published] = [
    Published(
      name: "tnt", optimizer: "tnt:lr=1e-4,damping=0.1",
      losses: [(1, 191.2), (21, 62.6), (51, 56.3), (101, 54.2), (201, 52.9)]),
    Published(
      name: "kfac", optimizer: "kfac:lr=0.003,damping=0.3,split=equal,decay=0.9,klClip=0",
      losses: [(1, 504.4), (21, 66.1), (51, 59.5), (101, 56.9), (201, 55.0)]),
    Published(name: "mbf", optimizer: "mbf:lr=1e-3,damping=0.1", losses: []),
    Published(
      name: "adam", optimizer: "adam:lr=1e-4,epsilon=1e-4",
      losses: [(1, 208.7), (21, 86.1), (51, 67.9), (101, 60.1), (201, 55.6)]),
    // The authors' momentum sums gradients, and a root of a matrix as large as ours costs no more than the product.
    Published(
      name: "shampoo",
      optimizer: "shampoo:lr=0.003,beta1=0.9,beta2=0.9,epsilon=3e-4,preconditionEvery=20,maximumSide=1000",
      losses: [(1, 433.5), (21, 74.0), (51, 59.4), (101, 55.8), (201, 53.9)]),
    Published(
      name: "momentum", optimizer: "momentum:lr=0.003",
      losses: [(1, 197.6), (21, 97.7), (51, 75.2), (101, 66.0), (201, 59.2)]),
  ]

  // The authors average gradients, 0.1 g; here M sums them: a tenth of their rate.
  private static let penalized: [Published] = [
    Published(
      name: "kbfgs", optimizer: "kbfgs:lr=0.3,damping=0.3",
      losses: [(1, 169.0), (5, 68.0), (10, 59.8), (20, 56.3), (50, 53.8)]),
    Published(
      name: "kfac", optimizer: "kfac:lr=0.1,damping=3,split=equal,decay=0.9,klClip=0",
      losses: [(1, 183.2), (5, 74.0), (10, 61.6), (20, 56.7), (50, 53.7)]),
  ]

  /// Published losses belong to the published network: the quick form shows its own alone.
  private static func table(_ results: [ContenderResult], _ published: [Published], isQuick: Bool) -> Table {
    func text(_ loss: Double) -> String { loss.isFinite ? fixed(loss, digits: 1) : "diverged" }
    var table = Table(header: ["method", "options", "epoch", "published", "training loss", "test loss", "s/epoch"])
    for result in results {
      guard let method = published.first(where: { $0.name == result.contender.name }) else { continue }
      let test = Dictionary(
        result.epochs(\.testLoss).map { (Int($0.x), $0.spread.mean) }, uniquingKeysWith: { first, _ in first })
      let last = test.keys.max() ?? 0
      let rows = isQuick ? [] : method.losses.filter { $0.epoch <= last }.map { ($0.epoch, fixed($0.loss, digits: 1)) }
      let seconds = (result.final(\.seconds)?.mean ?? .nan) / Double(max(1, last))
      for (epoch, loss) in rows.isEmpty ? [(last, "–")] : rows {
        table.add([
          method.name, String(method.optimizer.drop { $0 != ":" }.dropFirst()), "\(epoch)", loss,
          text(result.trainLoss(after: epoch)), text(test[epoch] ?? .nan), last == 0 ? "–" : fixed(seconds, digits: 1),
        ])
      }
    }
    return table
  }

  private static func judge(
    _ results: [ContenderResult], _ penalized: [ContenderResult], _ epochs: Int, _ page: inout ReproductionPage
  ) {
    for method in published {
      guard let (epoch, loss) = method.losses.last(where: { $0.epoch <= epochs && $0.epoch > 1 }),
        let result = results.of(method.name)
      else { continue }
      let found = result.trainLoss(after: epoch)
      page.judge(
        "\(method.name): the published training loss after \(epoch) epochs, \(fixed(loss, digits: 1)), within 5 %",
        abs(found - loss) <= 0.05 * loss, fixed(found, digits: 1))
    }
    for method in Self.penalized {
      guard
        let (epoch, loss) = method.losses.last(where: { $0.epoch <= min(epochs, 50) && $0.epoch > 1 }),
        let result = penalized.of(method.name)
      else { continue }
      let found = result.trainLoss(after: epoch)
      page.judge(
        "\(method.name) with the penalty: the published training loss after \(epoch) epochs, \(fixed(loss, digits: 1)), within 5 %",
        abs(found - loss) <= 0.05 * loss, fixed(found, digits: 1))
    }
    for method in ["tnt", "kfac"] {
      for other in ["adam", "momentum"] {
        page.judge(
          method, ahead: other, in: results, slack: 0, "\(method) has a lower training loss than \(other) per epoch")
        page.judge(
          method, ahead: other, in: results, slack: 0, by: { $0.testLoss },
          "\(method) has a lower test loss than \(other)")
      }
    }
  }
}
