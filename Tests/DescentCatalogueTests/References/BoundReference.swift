import RealModule

extension Reference {
  struct BoundOptions<T: ReferenceScalar>: ReferenceOptions {
    var α: @Sendable (Int) -> T = { _ in w(1e-3) }
    /// The schedule's full value; by default its value at the first step.
    var base: T?
    var f: T = w(0.1)
    var γ: T = w(1e-3)
    var β1: T = w(0.9)
    var β2: T = w(0.999)
    var ε: T = 0
    var corrects = false
    var maximum = false

    static var warmUp: Self {
      changed {
        $0.α = { w(1e-3) * min(1, T($0) / 20) }
        $0.base = w(1e-3)
        $0.γ = w(0.1)
      }
    }
  }

  /// Luo et al., Algorithms 2 and 3, with the final rate scaled as in the authors' code, f αₜ ÷ the schedule's base.
  static func adaBound<T: ReferenceScalar>(_ o: BoundOptions<T>) -> Path<T> {
    { gradients, θ0 in
      var (m, v, largest): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = o.β1 * m + (1 - o.β1) * g
        v = o.β2 * v + (1 - o.β2) * g * g
        largest = max(largest, v)
        let correction = o.corrects ? T.sqrt(1 - T.pow(o.β2, t)) / (1 - T.pow(o.β1, t)) : 1
        let final = o.f * o.α(t) / (o.base ?? o.α(1))
        let root = T.sqrt(o.maximum ? largest : v) + o.ε
        let rate = root == 0 ? T.infinity : o.α(t) * correction / root
        let (lower, upper): (T, T) = (final - final / (o.γ * T(t) + 1), final + final / (o.γ * T(t)))
        θ -= min(max(rate, lower), upper) * m
      }
    }
  }
}
