import Descent
import TestSupport
import Testing

@Suite struct GradientTransformTests {
  @Test func clippingScalesTheWholeGradient() throws {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("a", [1]), ("b", [1])]))
    var g = θ
    try g.assign([3], to: "a")
    try g.assign([4], to: "b")
    var optimizer = try Optimizer(SGD<Double>(learningRate: 1), for: θ)
    optimizer.transforms = [ClipByGlobalNorm(2.5)]
    let report = try optimizer.step(&θ, gradient: g)
    #expect(report.gradientNorm == 5 && report.gradientScale == 0.5)
    #expect(θ.values == [-1.5, -2])
    optimizer.transforms = [ClipByGlobalNorm(50)]
    try optimizer.step(&θ, gradient: g)
    #expect(θ.values == [-4.5, -6])
  }

  @Test func clippingRefusesWhatIsNotFinite() throws {
    var θ = ParameterVector<Float>(zeros: try ParameterLayout([("a", [1]), ("b", [2])]))
    var g = θ
    try g.assign([0, .nan], to: "b")
    var optimizer = try Optimizer(Adam<Float>(), for: θ)
    optimizer.transforms = [ClipByGlobalNorm(1)]
    #expect(throws: GradientError.nonFinite(parameter: "b", consecutive: 1)) { try optimizer.step(&θ, gradient: g) }
    #expect(θ.values == [0, 0, 0] && optimizer.stepCount == 0)
  }

  @Test func theGuardSkipsCountsAndStops() throws {
    var θ = try ParameterVector<Float>([1, 1])
    let good = try ParameterVector<Float>([1, -1])
    var optimizer = try Optimizer(SGD<Float>(learningRate: 0.5), for: θ)
    optimizer.transforms = [NonFiniteGuard(limit: 3)]
    for bad in [.infinity, .nan, -.infinity] as [Float] {
      try optimizer.step(&θ, gradient: good)
      let before = θ
      let report = try optimizer.step(&θ, gradient: try ParameterVector([1, bad]))
      #expect(report.isSkipped && θ == before, "\(bad)")
    }
    #expect((optimizer.transforms[0] as? NonFiniteGuard<Float>)?.skipped == 3)
    #expect(optimizer.stepCount == 3)
    try optimizer.step(&θ, gradient: good)
    let bad = try ParameterVector<Float>([.nan, 0])
    try optimizer.step(&θ, gradient: bad)
    try optimizer.step(&θ, gradient: bad)
    #expect(throws: GradientError.nonFinite(parameter: "x", consecutive: 3)) { try optimizer.step(&θ, gradient: bad) }
  }

  @Test func theGuardLetsFiniteGradientsPass() throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      var θ = try ParameterVector([1, 1] as [Scalar])
      var optimizer = try Optimizer(Adam<Scalar>(), for: θ)
      optimizer.transforms = [NonFiniteGuard(limit: 1)]
      let large = Scalar.greatestFiniteMagnitude
      let report = try optimizer.step(&θ, gradient: ParameterVector([large, -large]))
      #expect(!report.isSkipped && θ.values.allSatisfy { abs($0 - 1) < 0.01 })
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// Transforms, too, turn finite gradients into finite ones, and treat the largest like all others.
  @Test func largeGradientsStayFinite() throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      let layout = try ParameterLayout([("w", [3, 2]), ("b", [2])])
      let large = Scalar.greatestFiniteMagnitude
      var g = ParameterVector<Scalar>(zeros: layout)
      try g.assign([large, -large, large, -large, large, large], to: "w")
      try g.assign([large, large], to: "b")
      func transformed(_ transform: any GradientTransform<Scalar>, times: Int = 1) throws -> [Scalar] {
        var optimizer = try Optimizer(SGD<Scalar>(learningRate: 1), for: g)
        optimizer.transforms = [transform]
        var θ = ParameterVector<Scalar>(zeros: layout)
        for _ in 0..<times { try optimizer.step(&θ, gradient: g) }
        return θ.values.map { -$0 }
      }
      let mean = try transformed(Accumulate(3), times: 3)
      // The sum of three overflows and counts as the largest number.
      for (mean, g) in zip(mean, g.values) { #expect(mean.isFinite && mean / g > 0.3) }

      let clipped = try transformed(ClipByGlobalNorm(1))
      for (clipped, g) in zip(clipped, g.values) {
        // In Double, the norm of eight overflows and counts as the largest number.
        #expect(clipped.isFinite && (clipped > 0) == (g > 0) && abs(clipped) <= 1 && abs(clipped) > 0.3)
      }

      let centered = try transformed(GradientCentralization())
      #expect(centered.allSatisfy { $0.isFinite } && abs(centered[0]) < large * Scalar(1e-6))
      #expect(abs(centered[1] / large + Scalar(2) / 3) < 1e-6)

      let unitwise = try transformed(AdaptiveGradientClipping(0.01))
      // θ is 0: columns of norm 0.01 · 0.001.
      for (i, x) in unitwise.enumerated() {
        let norm: Scalar = i < 6 ? 3 : 2
        #expect(abs(abs(x) * norm.squareRoot() / 1e-5 - 1) < 1e-4, "\(i)")
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// The mean of k micro-batches' gradients is the exact mean, rounded once.
  @Test(arguments: [7, 8, 64]) func accumulationIsExact(_ k: Int) throws {
    let count = 25
    let parts = try (0..<k).map { try randomVector(count, seed: UInt64($0), of: Float.self) }
    var θ = ParameterVector<Float>(zeros: parts[0].layout)
    var optimizer = try Optimizer(SGD<Float>(learningRate: 1), for: θ)
    optimizer.transforms = [Accumulate(k)]
    for (i, part) in parts.enumerated() {
      let report = try optimizer.step(&θ, gradient: part)
      #expect(report.isSkipped == (i < k - 1))
    }
    #expect(optimizer.stepCount == 1)
    for i in 0..<count {
      let exact = parts.reduce(0) { $0 + Double($1.values[i]) } / Double(k)
      let ulps = abs(Double(-θ.values[i]) - exact) / Double(Float(exact).ulp)
      #expect(ulps <= 0.5000001, "element \(i): \(ulps) ULPs")
    }
  }

  @Test func accumulationWeighsAndResumes() throws {
    let folder = try TemporaryFolder()
    var θ = try ParameterVector<Double>([0, 0])
    var optimizer = try Optimizer(SGD<Double>(learningRate: 1), for: θ)
    var accumulate = Accumulate<Double>(2)
    accumulate.weight = 3
    optimizer.transforms = [accumulate]
    try optimizer.step(&θ, gradient: try ParameterVector([1, 10]))
    try optimizer.checkpoint(θ).write(to: folder.path + "/a.safetensors")

    var resumed = try Optimizer(SGD<Double>(learningRate: 1), for: θ)
    resumed.transforms = [Accumulate(2)]
    try resumed.restore(Checkpoint(contentsOf: folder.path + "/a.safetensors"), into: &θ)
    try resumed.step(&θ, gradient: try ParameterVector([5, 2]))
    // (3 · 1 + 1 · 5) / 4 and (3 · 10 + 1 · 2) / 4.
    #expect(θ.values == [-2, -8])
    #expect(throws: CheckpointError.missingTransform("accumulate")) {
      var plain = try Optimizer(SGD<Double>(), for: θ)
      try plain.restore(Checkpoint(contentsOf: folder.path + "/a.safetensors"), into: &θ)
    }
  }
}
