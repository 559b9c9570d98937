import Descent
import DescentCatalogue
import DescentLab
import Foundation

extension Reproduction {
  /// How long methods stay near strict saddle points.
  static let saddlePoints = Reproduction(
    name: "saddle-points", title: "Strict saddle points: which methods leave them, and in how many steps",
    paper:
      "Y. Nesterov, B. Polyak, \"Cubic regularization of Newton method and its global performance\", Math. Program. 108 "
      + "(2006); N. Tripuraneni, M. Stern, C. Jin, J. Regier, M. I. Jordan, \"Stochastic cubic regularization for fast "
      + "nonconvex optimization\", NeurIPS 2018",
    data: [], duration: "5 s"
  ) { session in
    let pairs = session.isQuick ? 2 : 10
    let most = session.isQuick ? 3000 : 20_000
    let distances = [0, 1e-12, 1e-9, 1e-6, 1e-3]
    let methods: [(name: String, make: (ParameterVector<Double>) throws -> AnyOptimizer<Double>)] = [
      ("gradient descent, α = 0.1", { AnyOptimizer(try Optimizer(SGD(learningRate: 0.1), for: $0)) }),
      ("momentum, α = 0.1", { AnyOptimizer(try Optimizer(Momentum(learningRate: 0.1), for: $0)) }),
      ("Adam, α = 0.01", { AnyOptimizer(try Optimizer(Adam(learningRate: 0.01), for: $0)) }),
      ("trust region", { AnyOptimizer(try Optimizer(TrustRegion(), for: $0)) }),
      ("SCRN", { AnyOptimizer(try Optimizer(SCRN(), for: $0)) }),
      ("cubic Newton", { AnyOptimizer(try Optimizer(CubicNewton(), for: $0)) }),
    ]
    var counts: [[Int?]] = []
    var table = Table(header: ["method"] + distances.map { "from \(significant($0, digits: 1))" })
    for (i, method) in methods.enumerated() {
      try session.advance("saddle points", i, of: methods.count)
      let row = try distances.map { try steps(of: method.make, from: $0, pairs: pairs, most: most) }
      counts.append(row)
      table.add([method.name] + row.map { $0.map(String.init) ?? "stays" })
    }
    var page = ReproductionPage()
    page.add(
      """
      f(x, y) = Σ ¼ xᵢ⁴ − ½ xᵢ² + ½ yᵢ² over \(pairs) pairs: at 0 its Hessian has the eigenvalues −1 and 1, and f is least where all
      |xᵢ| = 1. All start at yᵢ = 1 and at a distance xᵢ from the saddle's stable manifold; counted are the steps until f is within
      10⁻⁶ of its least value, "stays" where \(most.grouped) are not enough. Gradients and products with the Hessian are exact.
      """)
    page.add(table)
    let (descent, cubic, stochastic) = (counts[0], counts[5], counts[4])
    page.judge(
      "gradient descent that starts on the stable manifold stays at the saddle", descent[0] == nil,
      descent[0].map { "left after \($0) steps" } ?? "\(most.grouped) steps")
    let expected = 9 * log(10) / log(1.1)
    let growth = Double((descent[1] ?? 0) - (descent[4] ?? 0))
    page.judge(
      "near it, gradient descent takes ln(1/distance) ÷ ln(1 + α) steps more: \(fixed(expected, digits: 0)) from 10⁻³ to 10⁻¹²",
      abs(growth - expected) < 0.05 * expected, fixed(growth, digits: 0))
    page.judge(
      "cubic Newton leaves the saddle itself, and near it the distance costs no steps",
      cubic[0] != nil && cubic[1] != nil && cubic[1] == cubic[4],
      cubic.map { $0.map(String.init) ?? "stays" }.joined(separator: ", "))
    page.judge(
      "SCRN, which has products with the Hessian alone, leaves it too", !stochastic.contains(nil),
      stochastic.map { $0.map(String.init) ?? "stays" }.joined(separator: ", "))
    return page
  }

  /// Steps until f is within 10⁻⁶ of its least value; nil if `most` are not enough.
  private static func steps(
    of make: (ParameterVector<Double>) throws -> AnyOptimizer<Double>, from distance: Double, pairs: Int, most: Int
  ) throws -> Int? {
    let start = try ParameterVector((0..<2 * pairs).map { $0 < pairs ? distance : 1.0 })
    let least = -0.25 * Double(pairs)
    let saddle = CurvedObjective<Double> { θ, gradient in
      let x = θ.values
      try gradient.assign(
        x.indices.map { $0 < pairs ? x[$0] * x[$0] * x[$0] - x[$0] : x[$0] }, to: θ.layout.blocks[0].name)
      return x.indices.reduce(0.0) {
        let square = x[$1] * x[$1]
        return $0 + ($1 < pairs ? 0.25 * square * square - 0.5 * square : 0.5 * square)
      }
    } hessian: { θ, v, product in
      let (x, v) = (θ.values, v.values)
      try product.assign(
        x.indices.map { ($0 < pairs ? 3 * x[$0] * x[$0] - 1 : 1) * v[$0] }, to: θ.layout.blocks[0].name)
    }
    let minimum = try minimize(
      from: start, stepping: try make(start), steps: most,
      watch: { $0.value <= least + 1e-6 ? .stop : .proceed }, on: saddle)
    return minimum.isStopped ? minimum.steps : nil
  }
}
