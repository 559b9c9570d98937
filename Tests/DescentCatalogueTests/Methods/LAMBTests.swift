import Descent
import RealModule
import TestSupport
import Testing

@Suite struct LAMBTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "lamb", dependsOnθ: true,
        model: TensorReference.lamb(α: w(0.001), β1: w(0.9), β2: w(0.999), ε: w(1e-6))),
      MethodCase(
        "lamb", ["learningRate": "0.3", "weightDecay": "0.01", "normBound": "0.5", "eps": "0"], dependsOnθ: true,
        model: TensorReference.lamb(α: w(0.3), β1: w(0.9), β2: w(0.999), ε: 0, λ: w(0.01), bound: w(0.5))),
      MethodCase(
        "lamb", ["learningRate": "0.1", "biasCorrection": "false", "minimumRank": "1", "beta1": "0.5", "beta2": "0.9"],
        dependsOnθ: true,
        model: TensorReference.lamb(
          α: w(0.1), β1: w(0.5), β2: w(0.9), ε: w(1e-6), corrects: false, minimumRank: 1)),
    ]
  }

  @Test func everyStepIsAShareOfTheParametersNorm() throws {
    var θ = try randomModel(1)
    var optimizer = try Optimizer(LAMB<Double>(learningRate: 0.01, weightDecay: 0.1), for: θ)
    for t in 1...50 {
      let before = θ
      try optimizer.step(&θ, gradient: randomModel(UInt64(t), scale: t % 7 == 0 ? 1e4 : 1e-2))
      for (name, _) in claimShapes {
        let expected = try 0.01 * norm(before.values(of: name))
        #expect(try abs(norm(change(before, θ, name)) - expected) <= 1e-12 * expected)
      }
    }
  }
}

extension TensorReference {
  static func lamb<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, λ: T = 0, bound: T? = nil, corrects: Bool = true, minimumRank: Int = 0
  ) -> Model<T> {
    layerwise { count, _ in
      (m: Array(repeating: T.zero, count: count), v: Array(repeating: T.zero, count: count))
    } _: { t, g, θ, shape, s in
      var r: [T] = []
      for i in g.indices {
        s.m[i] = β1 * s.m[i] + (1 - β1) * g[i]
        s.v[i] = β2 * s.v[i] + (1 - β2) * g[i] * g[i]
        let m = corrects ? s.m[i] / (1 - T.pow(β1, t)) : s.m[i]
        let v = corrects ? s.v[i] / (1 - T.pow(β2, t)) : s.v[i]
        r.append(ratio(m, T.sqrt(v) + ε) + λ * θ[i])
      }
      let φ = bound.map { min(norm(θ), $0) } ?? norm(θ)
      let trust = norm(θ) == 0 || norm(r) == 0 || shape.count < minimumRank ? 1 : φ / norm(r)
      for i in g.indices { θ[i] -= α * trust * r[i] }
    }
  }
}
