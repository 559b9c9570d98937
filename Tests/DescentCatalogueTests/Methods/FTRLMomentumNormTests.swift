import RealModule
import TestSupport

enum FTRLMomentumNormTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "ftrlmomentumnorm", dependsOnθ: true,
        model: VectorReference.ftrlMomentumNorm(c: w(0.1), b: 0, weight: { _ in 1 })),
      MethodCase(
        "ftrlmomentumnorm", ["learningRate": "2", "initialAccumulator": "0.5", "weight": "linear(1, to=3, over=100)"],
        dependsOnθ: true,
        model: VectorReference.ftrlMomentumNorm(c: 2, b: w(0.5), weight: { 1 + 2 * min(1, T($0 - 1) / 100) })),
    ]
  }
}

extension VectorReference {
  /// The momentum form: m is the weighted mean of the gradients.
  static func ftrlMomentumNorm<T: Real & Sendable>(
    c: T, b: T, weight: @escaping @Sendable (Int) -> T
  ) -> Model<T> {
    whole {
      (m: zeros($0), start: $0, squares: T.zero, S: T.zero)
    } _: { t, g, θ, s in
      s.squares += weight(t) * weight(t) * dot(g, g)
      let β = s.S / (s.S + weight(t))
      s.S += weight(t)
      let next = weight(t + 1)
      let γ = ratio(c, T.sqrt(b + s.squares))
      for i in g.indices {
        s.m[i] = β * s.m[i] + (1 - β) * g[i]
        θ[i] =
          s.S / (s.S + next) * θ[i] + next / (s.S + next) * s.start[i] - next * s.S / (s.S + next) * γ * s.m[i]
      }
    }
  }
}
