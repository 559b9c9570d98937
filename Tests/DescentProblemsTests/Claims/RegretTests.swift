import Descent
import DescentProblems
import RealModule
import TestSupport
import Testing

/// Regret bounds on online convex problems over the box [−1, 1]ᵈ, with fₜ chosen at random or by an adversary.
///
/// The regret against u is R(u) = Σ fₜ(xₜ) − fₜ(u). The bounds hold for every u in the box; for linear fₜ the best u is
/// known, for others a good one is found by gradient descent on the sum.
@Suite struct RegretTests {
  /// How fₜ is chosen.
  enum Losses: CaseIterable {
    /// g · x with g from N(c, 1), for some c.
    case linear
    /// g · x with gᵢ = ±1 by the toss of a coin: for any method, the regret is d √(2 T / π) on average.
    case coins
    /// g · x with gᵢ = 1 where xᵢ ≥ 0, else −1: every step costs ‖x‖₁.
    case adversarial
    /// g · x, where each element of g is 0 nine times in ten.
    case sparse
    /// The hinge loss max(0, 1 − y a · x), with labels y from a noisy linear rule.
    case hinge
    /// |a · x − b|.
    case absolute
  }

  static let dimension = 4

  /// fₜ and its (sub)gradient at x.
  private static func loss(_ losses: Losses, _ t: Int, _ x: [Double], chosenAt played: [Double]) -> (Double, [Double]) {
    var stream = RandomStream(seed: 21, name: "losses").substream(UInt64(t))
    let a = (0..<dimension).map { _ in stream.normal() }
    switch losses {
    case .linear:
      let g = a.enumerated().map { $1 + 0.1 * Double($0 - 1) }
      return (dot(g, x), g)
    case .coins:
      let g = a.map { $0 > 0 ? 1.0 : -1 }
      return (dot(g, x), g)
    case .adversarial:
      let g = played.map { $0 >= 0 ? 1.0 : -1 }
      return (dot(g, x), g)
    case .sparse:
      let g = a.map { stream.uniform() < 0.1 ? $0 + 0.3 : 0 }
      return (dot(g, x), g)
    case .hinge:
      let y = a[0] - 0.5 * a[1] + 0.5 * stream.normal() > 0 ? 1.0 : -1
      let margin = 1 - y * dot(a, x)
      return margin > 0 ? (margin, a.map { -y * $0 }) : (0, Array(repeating: 0, count: dimension))
    case .absolute:
      let residual = dot(a, x) - 0.3 * a[2] - 0.5 * stream.normal()
      return (abs(residual), a.map { residual >= 0 ? $0 : -$0 })
    }
  }

  private struct Play {
    /// R(u) for the best u known.
    var regret = 0.0
    /// The gradients of all steps.
    var gradients: [[Double]] = []
    /// The sum over t of the values that `watch` returned.
    var watched = 0.0
    /// Σ fₜ(xₜ).
    var loss = 0.0

    /// Σᵢ ‖g_{1:T, i}‖₂.
    var sumOfNorms: Double {
      (0..<RegretTests.dimension).reduce(0) { sum, i in
        sum + gradients.reduce(0) { $0 + $1[i] * $1[i] }.squareRoot()
      }
    }
  }

  /// Plays T steps; `watch` sees the optimizer after each.
  private func play<Rule: ElementRule>(
    _ rule: Rule, _ losses: Losses, steps: Int, watch: (Int, Optimizer<Rule>) throws -> Double = { _, _ in 0 }
  ) throws -> Play where Rule.Scalar == Double {
    var result = Play()
    var x = try ParameterVector(Array(repeating: 0.0, count: Self.dimension))
    var optimizer = try Optimizer(rule, for: x)
    var played: [[Double]] = []
    for t in 1...steps {
      let point = x.values
      let (value, gradient) = Self.loss(losses, t, point, chosenAt: point)
      result.loss += value
      result.gradients.append(gradient)
      played.append(point)
      try optimizer.step(&x, gradient: try ParameterVector(gradient))
      // This is the nearest point of a box in the Euclidean norm, and in any norm with diagonal weights.
      try x.assign(x.values.map { min(1, max(-1, $0)) }, to: "x")
      result.watched += try watch(t, optimizer)
    }
    func total(_ u: [Double]) -> (Double, [Double]) {
      var (sum, gradient) = (0.0, Array(repeating: 0.0, count: Self.dimension))
      for t in 1...steps {
        let (value, g) = Self.loss(losses, t, u, chosenAt: played[t - 1])
        sum += value
        gradient = moved(gradient, along: g, by: 1)
      }
      return (sum, gradient)
    }
    var u = total(Array(repeating: 0, count: Self.dimension)).1.map { $0 > 0 ? -1.0 : 1 }
    var best = total(u).0
    if losses == .hinge || losses == .absolute {
      u = Array(repeating: 0, count: Self.dimension)
      for k in 1...30 {
        let (value, gradient) = total(u)
        best = min(best, value)
        u = moved(u, along: gradient, by: -1 / Double(steps) / Double(k).squareRoot()).map { min(1, max(-1, $0)) }
      }
    }
    result.regret = result.loss - best
    return result
  }

