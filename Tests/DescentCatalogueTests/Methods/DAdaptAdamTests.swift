import Descent
import RealModule
import TestSupport
import Testing

@Suite struct DAdaptAdamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("dadaptadam", dependsOnθ: true, steps: 60, model: VectorReference.dAdaptAdam(.changed())),
      MethodCase(
        "dadaptadam",
        [
          "learningRate": "0.5", "beta1": "0.5", "beta2": "0.99", "eps": "1e-4", "initialDistance": "0.1",
          "growthRate": "1.1", "weightDecay": "0.1", "biasCorrection": "true",
        ], dependsOnθ: true, steps: 60,
        model: VectorReference.dAdaptAdam(
          .changed {
            $0.α = { _ in w(0.5) }
            $0.β1 = w(0.5)
            $0.β2 = w(0.99)
            $0.ε = w(1e-4)
            $0.d0 = w(0.1)
            $0.growth = w(1.1)
            $0.λ = w(0.1)
            $0.corrects = true
          })),
    ]
  }

  @Test func growthIsBoundedWhereAsked() throws {
    var x = try ParameterVector<Double>([0, 0, 0, 0])
    var optimizer = try Optimizer(DAdaptAdam<Double>(growthRate: 1.5), for: x)
    var d = 1e-6
    var grown = 0
    for _ in 1...100 {
      try stepOnDistance(&optimizer, &x)
      let now = try #require(optimizer.checkpoint(x).numbers["dadaptadam/d"])
      #expect(now >= d && now <= 1.5 * d * (1 + 1e-15))
      if now > 1.4 * d { grown += 1 }
      d = now
    }
    #expect(grown > 10)
  }
}

extension VectorReference {
  static func dAdaptAdam<T: ReferenceScalar>(_ o: DistanceOptions<T>) -> Model<T> {
    whole {
      (m: zeros($0), v: zeros($0), s: zeros($0), d: o.d0, r: T.zero)
    } _: { t, g, θ, s in
      let rate = o.rate(t, d: s.d)
      let β = T.sqrt(o.β2)
      let direction = zip(s.s, s.v).map { ratio($0, T.sqrt($1) + o.ε) }
      let numerator = β * s.r + (1 - β) * rate * dot(g, direction)
      for i in g.indices {
        s.m[i] = o.β1 * s.m[i] + (1 - o.β1) * rate * g[i]
        s.v[i] = o.β2 * s.v[i] + (1 - o.β2) * g[i] * g[i]
        s.s[i] = β * s.s[i] + (1 - β) * rate * g[i]
      }
      let total = s.s.reduce(0) { $0 + abs($1) }
      guard total != 0 else { return }
      s.r = numerator
      let estimate = s.r / ((1 - β) * total)
      s.d = max(s.d, o.growth.map { min(estimate, s.d * $0) } ?? estimate)
      for i in g.indices { θ[i] -= rate * o.λ * θ[i] + ratio(s.m[i], T.sqrt(s.v[i]) + o.ε) }
    }
  }
}
