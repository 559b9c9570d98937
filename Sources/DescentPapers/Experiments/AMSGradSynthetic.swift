import DescentLab
import DescentProblems

extension Reproduction {
  /// Figure 1 of the AMSGrad paper, and the example of its theorem 1.
  static let amsGradSynthetic = Reproduction(
    name: "amsgrad-synthetic", title: "Adam goes to the worst point of a linear problem, AMSGrad to the best",
    paper:
      "S. J. Reddi, S. Kale, S. Kumar, \"On the convergence of Adam and beyond\", ICLR 2018, Theorem 1 and Figure 1",
    data: [], duration: "30 s"
  ) { session in
    let steps = session.isQuick ? 500_000 : 5_000_000
    var page = ReproductionPage()
    page.add(
      """
      x in [−1, 1], x₁ = 0, β₁ = 0.9, β₂ = 0.99, steps α/√t, \(steps.grouped) steps. The paper does not state α: 0.5 here, with
      neighbours in the table. The online problem is fₜ(x) = 1010 x if t mod 101 = 1, else −10 x; the stochastic one 1010 x
      with probability 0.01, else −10 x. The best point of both is −1.
      """)
    try figures(session, steps, &page)
    try theorem(&page)
    return page
  }

  private static func figures(_ session: ReproductionSession, _ steps: Int, _ page: inout ReproductionPage) throws {
    let marks = spacedSteps(to: steps)
    let (rates, methods) = (["0.05", "0.5", "5"], ["adam", "amsgrad"])
    var table = Table(header: [
      "α", "method", "online: mean x of the last period", "Rₜ/t", "stochastic: mean x of the last 1 %",
    ])
    for rate in rates {
      var (places, regrets, randomPlaces) = ([Figure.Curve](), [Figure.Curve](), [Figure.Curve]())
      // Of the average regret what is left after ten times the steps.
      var ends: [String: (online: Double, kept: Double, stochastic: Double)] = [:]
      for (i, method) in methods.enumerated() {
        try session.advance(method, i, of: methods.count)
        let problems = ProblemsSideBySide([
          ReddiOnline(period: 101, c: 1010, d: 10), ReddiStochastic(probability: 0.01, c: 1010, d: 10),
        ])
        var regret = 0.0
        var (period, tail) = ((sum: 0.0, count: 0), (sum: 0.0, count: 0))
        var points: [(x: Double, y: Double)] = []
        var random: [(x: Double, y: Double)] = []
        var mean: [(x: Double, y: Double)] = []
        try problems.follow("\(method):lr=inversesqrt(\(rate)),beta1=0.9,beta2=0.99", steps: steps) { t, x, g in
          if t > steps - 101 { period = (period.sum + x[0], period.count + 1) }
          if t > steps - steps / 100 { tail = (tail.sum + x[1], tail.count + 1) }
          // Against the best fixed point, −1.
          regret += g[0] * (x[0] + 1)
          if marks.contains(t) {
            points.append((Double(t), x[0]))
            random.append((Double(t), x[1]))
            mean.append((Double(t), regret / Double(t)))
          }
        }
        let end = (period.sum / Double(period.count), regret / Double(steps), tail.sum / Double(tail.count))
        let earlier = mean.last { $0.x <= Double(steps) / 10 }?.y ?? .nan
        ends[method] = (end.0, end.1 / earlier, end.2)
        table.add([
          rate, method, significant(end.0, digits: 4), significant(end.1, digits: 4), significant(end.2, digits: 4),
        ])
        places.append(Figure.Curve(method, points: points))
        randomPlaces.append(Figure.Curve(method, points: random))
        regrets.append(Figure.Curve(method, points: mean))
      }
      guard rate == "0.5" else { continue }
      add(places, regrets, randomPlaces, to: &page)
      if let adam = ends["adam"], let amsgrad = ends["amsgrad"] {
        let values = { (a: Double, b: Double) in
          "Adam \(significant(a, digits: 3)), AMSGrad \(significant(b, digits: 3))"
        }
        page.judge(
          "online: Adam's x goes to +1, AMSGrad's to −1", adam.online > 0.9 && amsgrad.online < -0.9,
          values(adam.online, amsgrad.online))
        page.judge(
          "online: Rₜ/t of Adam does not go to 0, AMSGrad's does", adam.kept > 0.8 && amsgrad.kept < 0.6,
          "over the last factor of ten in t it falls to \(significant(adam.kept, digits: 3)) of itself for Adam, to "
            + "\(significant(amsgrad.kept, digits: 3)) for AMSGrad")
        page.judge(
          "stochastic: Adam's x goes to +1, AMSGrad's to −1", adam.stochastic > 0.9 && amsgrad.stochastic < -0.9,
          values(adam.stochastic, amsgrad.stochastic))
      }
    }
    page.add(table)
  }

  private static func add(
    _ places: [Figure.Curve], _ regrets: [Figure.Curve], _ random: [Figure.Curve], to page: inout ReproductionPage
  ) {
    for (name, title, label, curves) in [
      ("online", "Online problem: xₜ", "x", places), ("regret", "Online problem: average regret", "Rₜ/t", regrets),
      ("stochastic", "Stochastic problem: xₜ", "x", random),
    ] {
      var figure = Figure(title: title, xLabel: "t", yLabel: label, curves: curves)
      figure.isXLogarithmic = true
      page.add(figure, as: name, title)
    }
  }

  /// C x, −x, −x, …, with β₁ = 0 and β₂ = 1/(1 + C²).
  private static func theorem(_ page: inout ReproductionPage) throws {
    func end(_ method: String) throws -> Double {
      try ProblemsSideBySide([ReddiOnline(period: 3, c: 3, d: 1)])
        .follow("\(method):lr=inversesqrt(0.5),beta1=0,beta2=0.1", steps: 30_000)[0]
    }
    let (adam, amsgrad) = (try end("adam"), try end("amsgrad"))
    page.judge(
      "Theorem 1, C = 3, β₁ = 0, β₂ = 1/(1 + C²): Adam ends at +1, AMSGrad at −1",
      adam > 0.98 && amsgrad < -0.98,
      "Adam \(significant(adam, digits: 3)), AMSGrad \(significant(amsgrad, digits: 3)) after 30,000 steps")
  }
}
