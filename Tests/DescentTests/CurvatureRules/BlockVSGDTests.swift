import Foundation
import TestSupport
import Testing

@testable import Descent

@Suite struct BlockVSGDTests {
  /// The bowls' gradients with noise.
  private final class NoisyBowls: CurvatureDiagonalObjective {
    typealias Scalar = Double
    let bowls = BowlObjective(Bowls(q: 0.75))
    var t = 0

    static func noise(_ t: Int) -> [Double] { (0..<4).map { 2 * sin(Double(7 * t + 3 * $0)) } }

    func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
      let value = try bowls.value(at: θ, gradient: &gradient)
      let noisy = zip(gradient.values, Self.noise(t)).map { $0 + $1 }
      try gradient.assign(Array(noisy[..<3]), to: "first")
      try gradient.assign(Array(noisy[3...]), to: "second")
      return value
    }

    func curvatureDiagonal(
      at θ: ParameterVector<Double>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Double>
    ) throws { try bowls.curvatureDiagonal(at: θ, form, into: &diagonal) }
  }

  @Test(
    arguments: BlockVSGD<Double>.Blocks.allCases, [DiagonalCurvature(), DiagonalCurvature(every: 3, form: .full)])
  func followsItsEquations(_ blocks: BlockVSGD<Double>.Blocks, _ curvature: DiagonalCurvature) throws {
    let objective = NoisyBowls()
    var θ = try BowlObjective.start()
    let rule = BlockVSGD<Double>(
      learningRate: 0.7, blocks: blocks, slowStart: 3, initialMemory: 4, mu: 0.05, curvature: curvature)
    var optimizer = try Optimizer(rule, for: θ)
    let members = blocks == .all ? [[0, 1, 2, 3]] : [[0, 1, 2], [3]]
    var (x, h) = (θ.values, [Double](repeating: 0, count: 4))
    var (mean, hMean) = (h, h)
    var (squares, τ) = (members.map { _ in 0.0 }, members.map { _ in 4.0 })
    for t in 1...30 {
      objective.t = t
      try optimizer.step(&θ, on: objective)
      let g = zip(objective.bowls.bowls.slope(x), NoisyBowls.noise(t)).map { $0 + $1 }
      if (t - 1) % curvature.interval == 0 { h = objective.bowls.bowls.curvature(x, curvature.form) }
      for (b, all) in members.enumerated() {
        let (w, c) = (t == 1 ? 1 : 1 / τ[b], t == 1 ? 3.0 : 1)
        for i in all {
          mean[i] = (1 - w) * mean[i] + w * g[i]
          hMean[i] = (1 - w) * hMean[i] + w * c * h[i]
        }
        squares[b] = (1 - w) * squares[b] + w * c * all.reduce(0) { $0 + g[$1] * g[$1] }
        let ratio = all.reduce(0) { $0 + mean[$1] * mean[$1] } / squares[b]
        #expect(ratio <= 1)
        for i in all { x[i] -= 0.7 * ratio * g[i] / (all.map { hMean[$0] }.max()! + 0.05) }
        τ[b] = (1 - ratio) * τ[b] + 1
      }
      for (found, right) in zip(θ.values, x) { #expect(abs(found - right) < 1e-12, "step \(t)") }
    }
  }

  /// A parameter of one element has the step of vSGD-l.
  @Test func oneElementIsSteppedByVSGD() throws {
    let objective = GivenDiagonal(h: [2])
    var (θ, φ) = (try ParameterVector([1.0]), try ParameterVector([1.0]))
    var block = try Optimizer(BlockVSGD<Double>(), for: θ)
    var single = try Optimizer(VSGD<Double>(), for: φ)
    for t in 1...40 {
      objective.g = [1 + 3 * sin(Double(5 * t))]
      objective.h = [2 + cos(Double(t))]
      try block.step(&θ, on: objective)
      try single.step(&φ, on: objective)
      #expect(abs(θ.values[0] - φ.values[0]) < 1e-12)
    }
    #expect(abs(θ.values[0] - 1) > 0.1)
  }

  @Test func goesOnFromACheckpoint() throws {
    let objective = NoisyBowls()
    for stop in 1...4 {
      var (θ, φ) = (try BowlObjective.start(), try BowlObjective.start())
      let rule = BlockVSGD<Double>(curvature: DiagonalCurvature(every: 3)).averaged(0.9)
      var optimizer = try Optimizer(rule, for: θ)
      var other = try Optimizer(BlockVSGD<Double>().averaged(0.9), for: φ)
      for t in 1...stop {
        objective.t = t
        try optimizer.step(&θ, on: objective)
      }
      try other.restore(optimizer.checkpoint(θ), into: &φ)
      for t in stop + 1...stop + 5 {
        objective.t = t
        try optimizer.step(&θ, on: objective)
        try other.step(&φ, on: objective)
        #expect(θ == φ)
      }
    }
  }

  @Test(arguments: BlockVSGD<Double>.Blocks.allCases)
  func staysFinite(_ blocks: BlockVSGD<Double>.Blocks) throws {
    var θ = try ParameterVector([3.0, -2, 0.5, 1])
    var optimizer = try Optimizer(BlockVSGD<Double>(blocks: blocks), for: θ)
    let objective = GivenDiagonal(h: [])
    for (large, h) in [(1e308, 1.0), (-1e308, 0), (1e-300, 1e308), (0, 0), (1e200, 1e-300)] {
      objective.g = [large, 0, -large, large]
      objective.h = [h, h, -h, h]
      try optimizer.step(&θ, on: objective)
      let isFinite = θ.values.allSatisfy(\.isFinite)
      #expect(isFinite)
    }
    // No gradients: no step, and no 0 ÷ 0.
    var still = try BowlObjective.start()
    let flat = BowlObjective(Bowls(a: [0, 0, 0, 0]))
    var second = try Optimizer(BlockVSGD<Double>(blocks: blocks), for: still)
    for _ in 0..<3 { try second.step(&still, on: flat) }
    #expect(try still == BowlObjective.start())
  }

  /// The bits do not depend on the number of threads.
  @Test func threadsGiveTheSameBits() throws {
    struct Large: CurvatureDiagonalObjective {
      typealias Scalar = Float
      func value(at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>) -> Double {
        gradient = θ
        gradient.scale(by: 0.3)
        return 0
      }
      func curvatureDiagonal(
        at θ: ParameterVector<Float>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Float>
      ) { diagonal = θ }
    }
    let start: ParameterVector<Float> = try randomVector(100_000, seed: 5)
    var (θ, φ) = (start, start)
    var one = try Optimizer(BlockVSGD<Float>(), for: θ, threads: 1)
    var many = try Optimizer(BlockVSGD<Float>(), for: φ, threads: 5)
    for _ in 0..<3 {
      try one.step(&θ, on: Large())
      try many.step(&φ, on: Large())
    }
    #expect(θ == φ)
    #expect(θ != start)
  }
}
