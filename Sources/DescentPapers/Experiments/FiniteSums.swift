import DescentLab
import DescentProblems

extension Reproduction {
  /// Gradient descent against stochastic gradient descent by cost.
  static let finiteSums = Reproduction(
    name: "finite-sums",
    title: "A finite sum by the cost of term gradients: gradient descent, SGD, SVRG, SARAH, L-BFGS",
    paper:
      "L. Bottou, F. E. Curtis, J. Nocedal, \"Optimization methods for large-scale machine learning\", SIAM Review 60 (2018), section 3.1; R. Johnson, T. Zhang, \"Accelerating stochastic gradient descent using predictive variance reduction\", NeurIPS 2013",
    data: ["a9a"], duration: "1 min"
  ) { session in
    let hasData = !session.isQuick
    let n = hasData ? 32_561.0 : 500.0
    let base = hasData ? "logisticregression:data=a9a" : "logisticregression:rows=500"
    let passes = session.isQuick ? 30.0 : 20.0
    func run(_ problem: String, _ optimizer: String, steps: Double) throws -> Minimization {
      try session.minimize(problem, optimizer, steps: Int(steps), data: hasData ? "a9a" : nil)
    }
    var page = ReproductionPage()
    page.add(
      """
      Logistic regression with the penalty ½ 10⁻⁴ ‖x‖² on \(hasData ? "a9a (32,561 rows)" : "500 drawn rows"); the cost is counted in
      gradients of single terms, \(Int(passes)) passes over the rows, f* from Newton's method. Step sizes: gradient descent with
      Armijo's line search (its trial values are not counted), SGD with one row a step at a constant rate and at 1/√t, SVRG with \(hasData ? "0.1" : "0.5"), SARAH, which
      is unstable with that, with a fifth of it.
      """)
    let total = passes * n
    let rate = hasData ? 0.1 : 0.5
    // The work of a run is cut into steps that cost alike; values of f are only taken where the figure needs them.
    let runs: [(name: String, path: Minimization, cost: Double)] = [
      ("gradient descent", try run(base, "gradientdescent:lr=4,lineSearch=armijo", steps: passes), n),
      ("sgd constant", try run(base + ",batch=1", "sgd:lr=0.05", steps: total), 1),
      ("sgd 1/√t", try run(base + ",batch=1", "sgd:lr=inversetime(0.5,decay=0.01,power=0.5)", steps: total), 1),
      ("svrg", try run(base, "svrg:lr=\(rate)", steps: total / 2.5), 2.5),
      ("sarah", try run(base, "sarah:lr=\(rate / 5)", steps: total / 2.5), 2.5),
      ("l-bfgs", try run(base, "lbfgs", steps: passes), n),
    ]
    let minimum = runs[0].path.plan.problem.minimum ?? runs.map(\.path.end).min() ?? 0
    func gap(_ name: String, after cost: Double) -> Double {
      guard let run = runs.first(where: { $0.name == name }) else { return .nan }
      return run.path.gaps(to: minimum, cost: run.cost / n).last { $0.x <= cost }?.y ?? .nan
    }
    var table = Table(header: ["method", "f − f* after 1 pass", "after 5", "after \(Int(passes))"])
    for run in runs {
      table.add([run.name] + [1, 5, passes].map { significant(gap(run.name, after: $0), digits: 3) })
    }
    page.add(table)
    var figure = Figure(
      title: "f − f* by cost", xLabel: "passes over the rows", yLabel: "f − f*",
      curves: runs.map { Figure.Curve($0.name, points: $0.path.gaps(to: minimum, cost: $0.cost / n)) })
    figure.isYLogarithmic = true
    page.add(figure, as: "cost", "Logistic regression: f − f* by passes over the rows")
    func judge(_ claim: String, _ a: String, _ b: String, _ cost: Double) {
      page.judge(
        claim, gap(a, after: cost) < gap(b, after: cost),
        "\(a) \(significant(gap(a, after: cost), digits: 3)), \(b) \(significant(gap(b, after: cost), digits: 3))")
    }
    judge("in the first pass SGD is far ahead of gradient descent", "sgd constant", "gradient descent", 1)
    judge(
      "in the end SVRG is ahead of SGD at a constant rate, which stays in a neighbourhood of x*", "svrg",
      "sgd constant", passes)
    judge("SVRG is ahead of gradient descent at the same cost", "svrg", "gradient descent", passes)
    return page
  }
}
