import Descent
import DescentLab
import DescentProblems

extension Reproduction {
  /// The counter-example of "A sufficient condition for convergences of Adam and RMSProp".
  static let genericAdam = Reproduction(
    name: "generic-adam", title: "Second-moment decays 1 − (0.01 + 0.99 r)/tʳ on the stochastic counter-example",
    paper:
      "F. Zou, L. Shen, Z. Jie, W. Zhang, W. Liu, \"A sufficient condition for convergences of Adam and RMSProp\", CVPR 2019, section 5.1",
    data: [], duration: "2 min"
  ) { session in
    let steps = session.isQuick ? 20_000 : 2_000_000
    let runs = 64
    let powers = [0, 0.25, 0.5, 0.75, 1]
    let marks = spacedSteps(to: steps, count: 100)
    var page = ReproductionPage()
    page.add(
      """
      fₜ(x) = 1010 x with probability 0.01, else −10 x, on [−1, 1]; αₜ = 0.5/√t; \(runs) runs side by side, each from its own
      random x₁ with its own samples, \(steps.grouped) steps. The curves are the means of x over the runs. β = 0 is RMSProp, β = 0.9 Adam. The best point is −1.
      The paper's claim for r > 0 is on the limit. Adam's memory of squares at step t is about tʳ/(0.01 + 0.99 r) steps long, and
      until it is many times the hundred steps between two rare slopes, x moves the wrong way: for r = 0.25 it is 150 steps long
      after two million steps, and would be so only after some 10¹² steps.
      """)
    var table = Table(header: ["r"] + ["RMSProp", "Adam"].map { "\($0): mean x at the end" })
    var rows = powers.map { [significant($0, digits: 3)] }
    for (name, β) in [("rmsprop", "0"), ("adam", "0.9")] {
      var curves: [Figure.Curve] = []
      var ends: [Double] = []
      var middles: [Double] = []
      for (i, r) in powers.enumerated() {
        try session.advance("\(name), r = \(r)", i, of: powers.count)
        var stream = RandomStream(seed: 7, name: "start")
        let problems = ProblemsSideBySide(
          Array(repeating: ReddiStochastic(probability: 0.01, c: 1010, d: 10), count: runs),
          start: (0..<runs).map { _ in 2 * stream.uniform() - 1 })
        var curve = Figure.Curve("r = \(significant(r, digits: 3))", points: [])
        let decay = "complement(inversepower(\(0.01 + 0.99 * r),power=\(r)))"
        try problems.follow("genericadam:lr=inversesqrt(0.5),beta1=\(β),beta2=\(decay)", steps: steps) { t, x, _ in
          guard marks.contains(t) else { return }
          let mean = x.reduce(0, +) / Double(runs)
          curve.points.append((Double(t), mean))
        }
        curves.append(curve)
        let end = curve.points.last?.y ?? .nan
        ends.append(end)
        // Where it stands at a hundredth of the steps tells who is faster.
        middles.append(curve.points.first { $0.x >= Double(steps) / 100 }?.y ?? .nan)
        rows[i].append(significant(end, digits: 3))
      }
      var figure = Figure(title: "\(name): mean x of \(runs) runs", xLabel: "t", yLabel: "x", curves: curves)
      figure.isXLogarithmic = true
      page.add(figure, as: name, "Generic Adam with β = \(β): x by step")
      page.judge("\(name): r = 0 diverges, to x = 1", ends[0] > 0.5, "mean x \(significant(ends[0], digits: 3))")
      page.judge(
        "\(name): r > 0 converges, to x = −1", ends.dropFirst().allSatisfy { $0 < -0.9 },
        ends.dropFirst().map { significant($0, digits: 3) }.joined(separator: ", "))
      page.judge(
        "\(name): larger r converges faster",
        zip(middles.dropFirst(), middles.dropFirst(2)).allSatisfy { $1 <= $0 + 0.02 },
        "at t = \((steps / 100).grouped): "
          + middles.dropFirst().map { significant($0, digits: 3) }.joined(separator: ", "))
    }
    for row in rows { table.add(row) }
    page.add(table)
    return page
  }
}
