@testable import Descent

/// K-BFGS and K-BFGS(L) with plain loops: H_g is made anew of its pairs in each step, by the product form of BFGS.
struct KBFGSReference {
  typealias Matrix = [[Double]]

  /// What happened to the pairs of H_g in a reference run.
  struct Events { var powell = 0, second = 0, plain = 0, skipped = 0 }

  let rule: KBFGS<Double>
  let history: Int
  var layers: [Matrix]
  var momentum, a, ha: [Matrix]
  var pairs: [[(s: [Double], y: [Double])]]
  var points, gradients: [[Double]]
  var events = Events()

  init(_ rule: KBFGS<Double>, history: Int, layers: [Matrix]) {
    (self.rule, self.history, self.layers) = (rule, history, layers)
    momentum = layers.map { $0.map { $0.map { _ in 0 } } }
    a = layers.map { zeros($0.count) }
    ha = a
    pairs = layers.map { _ in [] }
    points = layers.map { [Double](repeating: 0, count: $0[0].count) }
    gradients = points
  }

  /// H_g from the identity by the product form of BFGS, (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ.
  func hg(_ i: Int) -> Matrix {
    var h = scaled(identity(layers[i][0].count), rule.initialScale)
    for pair in pairs[i].suffix(history) { h = bfgs(h, pair.s, pair.y) }
    return h
  }

  mutating func step(_ batch: TanhNetwork, _ t: Int) {
    let λ = rule.damping(at: t)
    let (α, ρ) = (rule.learningRate(at: t), rule.momentum)
    let now = batch.pass(layers)
    func moment(_ i: Int, keeping ε: Double) -> Matrix {
      let x = now.inputs[i].map { $0 + [1] }
      return sum(scaled(a[i], ε), scaled(product(transposed(x), x), (1 - ε) / Double(batch.count)))
    }
    guard t > rule.warmSteps else {
      for i in layers.indices { a[i] = moment(i, keeping: Double(t - 1) / Double(t)) }
      return
    }
    var next = layers
    for i in layers.indices {
      momentum[i] = sum(scaled(momentum[i], ρ), scaled(now.gradient[i], 1 - ρ))
      // The first inverse is that of what was averaged before, if anything was.
      let first = t == 1 ? moment(i, keeping: 0) : a[i]
      if t == rule.warmSteps + 1 { ha[i] = inverse(sum(first, scaled(identity(first.count), λ.squareRoot()))) }
      a[i] = moment(i, keeping: t == 1 ? 0 : rule.decay)
      next[i] = sum(layers[i], scaled(product(product(ha[i], momentum[i]), hg(i)), -α))
    }
    let then = batch.pass(next)
    for i in layers.indices {
      let g = mean(now.outputGradients[i])
      let δ = rule.pairDecay
      for k in g.indices {
        let s = mean(now.outputs[i])[k] - mean(then.outputs[i])[k]
        let y = g[k] - mean(then.outputGradients[i])[k]
        points[i][k] = δ * points[i][k] + (1 - δ) * s
        gradients[i][k] = δ * gradients[i][k] + (1 - δ) * y
      }
      var (s, y) = (points[i], gradients[i])
      let hy = product(hg(i), y.map { [$0] }).map { $0[0] }
      let isPowell = dot(s, y) < rule.powellDamping * dot(y, hy)
      if isPowell {
        let θ = (1 - rule.powellDamping) * dot(y, hy) / (dot(y, hy) - dot(s, y))
        s = zip(s, hy).map { θ * $0 + (1 - θ) * $1 }
      }
      let μ = rule.leastCurvature > 0 ? rule.leastCurvature : λ.squareRoot()
      let isSecond = dot(s, y) < μ * dot(s, s)
      if isSecond {
        let θ = (1 - μ) * dot(s, s) / (dot(s, s) - dot(s, y))
        let shift = μ - dot(s, y) / dot(s, s)
        y = zip(y, s).map { μ < 1 ? θ * $0 + (1 - θ) * $1 : $0 + shift * $1 }
      }
      if isPowell { events.powell += 1 }
      if isSecond { events.second += 1 }
      if dot(s, y) > rule.threshold * dot(s, s) * dot(g, g).squareRoot() {
        pairs[i].append((s, y))
        if !isPowell, !isSecond { events.plain += 1 }
      } else {
        events.skipped += 1
      }
      let x = mean(now.inputs[i]) + [1]
      let sa = product(ha[i], x.map { [$0] }).map { $0[0] }
      let damped = sum(a[i], scaled(identity(x.count), λ.squareRoot()))
      let ya = product(damped, sa.map { [$0] }).map { $0[0] }
      if dot(sa, ya) > rule.threshold * dot(sa, sa) * dot(x, x).squareRoot() { ha[i] = bfgs(ha[i], sa, ya) }
    }
    layers = next
  }
}
