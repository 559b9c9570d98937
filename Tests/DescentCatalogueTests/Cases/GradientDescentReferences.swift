import RealModule

extension Reference {
  /// Loshchilov & Hutter, Algorithm 1: mₜ = β₁ mₜ₋₁ + ηₜ α g, θₜ = θₜ₋₁ − mₜ − ηₜ λ θₜ₋₁.
  static func sgdW<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, η: @escaping @Sendable (Int) -> T, μ: T, decay: @escaping @Sendable (Int) -> T
  ) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      return path(gradients, θ0) { t, g, θ in
        m = μ * m + η(t) * α(t) * g
        θ = (1 - η(t) * decay(t)) * θ - m
      }
    }
  }

  private static func sign<T: Real & Sendable>(_ x: T, ofZero: T = 0) -> T { x > 0 ? 1 : x < 0 ? -1 : ofZero }

  /// θ ← θ − α sign(Σ βⁿ g): the mean's scale has no effect. An element that is 0 does not move if its sum is 0.
  static func signum<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, β: T, ofZero: T = 0) -> Path<T> {
    { gradients, θ0 in
      var sum: T = 0
      return path(gradients, θ0) { t, g, θ in
        sum = β * sum + g
        θ -= α(t) * sign(sum, ofZero: θ == 0 ? 0 : ofZero)
      }
    }
  }

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

  /// Ma & Yarats: the ν-weighted average of a step of gradient descent and one of momentum.
  static func qhm<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, β: T, ν: T) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      return path(gradients, θ0) { t, g, θ in
        m = β * m + (1 - β) * g
        let (descent, momentum) = (θ - α(t) * g, θ - α(t) * m)
        θ = (1 - ν) * descent + ν * momentum
      }
    }
  }

  /// torch's ASGD, whose rate is updated after each step.
  static func asgd<T: Real & Sendable>(α: T, λ: T, power: T) -> Path<T> {
    { gradients, θ0 in
      var η = α
      return path(gradients, θ0) { t, g, θ in
        θ = θ * (1 - λ * η) - η * g
        η = α / T.pow(1 + λ * α * T(t), power)
      }
    }
  }

  /// Li, Liu & Orabona, as Follow The Regularized Leader: zₜ₊₁ = x₁ − γₜ Σ αᵢ gᵢ, xₜ₊₁ = (Sₜ xₜ + αₜ₊₁ zₜ₊₁) / Sₜ₊₁.
  static func ftrlMomentum<T: Real & Sendable>(
    γ: @escaping @Sendable (Int) -> T, weight: @escaping @Sendable (Int) -> T, adaptive: Bool = false, b: T = 0
  ) -> Path<T> {
    { gradients, x1 in
      var sum: T = 0
      var squares = b
      var S: T = 0
      return path(gradients, x1) { t, g, x in
        sum += weight(t) * g
        squares += weight(t) * weight(t) * g * g
        S += weight(t)
        let z = x1 - γ(t) * (adaptive ? ratio(sum, T.sqrt(squares)) : sum)
        x = (S * x + weight(t + 1) * z) / (S + weight(t + 1))
      }
    }
  }

  /// Defazio & Jelassi, Algorithm 1.
  static func madgrad<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, μ: T, ε: T) -> Path<T> {
    { gradients, x0 in
      var s: T = 0
      var ν: T = 0
      return path(gradients, x0) { t, g, x in
        let λ = α(t) * T.sqrt(T(t))
        s += λ * g
        ν += λ * g * g
        let z = x0 - ratio(s, T.root(ν, 3) + ε)
        x = μ * x + (1 - μ) * z
      }
    }
  }

  /// torch's Rprop, with the rate's schedule as a factor of the step: a share of its `base`, by default its first value.
  static func rprop<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, base: T? = nil, increase: T, decrease: T, smallest: T, largest: T
  ) -> Path<T> {
    { gradients, θ0 in
      let base = base ?? α(1)
      var Δ = base
      var previous: T = 0
      return path(gradients, θ0) { t, g, θ in
        let product = sign(g) * sign(previous)
        if product > 0 { Δ *= increase } else if product < 0 { Δ *= decrease }
        Δ = min(max(Δ, smallest), largest)
        previous = product < 0 ? 0 : g
        θ -= Δ * sign(previous) * α(t) / base
      }
    }
  }

  struct ScheduleFreeOptions<T: Real & Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    var β: T
    var λ: T = 0
    var decaysZ = false
    var r = 0
    var ratePower = 2
  }

  /// Schedule-Free in the form of the authors' code, which keeps y and z:
  /// y ← (1 − c) y + c z + α (β (1 − c) − 1) d, z ← z − α d.
  static func scheduleFree<T: Real & Sendable>(
    _ o: ScheduleFreeOptions<T>, direction: @escaping @Sendable () -> ((Int, T) -> T)
  ) -> Path<T> {
    { gradients, θ0 in
      let direction = direction()
      var z = θ0
      var total: T = 0
      var largest: T = 0
      return path(gradients, θ0) { t, g, y in
        let α = o.α(t)
        largest = max(largest, α)
        let weight = T.pow(T(t), o.r) * T.pow(largest, o.ratePower)
        total += weight
        let c = ratio(weight, total)
        let d = direction(t, g) + o.λ * (o.decaysZ ? z : y)
        y = (1 - c) * y + c * z + α * (o.β * (1 - c) - 1) * d
        z -= α * d
      }
    }
  }

  static func scheduleFreeSGD<T: Real & Sendable>(_ o: ScheduleFreeOptions<T>) -> Path<T> {
    scheduleFree(o) { { _, g in g } }
  }

  static func scheduleFreeAdamW<T: Real & Sendable>(_ o: ScheduleFreeOptions<T>, β2: T, ε: T) -> Path<T> {
    scheduleFree(o) {
      var v: T = 0
      return { t, g in
        v = β2 * v + (1 - β2) * g * g
        return ratio(g, T.sqrt(v / (1 - T.pow(β2, t))) + ε)
      }
    }
  }
}
