import RealModule

extension Reference {
  struct AdamOptions<T: ReferenceScalar>: ReferenceOptions {
    var α: @Sendable (Int) -> T = { _ in w(1e-3) }
    var β1: @Sendable (Int) -> T = { _ in w(0.9) }
    var β2: T = w(0.999)
    var ε: T = w(1e-8)
    var εRoot: T = 0
    var isHat = false
    var corrects = true
    /// λ and its factor.
    var decay: @Sendable (Int) -> T = { _ in 0 }
    /// η, which multiplies the step.
    var η: @Sendable (Int) -> T = { _ in 1 }
  }

  /// Adam with its defaults, changed by `change`.
  static func adam<T: ReferenceScalar>(_ change: (inout AdamOptions<T>) -> Void = { _ in }) -> Path<T> {
    adam(.changed(change))
  }

  private static func adam<T: ReferenceScalar>(_ o: AdamOptions<T>) -> Path<T> {
    { gradients, θ0 in
      var (m, v, β1Product): (T, T, T) = (0, 0, 1)
      return path(gradients, θ0) { t, g, θ in
        let β1 = o.β1(t)
        m = β1 * m + (1 - β1) * g
        v = o.β2 * v + (1 - o.β2) * g * g
        β1Product *= β1
        let (bc1, bc2): (T, T) = o.corrects ? (1 - β1Product, 1 - T.pow(o.β2, t)) : (1, 1)
        let Δ =
          o.isHat
          ? ratio(o.α(t) * T.sqrt(bc2) / bc1 * m, T.sqrt(v) + o.ε)
          : ratio(o.α(t) * (m / bc1), T.sqrt(v / bc2 + o.εRoot) + o.ε)
        θ -= o.η(t) * Δ + o.decay(t) * θ
      }
    }
  }
}
