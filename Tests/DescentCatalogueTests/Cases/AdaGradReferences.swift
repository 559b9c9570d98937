import RealModule

extension Reference {
  /// RMSProp with momentum in TensorFlow's form (rate inside) or torch's.
  static func rmsPropMomentum<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, ρ: T, μ: T, ε: T, εRoot: T = 0, v0: T = 0, rateOutside: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var v = v0
      var u: T = 0
      return path(gradients, θ0) { t, g, θ in
        v = ρ * v + (1 - ρ) * g * g
        let d = ratio(g, T.sqrt(v + εRoot) + ε)
        u = μ * u + (rateOutside ? d : α(t) * d)
        θ -= rateOutside ? α(t) * u : u
      }
    }
  }

  /// Graves' equations 38–41. n − ḡ² is a variance, computed by Welford's update from the distances to the old and the
  /// new mean.
  static func centeredRMSProp<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, ρ: T, μ: T, ε: T, εRoot: T, rateOutside: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var mean: T = 0
      var variance: T = 0
      var u: T = 0
      return path(gradients, θ0) { t, g, θ in
        let old = g - mean
        mean = ρ * mean + (1 - ρ) * g
        variance = ρ * variance + (1 - ρ) * old * (g - mean)
        let d = ratio(g, T.sqrt(variance + εRoot) + ε)
        u = μ * u + (rateOutside ? d : α(t) * d)
        θ -= rateOutside ? α(t) * u : u
      }
    }
  }

  /// Li & Orabona: the step size uses the sum of squared gradients before the present one.
  static func delayedAdaGrad<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, β: T, exponentOffset: T, μ: T = 0
  ) -> Path<T> {
    { gradients, θ0 in
      var m: T = 0
      var sum: T = 0
      return path(gradients, θ0) { t, g, θ in
        let η = α(t) / T.exp((T(1) / 2 + exponentOffset) * T.log(β + sum))
        m = μ * m + η * g
        θ -= m
        sum += g * g
      }
    }
  }

  /// ADADELTA's equation 7 with h = 1; averages are weighted sums divided by the sum of weights.
  static func schaul<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, ρ: T) -> Path<T> {
    { gradients, θ0 in
      var (sum, squares, weights): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        sum = ρ * sum + g
        squares = ρ * squares + g * g
        weights = ρ * weights + 1
        let (mean, meanSquare) = (sum / weights, squares / weights)
        θ -= α(t) * ratio(mean * mean, meanSquare) * g
      }
    }
  }

  /// Schaul, Zhang & LeCun, Algorithm 1, with h = 1.
  static func vSGD<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, C: T, τ0: T) -> Path<T> {
    { gradients, θ0 in
      var (mean, square, h, τ): (T, T, T, T) = (0, 0, 0, τ0)
      return path(gradients, θ0) { t, g, θ in
        if t == 1 {
          (mean, square, h) = (g, C * g * g, C)
        } else {
          mean = (1 - 1 / τ) * mean + g / τ
          square = (1 - 1 / τ) * square + g * g / τ
          h = (1 - 1 / τ) * h + 1 / τ
        }
        let agreement = ratio(mean * mean, square)
        τ = (1 - agreement) * τ + 1
        θ -= α(t) * agreement / h * g
      }
    }
  }
}
