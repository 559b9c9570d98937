import Descent
import RealModule
import TestSupport
import Testing

@Suite struct DAdaptSGDTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "dadaptsgd", dependsOnθ: true, steps: 60, model: VectorReference.dAdaptSGD(α: 1, β: 0, d0: w(1e-6))),
      MethodCase(
        "dadaptsgd", ["learningRate": "0.5", "momentum": "0.9", "initialDistance": "0.1", "growthRate": "1.05"],
        dependsOnθ: true,
        model: VectorReference.dAdaptSGD(α: w(0.5), β: w(0.9), d0: w(0.1), growth: w(1.05))),
    ]
  }

  /// D-Adaptation's theorem: the estimate never exceeds the distance from the start to the distanceSolution. The code's 2 r
  /// doubles the estimate.
  @Test func theEstimateIsALowerBoundThatBecomesTight() throws {
    var x = try ParameterVector<Double>([0, 0, 0, 0])
    let distance = distanceSolution.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var optimizer = try Optimizer(DAdaptSGD<Double>(), for: x)
    var d = 0.0
    for _ in 1...1000 {
      try stepOnDistance(&optimizer, &x)
      let now = try #require(optimizer.checkpoint(x).numbers["dadaptsgd/d"])
      #expect(now >= d && now <= 2 * distance)
      d = now
    }
    #expect(d > distance / 4)
  }
}

extension VectorReference {
  /// The paper's form of the estimate: (‖s‖² − Σ λ² ‖g‖²) / ‖s‖.
  static func dAdaptSGD<T: Real & Sendable>(
    α: T, β: T, d0: T, growth: T? = nil
  ) -> Model<T> {
    whole {
      (s: zeros($0), start: $0, d: d0, squares: T.zero, first: T.zero)
    } _: { t, g, θ, s in
      if s.first == 0 { s.first = norm(g) }
      guard s.first != 0 else { return }
      let λ = s.d * α / s.first
      for i in g.indices { s.s[i] += λ * g[i] }
      s.squares += λ * λ * dot(g, g)
      guard norm(s.s) != 0 else { return }
      let estimate = (dot(s.s, s.s) - s.squares) / norm(s.s)
      s.d = max(s.d, growth.map { min(estimate, s.d * $0) } ?? estimate)
      for i in g.indices { θ[i] = β * θ[i] + (1 - β) * (s.start[i] - s.s[i]) }
    }
  }
}
