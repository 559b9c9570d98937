import DescentLab

extension Reproduction {
  /// The three functions of the diffGrad and AdaInject papers.
  static let diffGradFunctions = Reproduction(
    name: "diffgrad-functions", title: "diffGrad and AdaInject on three functions of one variable",
    paper:
      "S. R. Dubey et al., \"diffGrad\", IEEE TNNLS 31 (2020); S. R. Dubey, S. Basha, S. Singh, B. B. Chaudhuri, \"AdaInject: injection based adaptive gradient descent optimizers for convolutional neural networks\", IEEE TAI (2022)",
    data: [], duration: "5 s"
  ) { session in
    let methods = ["adam", "diffgrad", "adaminject", "diffgradinject"]
    var page = ReproductionPage()
    page.add(
      """
      From x = −1, 300 steps, α = 0.1, β₁ = 0.95, β₂ = 0.999, as in the authors' notebook, but with the derivative of F₂, which
      is wrong there (x cos 8x in place of 8x cos 8x), so the curves of F₂ cannot be those of the papers.
      """)
    var table = Table(
      header: ["function", "global minimum at"] + methods.map { "\($0): last x" } + methods.map { "\($0): last f" })
    var last: [String: [(x: Double, f: Double)]] = [:]
    for function in 1...3 {
      var curves: [Figure.Curve] = []
      var (ends, values) = ([String](), [String]())
      for method in methods {
        let path = try session.minimize(
          "diffgradfunction:function=\(function)", "\(method):lr=0.1,beta1=0.95,beta2=0.999", steps: 300)
        curves.append(Figure.Curve(method, points: path.gaps(to: 0)))
        ends.append(path.points.last.map { significant($0.x[0], digits: 4) } ?? "–")
        values.append(significant(path.end, digits: 3))
        last[method, default: []].append((path.points.last?.x[0] ?? .nan, path.end))
      }
      table.add(["F\(function)", ["-0.3", "-0.643", "0"][function - 1]] + ends + values)
      page.add(
        Figure(title: "F\(function): f by step", xLabel: "step", yLabel: "f", curves: curves), as: "f\(function)",
        "F\(function) by step")
    }
    page.add(table)
    page.add(
      "On F₂ what is injected carries AdaInject and diffGradInject over the global minimum into the local one at 0.588."
    )
    func end(_ method: String, _ function: Int) -> (x: Double, f: Double) {
      last[method]?[function - 1] ?? (.nan, .nan)
    }
    func text(_ methods: [String], _ function: Int) -> String {
      methods.map { "\($0) \(significant(end($0, function).x, digits: 3))" }.joined(separator: ", ")
    }
    page.judge(
      "F₁: Adam runs over the global minimum into the local one, diffGrad does not",
      end("adam", 1).x > 0.1 && abs(end("diffgrad", 1).x + 0.3) < 0.01, "x = " + text(["adam", "diffgrad"], 1))
    page.judge(
      "F₁: AdamInject and diffGradInject reach the global minimum",
      ["adaminject", "diffgradinject"].allSatisfy { abs(end($0, 1).x + 0.3) < 0.01 },
      "x = " + text(["adaminject", "diffgradinject"], 1))
    for (better, worse) in [("diffgrad", "adam"), ("adaminject", "adam"), ("diffgradinject", "diffgrad")] {
      let values = (2...3).map { (end(better, $0).f, end(worse, $0).f) }
      page.judge(
        "F₂, F₃: \(better) ends no higher than \(worse) (within 0.01)", values.allSatisfy { $0.0 <= $0.1 + 0.01 },
        values.map { "\(significant($0.0, digits: 3)) against \(significant($0.1, digits: 3))" }.joined(separator: ", ")
      )
    }
    return page
  }
}
