import Foundation
import Testing

@testable import Descent

/// The paper's K-FAC, whose step minimizes a quadratic model in two directions.
@Suite struct AdaptiveKFACTests {
  private static let regression: Regression = {
    var stream = RandomStream(seed: 5, name: "adaptive K-FAC tests")
    func rows(_ n: Int) -> [[Double]] { (0..<30).map { _ in (0..<n).map { _ in stream.normal() } } }
    return Regression(x: rows(4).map { [$0[0], 3 * $0[1], $0[2] + $0[0], $0[3]] }, y: rows(2))
  }()

  private static func start() throws -> ParameterVector<Double> {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("dense0.weight", [4, 2]), ("dense0.bias", [2])]))
    var stream = RandomStream(seed: 6, name: "adaptive K-FAC tests")
    θ.fill { stream.normal() }
    return θ
  }

  /// With a penalty η, (F + (λ + η) I) δ + ∇h is orthogonal to δ and to δ₀; λ follows the ratio of the changes of h and M; γ stays or moves
  /// by ω.
  @Test func stepsMinimizeTheModel() throws {
    let objective = Self.regression
    var θ = try Self.start()
    let rule = AdaptiveKFAC<Double>(
      initialDamping: 2, share: 1, dampingInterval: 2, factoredDampingInterval: 3, inverseInterval: 4)
    var optimizer = try Optimizer(rule.penalized(by: 0.01), for: θ)
    var (last, λ, γ) = (ParameterVector<Double>(zeros: θ.layout), 2.0, 2.0.squareRoot())
    func penalized(_ θ: ParameterVector<Double>) throws -> (Double, ParameterVector<Double>) {
      var g = ParameterVector<Double>(zeros: θ.layout)
      let value = try objective.value(at: θ, gradient: &g)
      g.add(θ, times: 0.01)
      return (value + 0.005 * θ.dot(θ), g)
    }
    for t in 1...14 {
      let before = θ
      let (h, g) = try penalized(θ)
      try optimizer.step(&θ, on: objective)
      let state = try optimizer.checkpoint(θ)
      let δ = try #require(state.slots["last"] ?? state.slots["adaptivekfac/last"])
      var difference = θ
      difference.subtract(before)
      difference.subtract(δ)
      #expect(difference.values.allSatisfy { abs($0) < 1e-15 * 8 })
      var residual = ParameterVector<Double>(zeros: θ.layout)
      try objective.gaussNewtonProduct(at: before, with: δ, into: &residual)
      residual.add(δ, times: λ + 0.01)
      let product = residual
      residual.add(g)
      let scale = g.dot(g).squareRoot()
      #expect(abs(residual.dot(δ)) <= 1e-12 * scale * δ.dot(δ).squareRoot(), "step \(t)")
      #expect(abs(residual.dot(last)) <= 1e-12 * scale * last.dot(last).squareRoot(), "step \(t)")
      let (after, _) = try penalized(θ)
      #expect(after < h)
      if t % 2 == 0 {
        let ratio = (after - h) / (0.5 * product.dot(δ) + g.dot(δ))
        let ω = 0.95 * 0.95
        if ratio > 0.75 { λ *= ω } else if ratio < 0.25 { λ /= ω }
      }
      let found = try #require(state.numbers["adaptivekfac/damping"])
      #expect(abs(found - λ) < 1e-14 * λ)
      let newγ = try #require(state.numbers["adaptivekfac/factoredDamping"])
      let ω = pow(0.95, 1.5)
      #expect(t % 3 == 0 ? [γ, γ * ω, γ / ω].contains { abs($0 - newγ) < 1e-14 * γ } : newγ == γ)
      (last, γ) = (δ, newγ)
    }
  }

  /// A loss that is a thousand times larger changes the length of no first step but for the damping: nothing is tuned.
  @Test func solvesARegressionWithoutALearningRate() throws {
    var θ = try Self.start()
    var optimizer = try Optimizer(AdaptiveKFAC<Double>(initialDamping: 1, share: 1), for: θ)
    var g = ParameterVector<Double>(zeros: θ.layout)
    _ = try Self.regression.value(at: θ, gradient: &g)
    let first = g.dot(g)
    for _ in 1...200 { try optimizer.step(&θ, on: Self.regression) }
    _ = try Self.regression.value(at: θ, gradient: &g)
    #expect(g.dot(g) < 1e-16 * first, "\(g.dot(g) / first)")
  }

  /// A share α of the step is judged by M(α δ) = α (2 − α) M(δ): on a quadratic it fits whatever α is, and λ falls.
  @Test(arguments: [0.1, 0.5, 1.5]) func partsOfAStepAreJudgedAsSuch(_ α: Double) throws {
    var θ = try Self.start()
    var optimizer = try Optimizer(
      AdaptiveKFAC<Double>(learningRate: Schedule.constant(α), initialDamping: 0.01, share: 1, dampingInterval: 1),
      for: θ)
    for _ in 1...5 { try optimizer.step(&θ, on: Self.regression) }
    let λ = try #require(optimizer.checkpoint(θ).numbers["adaptivekfac/damping"])
    #expect(abs(λ - 0.01 * pow(0.95, 5)) < 1e-12)
  }

  /// A single layer has no neighbor.
  @Test func ofOneLayerBothStructuresAreTheSame() throws {
    var (θ, φ) = (try Self.start(), try Self.start())
    func optimizer(_ structure: CurvatureStructure) throws -> Optimizer<AdaptiveKFAC<Double>> {
      try Optimizer(AdaptiveKFAC(initialDamping: 1, share: 1, structure: structure), for: θ)
    }
    var (diagonal, tridiagonal) = (try optimizer(.diagonal), try optimizer(.tridiagonal))
    for _ in 1...10 {
      try diagonal.step(&θ, on: Self.regression)
      try tridiagonal.step(&φ, on: Self.regression)
      for (x, y) in zip(θ.values, φ.values) { #expect(abs(x - y) < 1e-10 * max(1, abs(x))) }
    }
    #expect(try θ != Self.start())
  }

  @Test(arguments: CurvatureStructure.allCases) func resumesExactly(structure: CurvatureStructure) throws {
    let rule = AdaptiveKFAC<Double>(
      structure: structure, dampingInterval: 2, factoredDampingInterval: 3, inverseInterval: 2)
    var θ = try Self.start()
    var optimizer = try Optimizer(rule, for: θ)
    var checkpoints: [Checkpoint<Double>] = []
    for _ in 1...7 {
      checkpoints.append(try optimizer.checkpoint(θ))
      try optimizer.step(&θ, on: Self.regression)
    }
    for done in 0...6 {
      var x = ParameterVector<Double>(zeros: θ.layout)
      var other = try Optimizer(rule, for: x, threads: 1)
      try other.restore(checkpoints[done], into: &x)
      for _ in done..<7 { try other.step(&x, on: Self.regression) }
      #expect(x == θ)
    }
  }
}
