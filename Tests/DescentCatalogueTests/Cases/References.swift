import RealModule

/// The methods' equations for one element, evaluated as the papers write them, in the precision of `T`.
/// They follow the equations, not our rules: no shared code, other forms of the averages, `pow` for β ᵗ.
enum Reference {
  typealias Path<T> = @Sendable ([T], T) -> [T]

  static func path<T: Real & Sendable>(_ gradients: [T], _ θ0: T, _ step: (Int, T, inout T) -> Void) -> [T] {
    var θ = θ0
    return gradients.enumerated().map { i, g in
      step(i + 1, g, &θ)
      return θ
    }
  }

  static func ratio<T: Real & Sendable>(_ x: T, _ y: T) -> T { y == 0 ? 0 : x / y }

  /// From α to `to` over n steps in half a cosine, then `to`.
  static func cosine<T: Real & Sendable>(from α: T, to: T, over n: Int) -> @Sendable (Int) -> T {
    { t in to + (α - to) * (1 + T.cos(T.pi * min(1, T(t - 1) / T(n)))) / 2 }
  }

  static func sgd<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T) -> Path<T> {
    { path($0, $1) { t, g, θ in θ -= α(t) * g } }
  }

  /// ADADELTA's equation 4: Δx ← ρ Δx − η g, x ← x + Δx.
  static func momentum<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, μ: T, τ: T = 0) -> Path<T> {
    { gradients, θ0 in
      var Δ: T = 0
      return path(gradients, θ0) { t, g, θ in
        Δ = μ * Δ - (t == 1 ? 1 : 1 - τ) * α(t) * g
        θ += Δ
      }
    }
  }

  /// torch: b₁ = g₁, b ← μ b + (1 − τ) g, θ ← θ − α b (or α (g + μ b)).
  static func torchMomentum<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, μ: T, τ: T = 0, nesterov: Bool = false
  ) -> Path<T> {
    { gradients, θ0 in
      var b: T = 0
      return path(gradients, θ0) { t, g, θ in
        b = t == 1 ? g : μ * b + (1 - τ) * g
        θ -= α(t) * (nesterov ? g + μ * b : b)
      }
    }
  }

  /// Sutskever's form with separate iterate and velocity. It reports the look-ahead point, at which the gradient was
  /// taken: φₜ = θₜ + μₜ₊₁ uₜ.
  static func nesterov<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T, μ: @escaping @Sendable (Int) -> T)
    -> Path<T>
  {
    { gradients, θ0 in
      var x = θ0
      var u: T = 0
      return path(gradients, θ0) { t, g, φ in
        u = μ(t) * u - α(t) * g
        x += u
        φ = x + μ(t + 1) * u
      }
    }
  }

  static func adaGrad<T: Real & Sendable>(α: T, ε: T, εRoot: T = 0, G0: T = 0) -> Path<T> {
    { gradients, θ0 in
      var G = G0
      return path(gradients, θ0) { _, g, θ in
        G += g * g
        θ -= ratio(α * g, T.sqrt(G + εRoot) + ε)
      }
    }
  }

  static func rmsProp<T: Real & Sendable>(α: T, ρ: T, ε: T, εRoot: T = 0, v0: T = 0) -> Path<T> {
    { gradients, θ0 in
      var v = v0
      return path(gradients, θ0) { _, g, θ in
        v = ρ * v + (1 - ρ) * g * g
        θ -= ratio(α * g, T.sqrt(v + εRoot) + ε)
      }
    }
  }

  static func adaDelta<T: Real & Sendable>(α: T, ρ: T, ε: T) -> Path<T> {
    { gradients, θ0 in
      var (g2, Δ2): (T, T) = (0, 0)
      return path(gradients, θ0) { _, g, θ in
        g2 = ρ * g2 + (1 - ρ) * g * g
        let Δ = -(T.sqrt(Δ2 + ε) / T.sqrt(g2 + ε)) * g
        Δ2 = ρ * Δ2 + (1 - ρ) * Δ * Δ
        θ += α * Δ
      }
    }
  }

  struct AdamOptions<T: Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    var β1: @Sendable (Int) -> T
    var β2: T
    var ε: T
    var εRoot: T
    var isHat = false
    var corrects = true
    /// λ and its factor.
    var decay: @Sendable (Int) -> T
    /// η, which multiplies the step.
    var η: @Sendable (Int) -> T
  }

  static func adam<T: Real & Sendable>(_ o: AdamOptions<T>) -> Path<T> {
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

  static func adaMax<T: Real & Sendable>(α: T, β1: T, β2: T, ε: T = 0, εDenominator: T = 0) -> Path<T> {
    { gradients, θ0 in
      var (m, u): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        u = max(β2 * u, abs(g) + ε)
        θ -= ratio(α / (1 - T.pow(β1, t)) * m, u + εDenominator)
      }
    }
  }

  enum Correction: Sendable { case none, afterMaximum, beforeMaximum }

  static func amsGrad<T: Real & Sendable>(α: T, β1: T, β2: T, ε: T, _ correction: Correction) -> Path<T> {
    { gradients, θ0 in
      var (m, v, largest): (T, T, T) = (0, 0, 0)
      return path(gradients, θ0) { t, g, θ in
        let (bc1, bc2) = (1 - T.pow(β1, t), 1 - T.pow(β2, t))
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g * g
        switch correction {
        case .none:
          largest = max(largest, v)
          θ -= ratio(α * m, T.sqrt(largest) + ε)
        case .afterMaximum:
          largest = max(largest, v)
          θ -= ratio(α * m / bc1, T.sqrt(largest / bc2) + ε)
        case .beforeMaximum:
          largest = max(largest, v / bc2)
          θ -= ratio(α * m / bc1, T.sqrt(largest) + ε)
        }
      }
    }
  }
}
