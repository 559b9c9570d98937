import Descent
import RealModule
import Testing

@Suite struct LionTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("lion", equations: Reference.lion(α: { _ in w(1e-4) }, β1: w(0.9), β2: w(0.99))),
      MethodCase(
        "lion", ["lr": cosine, "beta1": "0.95", "beta2": "0.98"],
        equations: Reference.lion(α: cosineAt, β1: w(0.95), β2: w(0.98))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: Lion(), -1, α: 1e-4, g: -3) }

  @Test func theSignOfNoNumberIsNone() throws { #expect(try path(Lion(), [.nan])[0].isNaN) }
}

extension Reference {
  /// Chen et al., Algorithm 2.
  static func lion<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, β1: T, β2: T) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      return path(gradients, θ0) { t, g, θ in
        θ -= α(t) * sign(β1 * m + (1 - β1) * g)
        m = β2 * m + (1 - β2) * g
      }
    }
  }
}
