import DescentLab
import DescentProblems
import Foundation

extension Reproduction {
  /// The regions of convergence in the ACProp paper's section 3.
  static let acpropRegions = Reproduction(
    name: "acprop-regions", title: "For which β₁ and β₂ methods converge on two online problems",
    paper:
      "J. Zhuang, Y. Ding, T. Tang, N. Dvornek, S. Tatikonda, J. Duncan, \"Momentum centering and asynchronous update for adaptive gradient methods\", NeurIPS 2021, section 3",
    data: [], duration: "1 min"
  ) { session in
    let β1s = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99].filter { !session.isQuick || $0 != 0.95 }
    let count = session.isQuick ? 8 : 24
    // 1 − β₂ in a geometric progression from 0.9 to 0.0009.
    let β2s = (0..<count).map { i in 1 - pow(10, -0.05 - 3 * Double(i) / Double(count - 1)) }
    let steps = session.isQuick ? 10_000 : 40_000
    let texts = [
      ("adam", "adam:"), ("adabelief", "adabelief:epsilonState=0,"), ("adashift", "adashift:keep=1,spatial=identity,"),
      ("acprop", "acprop:"),
    ]
    let methods = texts.map { $0.0 }
    let periods = [5, 10, 20]
    var page = ReproductionPage()
    page.add(
      """
      Problem (1): fₜ(x) = P x if t mod P = 1, else −x, on [−1, 1], best point −1. Problem (2): ½ P x if t mod P = 1, −x if
      t mod P = P − 2, else 0, on [0, 1], best point 0. Slopes do not depend on x, so x goes to the end it drifts to: a pair
      (β₁, β₂) counts as converged if, with a constant step size and no bounds, x falls over the last 20 periods of
      \(steps.grouped) steps; the paper's criterion is not stated. AdaShift delays by one step and takes every coordinate for itself
      (keep = 1, spatial = identity), as the paper analyses it; with one gradient kept its mean has no β₁. β₂ is spaced geometrically towards 1.
      """)
    var converged: [String: [[[Bool]]]] = [:]
    for (i, method) in methods.enumerated() {
      // By problem and period, then β₁ × β₂.
      var grids = [[[Bool]]](repeating: [], count: 2 * periods.count)
      for (j, β1) in β1s.enumerated() {
        try session.advance(method, i * β1s.count + j, of: methods.count * β1s.count)
        var rows = [[Bool]](repeating: [], count: grids.count)
        for β2 in β2s {
          let options = "lr=0.001,beta1=\(β1),beta2=\(β2)"
          let results = try Self.converges("\(texts[i].1)\(options)", periods, steps)
          for k in grids.indices { rows[k].append(results[k]) }
        }
        for k in grids.indices { grids[k].append(rows[k]) }
      }
      converged[method] = grids
    }
    for problem in 1...2 {
      var table = Table(header: ["P"] + methods.map { "\($0): share of the plane" })
      for (k, period) in periods.enumerated() {
        let index = (problem - 1) * periods.count + k
        let panels = methods.map { RegionFigure.Panel(name: $0, holds: converged[$0]?[index] ?? []) }
        table.add(["\(period)"] + panels.map { significant(100 * Self.share($0.holds), digits: 3) + " %" })
        if period == 10 {
          page.add(
            RegionFigure(
              title: "Problem (\(problem)), P = 10: dark where x converges", xLabel: "β₂", yLabel: "β₁",
              x: β2s.map { significant($0, digits: 3) }, y: β1s.map { significant($0, digits: 2) }, panels: panels),
            as: "problem\(problem)", "Problem (\(problem)), P = 10: region of convergence")
        }
      }
      page.add(heading: "Problem (\(problem))")
      page.add(table)
    }
    judge(converged, periods.count, &page)
    return page
  }

  /// Whether it converges on problem (1) for each period, then on problem (2) for each.
  private static func converges(_ optimizer: String, _ periods: [Int], _ steps: Int) throws -> [Bool] {
    let problems: [any Problem] =
      periods.map { ReddiOnline(period: $0, c: Double($0), d: 1) } + periods.map { SparseOnline(period: $0) }
    var earlier = problems.map { _ in 0.0 }
    let last = try ProblemsSideBySide(problems, start: earlier, isBounded: false).follow(optimizer, steps: steps) {
      t, x, _ in
      for k in x.indices where t == steps + 1 - 20 * periods[k % periods.count] { earlier[k] = x[k] }
    }
    return zip(last, earlier).map { $0 < $1 }
  }

  private static func share(_ holds: [[Bool]]) -> Double {
    let all = holds.joined()
    return Double(all.filter { $0 }.count) / Double(max(1, all.count))
  }

  private static func judge(_ converged: [String: [[[Bool]]]], _ count: Int, _ page: inout ReproductionPage) {
    func shares(_ method: String, _ problem: Int) -> [Double] {
      (converged[method] ?? []).dropFirst((problem - 1) * count).prefix(count).map { share($0) }
    }
    func text(_ values: [Double]) -> String {
      values.map { significant(100 * $0, digits: 3) + " %" }.joined(separator: ", ")
    }
    for method in ["adam", "adabelief"] {
      page.judge(
        "problem (1): \(method) can diverge", shares(method, 1).contains { $0 < 1 }, text(shares(method, 1)))
    }
    for method in ["adashift", "acprop"] {
      page.judge(
        "problem (1): \(method) converges for all β₁, β₂", shares(method, 1).allSatisfy { $0 == 1 },
        text(shares(method, 1)))
    }
    page.judge(
      "problem (2): ACProp's region is larger than AdaShift's",
      zip(shares("acprop", 2), shares("adashift", 2)).allSatisfy { $0 >= $1 },
      "ACProp \(text(shares("acprop", 2))); AdaShift \(text(shares("adashift", 2)))")
  }
}
