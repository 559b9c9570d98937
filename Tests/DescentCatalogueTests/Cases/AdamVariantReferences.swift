import RealModule

/// Equations of Adam's variants: other moments, corrections and averages.
extension Reference {
  /// α m / √(mean of all squares), where the mean is a sum divided by t.
  static func adamNC<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: @escaping @Sendable (Int) -> T, ε: T = 0
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, sum): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1(t) * m + (1 - β1(t)) * g
        sum += g * g
        θ -= ratio(α(t) * m, T.sqrt(sum / T(t)) + ε)
      }
    }
  }

  /// - Parameter weight: 1 − θₜ.
  static func genericAdam<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β: @escaping @Sendable (Int) -> T, weight: @escaping @Sendable (Int) -> T,
    v0: T
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v) = (T(0), v0)
      return path(gradients, θ0) { t, g, θ in
        v = (1 - weight(t)) * v + weight(t) * g * g
        m = β(t) * m + (1 - β(t)) * g
        θ -= ratio(α(t) * m, T.sqrt(v))
      }
    }
  }

  struct NadamOptions<T: Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    var β1, β2, ε, ψ: T
    /// Whether μₜ is β₁ (1 − ½ 0.96^(t ψ)) in the corrections; whether it is in the mean; whether n̂ has a factor β₂.
    var isScheduled, hasScheduledMean, scales: Bool
  }

  static func nadam<T: Real & BinaryFloatingPoint & Sendable>(_ o: NadamOptions<T>) -> Path<T> {
    @Sendable func μ(_ t: Int) -> T { o.isScheduled ? o.β1 - o.β1 / 2 * T.pow(T(0.96), T(t) * o.ψ) : o.β1 }
    return { gradients, θ0 in
      var (m, n, product): (T, T, T) = (0, 0, 1)
      return path(gradients, θ0) { t, g, θ in
        product *= μ(t)
        let β = o.hasScheduledMean ? μ(t) : o.β1
        m = β * m + (1 - β) * g
        n = o.β2 * n + (1 - o.β2) * g * g
        let mHat = μ(t + 1) * m / (1 - product * μ(t + 1)) + (1 - μ(t)) * g / (1 - product)
        let nHat = (o.scales ? o.β2 : 1) * n / (1 - T.pow(o.β2, t))
        θ -= ratio(o.α(t) * mHat, T.sqrt(nHat) + o.ε)
      }
    }
  }

  static func qhAdam<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, ν1: T, ν2: T, β1: T, β2: T, ε: T
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        let numerator = (1 - ν1) * g + ν1 * (m / (1 - T.pow(β1, t)))
        let square = (1 - ν2) * g * g + ν2 * (v / (1 - T.pow(β2, t)))
        θ -= ratio(α(t) * numerator, T.sqrt(square) + ε)
      }
    }
  }

  static func yogi<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, v0: T = 0, fromGradient: Bool = false, corrects: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v) = (T(0), v0)
      return path(gradients, θ0) { t, g, θ in
        if fromGradient && t == 1 { v = g * g }
        m = β1 * m + (1 - β1) * g
        let sign: T = v > g * g ? 1 : v < g * g ? -1 : 0
        v -= (1 - β2) * sign * g * g
        let (bc1, bc2): (T, T) = corrects ? (1 - T.pow(β1, t), 1 - T.pow(β2, t)) : (1, 1)
        θ -= ratio(α * (m / bc1), T.sqrt(v / bc2) + ε)
      }
    }
  }

  /// With the decays of the authors' code.
  static func adan<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, β3: T, ε: T, λ: T = 0, corrects: Bool
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v, n): (T, T, T) = (0, 0, 0)
      var last: T?
      return path(gradients, θ0) { t, g, θ in
        let d = last.map { g - $0 } ?? 0
        last = g
        let square = (g + β2 * d) * (g + β2 * d)
        if corrects {
          m = β1 * m + (1 - β1) * g
          v = β2 * v + (1 - β2) * d
          n = β3 * n + (1 - β3) * square
        } else {
          m = t == 1 ? g : m + (1 - β1) * (g - m)
          v = t == 2 ? d : v + (1 - β2) * (d - v)
          n = t == 1 ? g * g : n + (1 - β3) * (square - n)
        }
        func corrected(_ x: T, _ β: T) -> T { corrects ? x / (1 - T.pow(β, t)) : x }
        let η = ratio(α(t), T.sqrt(corrected(n, β3)) + ε)
        θ = (θ - η * (corrected(m, β1) + β2 * corrected(v, β2))) / (1 + λ * α(t))
      }
    }
  }

  static func adEMAMix<T: Real & Sendable>(
    η: T, β1: T, β2: T, β3: @escaping @Sendable (Int) -> T, α: @escaping @Sendable (Int) -> T, ε: T
  ) -> Path<T> {
    { gradients, θ0 in
      var (m1, m2, v): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        m1 = β1 * m1 + (1 - β1) * g
        m2 = β3(t) * m2 + (1 - β3(t)) * g
        v = β2 * v + (1 - β2) * g * g
        let numerator = m1 / (1 - T.pow(β1, t)) + α(t) * m2
        θ -= ratio(η * numerator, T.sqrt(v / (1 - T.pow(β2, t))) + ε)
      }
    }
  }

  /// Step t does the paper's step t − 1; step 1 takes v₀.
  static func adopt<T: Real & BinaryFloatingPoint & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, ε: T, clips: Bool
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        guard t > 1 else {
          v = g * g
          return
        }
        var u = ratio(g, max(T.sqrt(v), ε))
        let bound = T.pow(T(t - 1), T(0.25))
        if clips && abs(u) > bound { u = u < 0 ? -bound : bound }
        m = β1 * m + (1 - β1) * u
        θ -= α(t) * m
        v = β2 * v + (1 - β2) * g * g
      }
    }
  }

  static func adaMod<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β1: T, β2: T, β3: T, ε: T, isOfficial: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v, s): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        let (bc1, bc2) = (1 - T.pow(β1, t), 1 - T.pow(β2, t))
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        let η = isOfficial ? ratio(α(t) * T.sqrt(bc2) / bc1, T.sqrt(v) + ε) : ratio(α(t), T.sqrt(v / bc2) + ε)
        s = β3 * s + (1 - β3) * η
        θ -= min(η, s) * (isOfficial ? m : m / bc1)
      }
    }
  }
}
