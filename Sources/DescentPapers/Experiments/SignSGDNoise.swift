import DescentLab

extension Reproduction {
  /// Figure A.1 of the signSGD paper.
  static let signSGDNoise = Reproduction(
    name: "signsgd-noise", title: "signSGD against SGD where the noise is on one coordinate",
    paper:
      "J. Bernstein, Y.-X. Wang, K. Azizzadenesheli, A. Anandkumar, \"signSGD: compressed optimisation for non-convex problems\", ICML 2018, Figure A.1",
    data: [], duration: "10 s"
  ) { session in
    let steps = session.isQuick ? 2000 : 10_000
    let repeats = session.isQuick ? 3 : 10
    let methods = [
      ("sgd 0.001", "sgd:lr=0.001"), ("signsgd 0.01", "signsgd:lr=0.01"),
      ("sgd 0.01/√t", "sgd:lr=inversesqrt(0.01)"), ("signsgd 0.1/√t", "signsgd:lr=inversesqrt(0.1)"),
    ]
    var page = ReproductionPage()
    page.add(
      """
      f(x) = ½ ‖x‖² in 100 variables from x₁ of N(0, 1), noise N(0, 100²) on the first element of the gradient alone;
      \(repeats) repetitions of \(steps.grouped) steps; rates as in the authors' code. Curves are means, bands reach from the
      smallest to the largest.
      """)
    var table = Table(header: ["method", "f at the end", "smallest", "largest", "steps to f ≤ 5"])
    var curves: [Figure.Curve] = []
    var ends: [Spread] = []
    for (i, (name, optimizer)) in methods.enumerated() {
      var paths: [Minimization] = []
      for seed in 1...UInt64(repeats) {
        try session.advance(name, i * repeats + Int(seed) - 1, of: methods.count * repeats)
        paths.append(try session.minimize("sparsenoise:seed=\(seed)", optimizer, steps: steps, seed: seed))
      }
      var curve = Figure.Curve(name, points: [])
      for k in paths[0].points.indices {
        guard let spread = Spread(paths.map { $0.points[k].value }) else { continue }
        let x = Double(paths[0].points[k].step)
        curve.points.append((x, spread.mean))
        curve.band.append((x, spread.low, spread.high))
      }
      curves.append(curve)
      guard let end = Spread(paths.map(\.end)) else { continue }
      ends.append(end)
      let reached = curve.points.first { $0.y <= 5 }?.x
      table.add([
        name, significant(end.mean, digits: 4), significant(end.low, digits: 4), significant(end.high, digits: 4),
        reached.map { Int($0).grouped } ?? "–",
      ])
    }
    page.add(table)
    var figure = Figure(title: "Sparse noise: f by step", xLabel: "step", yLabel: "f", curves: curves)
    figure.isYLogarithmic = true
    page.add(figure, as: "noise", "signSGD paper, Figure A.1: ½ ‖x‖² with noise on one of 100 coordinates")
    for (a, b) in [(1, 0), (3, 2)] {
      page.judge(
        "\(methods[a].0) is far below \(methods[b].0)", ends[a].mean < 0.5 * ends[b].mean,
        "\(significant(ends[a].mean, digits: 3)), \(significant(ends[b].mean, digits: 3)) after \(steps.grouped) steps")
    }
    return page
  }
}