  /// Online gradient descent with αₜ = α / √t: R ≤ D² √T / 2 α + α G² (√T − ½), with D the box's diameter 2 √d and G the
  /// length of the longest gradient (Zinkevich 2003, theorem 1, which has α = 1).
  @Test(arguments: Losses.allCases) func onlineGradientDescent(_ losses: Losses) throws {
    for α in [0.1, 1] {
      let steps = 1000
      let result = try play(SGD(learningRate: .inverseSquareRoot(α)), losses, steps: steps)
      let root = Double(steps).squareRoot()
      let g2 = result.gradients.map { dot($0, $0) }.max()!
      let d2 = 4 * Double(Self.dimension)
      let bound = d2 * root / (2 * α) + α * g2 * (root - 0.5)
      #expect(result.regret <= bound, "\(losses), α = \(α)")
      // Coins cause a regret of the same order as the bound.
      if losses == .coins, α == 1 { #expect(result.regret > 0.1 * bound) }
    }
  }

  /// AdaGrad with δ = 0: R ≤ (D∞² / 2 α + α) Σᵢ ‖g_{1:T, i}‖₂, with D∞ = 2 the box's width (Duchi, Hazan & Singer 2011,
  /// theorem 5 and corollary 6).
  @Test(arguments: Losses.allCases) func adaGrad(_ losses: Losses) throws {
    for α in [0.2, 2.0.squareRoot()] {
      let result = try play(AdaGrad(learningRate: .constant(α), epsilon: 0), losses, steps: 1000)
      let bound = (4 / (2 * α) + α) * result.sumOfNorms
      #expect(result.regret <= bound, "\(losses), α = \(α)")
      if losses == .coins, α > 1 { #expect(result.regret > 0.1 * bound) }
    }
  }

  /// AMSGrad with αₜ = α / √t, β₁ₜ ≤ β₁ and γ = β₁ / √β₂ < 1:
  ///
  ///     R ≤ D∞² √T / (α (1 − β₁)) Σᵢ √v̂_{T,i} + D∞² / (1 − β₁)² Σₜ Σᵢ β₁ₜ √v̂_{t,i} / αₜ
  ///         + α √(1 + log T) / ((1 − β₁)² (1 − γ) √(1 − β₂)) Σᵢ ‖g_{1:T, i}‖₂
  ///
  /// (Reddi, Kale & Kumar 2018, theorem 4). Its proof for falling β₁ₜ is disputed (Tran & Phong 2019).
  @Test(arguments: Losses.allCases) func amsGrad(_ losses: Losses) throws {
    for (β1, λ, β2) in [(0.0, 1.0, 0.9), (0, 1, 0.999), (0.9, 0.99, 0.99), (0.5, 0.9, 0.9)] {
      let (steps, α, width) = (600, 0.5, 2.0)
      let momentum = Schedule.exponential(β1, factor: λ)
      let rule = AMSGrad<Double>(learningRate: .inverseSquareRoot(α), beta1: momentum, beta2: β2)
      var last: [Double] = []
      let result = try play(rule, losses, steps: steps) { t, optimizer in
        last = try optimizer.slot("amsgrad/vMaximum").values.map { $0.squareRoot() }
        return last.reduce(0, +) * momentum(at: t) * Double(t).squareRoot() / α
      }
      let t = Double(steps)
      let γ = β1 / β2.squareRoot()
      var bound = width * width * t.squareRoot() / (α * (1 - β1)) * last.reduce(0, +)
      bound += width * width / ((1 - β1) * (1 - β1)) * result.watched
      bound +=
        α * (1 + Double.log(t)).squareRoot() / ((1 - β1) * (1 - β1) * (1 - γ) * (1 - β2).squareRoot())
        * result.sumOfNorms
      #expect(result.regret <= bound, "\(losses), β₁ = \(β1), β₂ = \(β2)")
    }
  }

  /// The mean regret falls like 1 / √T: with four times as many steps it is less than 0.7 times as large. On random
  /// linear losses the methods soon stay in the best corner; on the coins' and the adversary's losses they cannot.
  @Test(arguments: [Losses.adversarial, .coins, .linear]) func meanRegretsFall(_ losses: Losses) throws {
    func expectFall<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar == Double {
      let (early, late) = (try play(rule, losses, steps: 500), try play(rule, losses, steps: 2000))
      let (r, s) = (early.regret / 500, late.regret / 2000)
      #expect(r > 0 && s < 0.7 * r, "\(Rule.self), \(losses): \(r), \(s)")
    }
    let rate = Schedule.inverseSquareRoot(0.5)
    try expectFall(SGD(learningRate: rate))
    try expectFall(AdaGrad(learningRate: 0.5, epsilon: 0))
    try expectFall(AMSGrad(learningRate: rate))
    try expectFall(AdamNC(learningRate: rate))
    try expectFall(Adam(learningRate: rate, beta1: .exponential(0.9, factor: 0.999), epsilon: 0))
  }
}
