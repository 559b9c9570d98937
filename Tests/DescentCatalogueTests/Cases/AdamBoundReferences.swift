import RealModule

extension Reference {
  struct BoundOptions<T: Real & Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    /// The schedule's full value; by default its value at the first step.
    var base: T?
    var f: T
    var γ: T
    var β1: T
    var β2: T
    var ε: T = 0
    var corrects = false
    var maximum = false
  }

  /// Luo et al., Algorithms 2 and 3, with the final rate scaled as in the authors' code, f αₜ ÷ the schedule's base.
  static func adaBound<T: Real & Sendable>(_ o: BoundOptions<T>) -> Path<T> {
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

  /// Chen et al., Algorithm 1: θ ← θ − α m / (√v̂ + ε)²ᵖ.
  static func padam<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, p: T, β1: T, β2: T, ε: T = 0, corrects: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v, largest): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        largest = max(largest, v)
        let correction = corrects ? T.sqrt(1 - T.pow(β2, t)) / (1 - T.pow(β1, t)) : 1
        let root = T.sqrt(largest) + ε
        θ -= α(t) * correction * (root == 0 ? 0 : m / T.exp(2 * p * T.log(root)))
      }
    }
  }
}
