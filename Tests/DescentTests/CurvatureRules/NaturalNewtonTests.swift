import Foundation
import TestSupport
import Testing

@testable import Descent

@Suite struct NaturalNewtonTests {
  /// Gradients with noise that depends on the question's number.
  private final class NoisyBowl: CurvatureDiagonalObjective {
    typealias Scalar = Double
    let bowls = Bowls(q: 0.75)
    var noise: [Double] = [0, 0, 0, 0]
    func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
      gradient = try ParameterVector(zip(bowls.slope(θ.values), noise).map { $0 + $1 })
      return bowls.value(θ.values)
    }
    func curvatureDiagonal(
      at θ: ParameterVector<Double>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Double>
    ) throws { diagonal = try ParameterVector(bowls.curvature(θ.values, form)) }
  }

  private static func noise(_ t: Int) -> [Double] { (0..<4).map { 3 * sin(Double(7 * t + 3 * $0)) } }

  /// The equations with every weight written out, from all directions and curvatures so far.
  @Test(arguments: [0.9, 0.0], [DiagonalCurvature(), DiagonalCurvature(every: 3, form: .full)])
  func followsItsEquations(_ γ: Double, _ curvature: DiagonalCurvature) throws {
    let objective = NoisyBowl()
    var θ = try ParameterVector([3.0, -2, 0.5, 1])
    var optimizer = try Optimizer(
      NaturalNewton(learningRate: 0.2, decay: γ, bound: 1.5, mu: 0.1, curvature: curvature), for: θ)
    var (x, directions, curvatures) = (θ.values, [[Double]](), [[Double]]())
    func weights(_ count: Int) -> [Double] {
      let all = (0..<count).map { $0 == count - 1 ? 1 : pow(γ, Double(count - 1 - $0)) }
      return all.map { $0 / all.reduce(0, +) }
    }
    var isCut = false
    for t in 1...25 {
      objective.noise = Self.noise(t)
      try optimizer.step(&θ, on: objective)
      let g = zip(objective.bowls.slope(x), Self.noise(t)).map { $0 + $1 }
      if (t - 1) % curvature.interval == 0 { curvatures.append(objective.bowls.curvature(x, curvature.form)) }
      let h = x.indices.map { i in zip(weights(curvatures.count), curvatures).reduce(0) { $0 + $1.0 * $1.1[i] } }
      directions.append(x.indices.map { g[$0] / (h[$0] + 0.1) })
      let w = weights(t)
      let mean = x.indices.map { i in zip(w, directions).reduce(0) { $0 + $1.0 * $1.1[i] } }
      let norm = mean.reduce(0) { $0 + $1 * $1 }
      let unbiased = 1 - w.reduce(0) { $0 + $1 * $1 }
      for i in x.indices {
        let spread = zip(w, directions).reduce(0) { $0 + $1.0 * ($1.1[i] - mean[i]) * ($1.1[i] - mean[i]) }
        let doubt = unbiased < 1e-12 ? 0 : spread / unbiased / norm
        if doubt > 1.5 { isCut = true }
        x[i] -= 0.2 * directions[t - 1][i] / (1 + min(1.5, doubt))
        #expect(abs(θ.values[i] - x[i]) < 1e-12, "step \(t)")
      }
    }
    #expect(isCut == (γ > 0))
  }

  /// The first step is Newton's, and with B = 0 every one is; where directions agree they hardly become shorter, where
  /// they are noise they become shorter by 1 + B.
  @Test func noiseShortensTheStep() throws {
    let bowl = BowlObjective()
    var θ = try BowlObjective.start()
    var optimizer = try Optimizer(NaturalNewton<Double>(learningRate: 1, mu: 0), for: θ)
    try optimizer.step(&θ, on: bowl)
    for (x, b) in zip(θ.values, bowl.bowls.b) { #expect(abs(x - b) < 1e-15) }

    func lastStep(_ gradients: [Double], bound: Double) throws -> Double {
      let objective = GivenDiagonal(h: [4])
      var θ = try ParameterVector([0.0])
      var optimizer = try Optimizer(NaturalNewton<Double>(learningRate: 1, bound: bound, mu: 0), for: θ)
      var before = 0.0
      for g in gradients {
        before = θ.values[0]
        objective.g = [g]
        try optimizer.step(&θ, on: objective)
      }
      return (before - θ.values[0]) * 4 / gradients[gradients.count - 1]
    }
    let noisy = (0..<200).map { $0 % 2 == 0 ? 1.0 : -1 }
    #expect(abs(try lastStep(Array(repeating: 2, count: 200), bound: 2) - 1) < 1e-12)
    #expect(abs(try lastStep(noisy, bound: 2) - 1.0 / 3) < 1e-12)
    #expect(abs(try lastStep(noisy, bound: 0) - 1) < 1e-12)
    // Mean 3 and variance 1, nearly: 1 / (1 + 1 / 9).
    #expect(abs(try lastStep(noisy.map { $0 + 3 }, bound: 2) - 0.9) < 1e-3)
  }

  @Test func goesOnFromACheckpoint() throws {
    let objective = NoisyBowl()
    for stop in 1...4 {
      var (θ, φ) = (try ParameterVector([3.0, -2, 0.5, 1]), try ParameterVector([3.0, -2, 0.5, 1]))
      let rule = NaturalNewton<Double>(decay: 0.9, curvature: DiagonalCurvature(every: 3)).averaged(0.9)
      var optimizer = try Optimizer(rule, for: θ)
      var other = try Optimizer(NaturalNewton<Double>().averaged(0.9), for: φ)
      for t in 1...stop {
        objective.noise = Self.noise(t)
        try optimizer.step(&θ, on: objective)
      }
      try other.restore(optimizer.checkpoint(θ), into: &φ)
      for t in stop + 1...stop + 5 {
        objective.noise = Self.noise(t)
        try optimizer.step(&θ, on: objective)
        try other.step(&φ, on: objective)
        #expect(θ == φ)
      }
    }
  }

  @Test func needsTheCurvatureAndStaysFinite() throws {
    var θ = try ParameterVector([3.0, -2, 0.5, 1])
    var optimizer = try Optimizer(NaturalNewton<Double>(mu: 0), for: θ)
    let g = θ
    #expect(throws: ObjectiveError.lacks(.curvatureDiagonal, objective: "a gradient alone", method: "naturalnewton")) {
      try optimizer.step(&θ, gradient: g)
    }
    let objective = GivenDiagonal(h: [])
    for (large, h) in [(1e308, 1.0), (-1e308, 0), (1e-300, 1e308), (0, .infinity), (1e200, 1e-300)]
      as [(Double, Double)]
    {
      objective.g = [large, 0, -large, large]
      objective.h = [h, h, -h, 1]
      try optimizer.step(&θ, on: objective)
      let isFinite = θ.values.allSatisfy(\.isFinite)
      #expect(isFinite)
    }
    // No gradients: no step, and no 0 ÷ 0.
    var still = try BowlObjective.start()
    let flat = BowlObjective(Bowls(a: [0, 0, 0, 0]))
    var second = try Optimizer(NaturalNewton<Double>(mu: 0), for: still)
    for _ in 0..<3 { try second.step(&still, on: flat) }
    #expect(try still == BowlObjective.start())
  }

  /// The bits do not depend on the number of threads.
  @Test func threadsGiveTheSameBits() throws {
    struct Large: CurvatureDiagonalObjective {
      typealias Scalar = Double
      func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) -> Double {
        gradient = θ
        gradient.scale(by: 0.3)
        return 0
      }
      func curvatureDiagonal(
        at θ: ParameterVector<Double>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Double>
      ) { diagonal = θ }
    }
    let start: ParameterVector<Double> = try randomVector(3000, seed: 5)
    var (θ, φ) = (start, start)
    var one = try Optimizer(NaturalNewton<Double>(), for: θ, threads: 1)
    var many = try Optimizer(NaturalNewton<Double>(), for: φ, threads: 5)
    for _ in 0..<3 {
      try one.step(&θ, on: Large())
      try many.step(&φ, on: Large())
    }
    #expect(θ == φ && θ != start)
  }
}
