import Descent
import RealModule
import TestSupport
import Testing

@Suite struct ProdigyTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("prodigy", dependsOnθ: true, steps: 40, model: VectorReference.prodigy(.changed())),
      MethodCase(
        "prodigy",
        [
          "learningRate": "linear(0.5, to=1, over=50)", "beta3": "0.9", "growthRate": "1.2", "weightDecay": "0.1",
          "biasCorrection": "true", "initialDistance": "0.1",
        ], dependsOnθ: true, steps: 40,
        model: VectorReference.prodigy(
          .changed {
            $0.α = { w(0.5) + w(0.5) * min(1, T($0 - 1) / 50) }
            $0.β3 = w(0.9)
            $0.growth = w(1.2)
            $0.λ = w(0.1)
            $0.corrects = true
            $0.d0 = w(0.1)
          })),
      MethodCase(
        "prodigy",
        [
          "learningRate": "0.5", "beta1": "0.5", "beta2": "0.99", "eps": "1e-4", "distanceFactor": "0.5",
          "safeguardWarmup": "true", "initialDistance": "0.1",
        ],
        dependsOnθ: true, steps: 40,
        model: VectorReference.prodigy(
          .changed {
            $0.α = { _ in w(0.5) }
            $0.β1 = w(0.5)
            $0.β2 = w(0.99)
            $0.ε = w(1e-4)
            $0.c = w(0.5)
            $0.d0 = w(0.1)
            $0.safeguards = true
          })),
    ]
  }

  /// The theorem: the estimate never exceeds the largest distance of an element from the start to the solution.
  @Test func theEstimateIsALowerBoundThatBecomesTight() throws {
    var x = try ParameterVector<Double>([0, 0, 0, 0])
    var optimizer = try Optimizer(Prodigy<Double>(), for: x)
    var d = 0.0
    for _ in 1...3000 {
      try stepOnDistance(&optimizer, &x)
      let now = try #require(optimizer.checkpoint(x).numbers["prodigy/d"])
      #expect(now >= d && now <= 8 * (1 + 1e-12))
      d = now
    }
    #expect(d > 0.5)
    #expect(zip(x.values, distanceSolution).allSatisfy { abs($0 - $1) < 0.5 })
  }

  /// The estimate works in `Float`, although θ itself cannot hold steps of d₀: the movement is summed separately.
  @Test func estimatesTheSameInFloat() throws {
    func estimates<Scalar: LaneScalar>(_: Scalar.Type) throws -> [Double] {
      var x = try ParameterVector<Scalar>([100, 100])
      var optimizer = try Optimizer(Prodigy<Scalar>(), for: x)
      return try (1...25).map { t in
        try optimizer.step(&x, gradient: ParameterVector([1, t % 2 == 0 ? 0.25 : 0.5]))
        return try #require(optimizer.checkpoint(x).numbers["prodigy/d"])
      }
    }
    let (float, double) = try (estimates(Float.self), estimates(Double.self))
    #expect(double.last! > 1e-5)
    #expect(zip(float, double).allSatisfy { abs($0 - $1) <= 1e-4 * $1 })
  }
}

extension VectorReference {
  static func prodigy<T: ReferenceScalar>(_ o: DistanceOptions<T>) -> Model<T> {
    whole {
      (m: zeros($0), v: zeros($0), s: zeros($0), start: $0, d: o.d0, largest: o.d0, r: T.zero)
    } _: { t, g, θ, s in
      let rate = o.rate(t, d: s.d)
      let β3 = o.β3 ?? T.sqrt(o.β2)
      let numerator = β3 * s.r + s.d / o.d0 * rate * dot(g, zip(s.start, θ).map { $0 - $1 })
      for i in g.indices {
        s.m[i] = o.β1 * s.m[i] + (1 - o.β1) * s.d * g[i]
        s.v[i] = o.β2 * s.v[i] + (1 - o.β2) * s.d * s.d * g[i] * g[i]
        s.s[i] = β3 * s.s[i] + s.d / o.d0 * (o.safeguards ? s.d : rate) * g[i]
      }
      let total = s.s.reduce(0) { $0 + abs($1) }
      guard total != 0 else { return }
      s.r = numerator
      let estimate = o.c * s.r / total
      if s.d == o.d0 { s.d = max(s.d, estimate) }
      s.largest = max(s.largest, estimate)
      s.d = o.growth.map { min(s.largest, s.d * $0) } ?? s.largest
      for i in g.indices {
        θ[i] = θ[i] - rate * o.λ * θ[i] - rate * ratio(s.m[i], T.sqrt(s.v[i]) + s.d * o.ε)
      }
    }
  }
}
