import Descent
import RealModule
import TestSupport
import Testing

@Suite struct SWATSTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      // The first never leaves Adam's phase; the others do, at different steps of each sequence.
      MethodCase(
        "swats", dependsOnθ: false,
        model: VectorReference.swats(α: w(0.001), β1: w(0.9), β2: w(0.999), ε: w(1e-9), tolerance: w(1e-9))),
      MethodCase(
        "swats", ["tolerance": "1e-4"], dependsOnθ: false,
        model: VectorReference.swats(α: w(0.001), β1: w(0.9), β2: w(0.999), ε: w(1e-9), tolerance: w(1e-4))),
      MethodCase(
        "swats", ["learningRate": "0.01", "beta1": "0.5", "beta2": "0.9", "epsilon": "1e-3", "tolerance": "0.01"],
        dependsOnθ: false,
        model: VectorReference.swats(α: w(0.01), β1: w(0.5), β2: w(0.9), ε: w(1e-3), tolerance: w(0.01))),
    ]
  }

  /// With a constant gradient, γ and its average are α n / ‖g‖₁ from the start. So the switch comes at the second step,
  /// and the third step is gradient descent's first.
  @Test func switchesToTheRateOfAdamsSteps() throws {
    let g = try ParameterVector<Double>([1, -2, 4])
    var x = try ParameterVector<Double>([0, 0, 0])
    var optimizer = try Optimizer(SWATS<Double>(epsilon: 0), for: x)
    for t in 1...2 {
      try optimizer.step(&x, gradient: g)
      let rate = try #require(optimizer.checkpoint(x).numbers["swats/rate"])
      #expect(t == 1 ? rate == 0 : abs(rate - 0.003 / 7) < 1e-15)
    }
    #expect(zip(x.values, [-0.002, 0.002, -0.002]).allSatisfy { abs($0 - $1) < 1e-15 })
    let before = x.values
    try optimizer.step(&x, gradient: g)
    let descended = zip(x.values, before).map { $0 - $1 }
    #expect(zip(descended, g.values).allSatisfy { abs($0 + 0.1 * 0.003 / 7 * $1) < 1e-15 })
  }
}

extension VectorReference {
  static func swats<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, tolerance: T
  ) -> Model<T> {
    whole {
      (m: zeros($0), a: zeros($0), u: zeros($0), λ: T.zero, Λ: T?.none)
    } _: { t, g, θ, s in
      if let Λ = s.Λ {
        for i in g.indices {
          s.u[i] = β1 * s.u[i] + g[i]
          θ[i] -= (1 - β1) * Λ * s.u[i]
        }
        return
      }
      var p: [T] = []
      for i in g.indices {
        s.m[i] = β1 * s.m[i] + (1 - β1) * g[i]
        s.a[i] = β2 * s.a[i] + (1 - β2) * g[i] * g[i]
        p.append(-α * T.sqrt(1 - T.pow(β2, t)) / (1 - T.pow(β1, t)) * ratio(s.m[i], T.sqrt(s.a[i]) + ε))
        θ[i] += p[i]
      }
      guard dot(p, g) != 0 else { return }
      let γ = dot(p, p) / -dot(p, g)
      s.λ = β2 * s.λ + (1 - β2) * γ
      let settled = s.λ / (1 - T.pow(β2, t))
      if t > 1, abs(settled - γ) < tolerance, settled > 0 { s.Λ = settled }
    }
  }
}
