import DescentLab
import DescentProblems
import Foundation

extension Reproduction {
  /// Adaptation to noise.
  static let delayedAdaGradNoise = Reproduction(
    name: "adagrad-noise", title: "Delayed AdaGrad adapts its rate of convergence to the noise",
    paper:
      "X. Li, F. Orabona, \"On the convergence of stochastic gradient descent with adaptive stepsizes\", AISTATS 2019",
    data: [], duration: "3 min"
  ) { session in
    let last = session.isQuick ? 10_000 : 50_000
    let repeats = session.isQuick ? 3 : 4
    let noises = [0, 0.1, 1]
    let methods = [
      ("delayed AdaGrad", "delayedadagradnorm:lr=1"), ("sgd 1", "sgd:lr=1"), ("sgd 0.1/√t", "sgd:lr=inversesqrt(0.1)"),
    ]
    var page = ReproductionPage()
    page.add(
      """
      Logistic regression on 500 drawn rows of 20 variables (λ = 10⁻⁴), Gaussian noise of deviation σ on every element of the whole gradient,
      \(repeats) repetitions of \(last.grouped) steps. What theory says of delayed AdaGrad with one rate for the norm, the same α for every σ:
      the mean of ‖∇f‖² over the steps falls as 1/T without noise and as 1/√T with it. The slope is fitted to the second half
      of log T, over 200 marks. With strong noise the transient is longer than T, and the fitted slope is then flatter than
      that of the limit. (The paper's own experiments are on other data, and are not reproduced number for number.)
      """)
    var table = Table(header: ["method", "σ", "mean ‖∇f‖² at T", "slope in T"])
    var slopes: [String: [Double]] = [:]
    var curves: [Figure.Curve] = []
    for (i, (name, optimizer)) in methods.enumerated() {
      for (j, noise) in noises.enumerated() {
        var curve: [(x: Double, y: Double)] = []
        for seed in 1...UInt64(noise == 0 ? 1 : repeats) {
          try session.advance(
            name, (i * noises.count + j) * repeats + Int(seed) - 1, of: methods.count * noises.count * repeats)
          let path = try session.minimize("logisticregression", optimizer, steps: last, seed: seed, noise: noise)
          let means = Self.runningMeans(path.points.map { ($0.step, $0.gradientNorm * $0.gradientNorm) })
          if curve.isEmpty { curve = means.map { ($0.x, 0) } }
          for k in curve.indices where k < means.count { curve[k].y += means[k].y / Double(noise == 0 ? 1 : repeats) }
        }
        let slope = Self.slope(curve.filter { $0.x >= Double(last).squareRoot() })
        slopes[name, default: []].append(slope)
        table.add([
          name, significant(noise, digits: 2), significant(curve.last?.y ?? .nan, digits: 3), fixed(slope, digits: 2),
        ])
        if i == 0 { curves.append(Figure.Curve("σ = \(significant(noise, digits: 2))", points: curve)) }
      }
    }
    page.add(table)
    var figure = Figure(
      title: "Delayed AdaGrad: mean of ‖∇f‖² over T steps", xLabel: "T", yLabel: "mean ‖∇f‖²", curves: curves)
    figure.isXLogarithmic = true
    figure.isYLogarithmic = true
    page.add(figure, as: "noise", "Delayed AdaGrad with one α: mean of ‖∇f‖² by T for three noises")
    let ours = slopes["delayed AdaGrad"] ?? []
    page.judge("without noise the rate is 1/T: slope −1", ours[0] < -0.85, fixed(ours[0], digits: 2))
    page.judge(
      "with noise it is no slower than 1/√T: slope at most −½", ours[1] < -0.45 && ours[2] < -0.45,
      "\(fixed(ours[1], digits: 2)), \(fixed(ours[2], digits: 2))")
    page.judge(
      "it adapts: the same α is steeper without noise", ours[0] < ours[2] - 0.2,
      "\(fixed(ours[0], digits: 2)), \(fixed(ours[2], digits: 2))")
    return page
  }

  /// Means over 1…T by the trapezoidal rule over the marks there are.
  private static func runningMeans(_ points: [(step: Int, value: Double)]) -> [(x: Double, y: Double)] {
    var sum = 0.0
    var result: [(x: Double, y: Double)] = []
    for (a, b) in zip(points, points.dropFirst()) {
      sum += Double(b.step - a.step) * (a.value + b.value) / 2
      result.append((Double(b.step), sum / Double(b.step)))
    }
    return result
  }

  /// Of the line through the logarithms, by least squares.
  private static func slope(_ points: [(x: Double, y: Double)]) -> Double {
    let logs = points.filter { $0.y > 0 }.map { (log($0.x), log($0.y)) }
    let n = Double(logs.count)
    let (mx, my) = (logs.reduce(0) { $0 + $1.0 } / n, logs.reduce(0) { $0 + $1.1 } / n)
    let covariance = logs.reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    return covariance / logs.reduce(0) { $0 + ($1.0 - mx) * ($1.0 - mx) }
  }
}
