import Descent
import DescentCatalogue
import DescentLab

extension Reproduction {
  /// Figure 2 (b) of the Adam paper.
  static let adamAgainstSFO = Reproduction(
    name: "adam-sfo", title: "Adam against SFO on a perceptron with a deterministic cost, by iterations and by seconds",
    paper: "D. P. Kingma, J. Ba, \"Adam: a method for stochastic optimization\", ICLR 2015, section 6.2, Figure 2 (b)",
    data: ["mnist"], duration: "3 min"
  ) { session in
    let hidden = session.isQuick ? "32-32" : "100-100"
    let passes = session.isQuick ? 5 : 20
    let terms = session.isQuick ? 32 : 100
    var page = ReproductionPage()
    page.add(
      """
      784-\(hidden)-10 with ReLU (1000-1000 in the paper: SFO's memory would be gigabytes), the cross-entropy over MNIST with the penalty
      ½ 10⁻⁴ ‖θ‖², cut into \(terms) mini-batches that stay the same; an iteration sees one of them. Adam with the best α of
      0.0003, 0.001, 0.003 and 0.01 by its last cost, SFO with its defaults. The seconds are those of the steps alone, without the evaluations of the whole cost after each pass. "dropout" is the
      same with half of the hidden units dropped at random in each evaluation, no penalty: no function of θ any more, on which an iteration of SFO
      takes many times longer; it is given three passes. What the paper
      measured on its network need not hold on one that is twenty times smaller.
      """)
    var table = Table(header: ["method", "cost after 1 pass", "at the end", "ms an iteration"])
    var (byIteration, bySecond) = ([Figure.Curve](), [Figure.Curve]())
    var results: [String: SumPath] = [:]
    for (name, dropout) in [("adam", false), ("sfo", false), ("adam dropout", true), ("sfo dropout", true)] {
      let path = try session.remembered(name) { () throws -> SumPath in
        let model = "mlp:hidden=\(hidden)" + (dropout ? ",dropout=0.5" : "")
        let plan = try RunPlan(
          session.configuration(data: "mnist", model: model, optimizer: "adam", epochs: 1, batch: 128))
        let sum = NetworkSum(plan, terms: terms, penalty: dropout ? 0 : 1e-4)
        return name.hasPrefix("adam")
          ? try [0.0003, 0.001, 0.003, 0.01].map {
            try follow(MiniBatch(Adam<Double>(learningRate: .constant($0))), on: sum, passes, session, name)
          }.min { ($0.costs.last ?? .infinity) < ($1.costs.last ?? .infinity) } ?? SumPath()
          : try follow(SFO<Double>(subfunctions: .exactly(sum.count)), on: sum, dropout ? 3 : passes, session, name)
      }
      results[name] = path
      let milliseconds = 1000 * (path.seconds.last ?? 0) / Double((path.costs.count - 1) * terms)
      table.add([
        name, significant(path.costs[1], digits: 3), significant(path.costs.last ?? .nan, digits: 3),
        significant(milliseconds, digits: 3),
      ])
      let costs = path.costs.enumerated()
      byIteration.append(Figure.Curve(name, points: costs.map { (Double($0.offset * terms), $0.element) }))
      bySecond.append(Figure.Curve(name, points: costs.map { (path.seconds[$0.offset], $0.element) }))
    }
    page.add(table)
    for (file, label, curves) in [("iterations", "iterations", byIteration), ("seconds", "seconds", bySecond)] {
      var figure = Figure(title: "Cost by \(label)", xLabel: label, yLabel: "cost", curves: curves)
      figure.isYLogarithmic = true
      page.add(figure, as: file, "Adam paper, Figure 2 (b): cost by \(label)")
    }
    judge(results, terms: terms, &page)
    return page
  }

  private static func judge(_ results: [String: SumPath], terms: Int, _ page: inout ReproductionPage) {
    guard let adam = results["adam"], let sfo = results["sfo"], let dropped = results["sfo dropout"],
      let adamDropped = results["adam dropout"]
    else { return }
    func cost(_ path: SumPath, within seconds: Double) -> Double {
      zip(path.seconds, path.costs).filter { $0.0 <= seconds }.last?.1 ?? .infinity
    }
    let (a, s) = (adam.costs.last ?? .nan, sfo.costs.last ?? .nan)
    page.judge(
      "Adam makes faster progress by iterations", a < s,
      "\(significant(a, digits: 3)), SFO \(significant(s, digits: 3)) in the end")
    let seconds = adam.seconds.last ?? 0
    let late = cost(sfo, within: seconds)
    page.judge(
      "Adam makes faster progress by seconds", a < late,
      "after \(significant(seconds, digits: 2)) s: \(significant(a, digits: 3)), SFO \(significant(late, digits: 3))")
    let ratio = (sfo.seconds.last ?? 0) / seconds
    page.judge("an iteration of SFO is 5 to 10 times slower", 5...10 ~= ratio, "\(significant(ratio, digits: 3)) times")
    let last = min(dropped.costs.count, adamDropped.costs.count) - 1
    let (x, y) = (dropped.costs[last], adamDropped.costs[last])
    page.judge(
      "SFO fails on costs with stochastic regularization, Adam does not", !(x < 2 * y),
      "SFO \(significant(x, digits: 3)), Adam \(significant(y, digits: 3)) after \(last) passes")
  }

  /// The whole cost and the seconds of the steps, before the first pass and after each.
  private struct SumPath: Codable {
    var costs: [Double] = []
    var seconds: [Double] = []
  }

  private static func follow<Method: SumMethod<Double>>(
    _ method: Method, on sum: NetworkSum, _ passes: Int, _ session: ReproductionSession, _ name: String
  ) throws -> SumPath {
    var path = SumPath()
    var seconds = 0.0
    let clock = ContinuousClock()
    var start = clock.now
    var failure: (any Error)?
    _ = try minimize(sum, from: sum.start(seed: 1), using: method, steps: passes * sum.count, seed: 1) { step in
      seconds += (clock.now - start) / .seconds(1)
      defer { start = clock.now }
      do { try session.advance(name, step.step, of: passes * sum.count) } catch {
        failure = error
        return .stop
      }
      if step.step % sum.count == 0, path.costs.count <= step.step / sum.count {
        path.costs.append(try step.value())
        path.seconds.append(seconds)
      }
      return .proceed
    }
    if let failure { throw failure }
    return path
  }
}
