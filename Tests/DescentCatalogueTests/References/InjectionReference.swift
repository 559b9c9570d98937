import RealModule

/// Equations of the methods that rectify, center or inject.
extension Reference {
  /// The gradient, and from step `start` on (g + (θₜ₋₂ − θₜ₋₁) g²) / k.
  struct Injector<T: Real & Sendable> {
    var k: T?
    var start = 2
    private var before: T?

    init(k: T?, start: Int = 2) {
      self.k = k
      self.start = start
    }

    mutating func callAsFunction(_ g: T, at t: Int, _ θ: T) -> T {
      defer { before = θ }
      guard let k, let before, t >= start else { return g }
      return (g + (before - θ) * g * g) / k
    }
  }

  /// The paper's ρₜ; β₂ᵗ − 1 is computed from the logarithm, so that it is exact to the last digits.
  static func rectification<T: Real & Sendable>(_ β2: T, _ t: Int, above threshold: Int) -> T? {
    let limit = 2 / (1 - β2) - 1
    let ρ = limit - 2 * T(t) * T.pow(β2, t) / -T.expMinusOne(T(t) * T.log(β2))
    guard ρ > T(threshold) else { return nil }
    return T.sqrt((ρ - 4) * (ρ - 2) * limit / ((limit - 4) * (limit - 2) * ρ))
  }

  struct InjectionOptions<T: ReferenceScalar>: ReferenceOptions {
    var α: @Sendable (Int) -> T = { _ in w(1e-3) }
    var (β1, β2, ε): (T, T, T) = (w(0.9), w(0.999), w(1e-8))
    var isHat = false
    /// k; nil to inject nothing.
    var k: T?
    var start = 2

    /// Injection with such small steps that the injected term stays below the gradient; otherwise rounding grows too.
    static func injected(_ change: (inout Self) -> Void = { _ in }) -> Self {
      changed {
        $0.α = { _ in w(1e-4) }
        $0.k = 2
        change(&$0)
      }
    }
  }

  /// Adam with an injected gradient, times diffGrad's friction if asked for.
  static func adamInject<T: ReferenceScalar>(_ o: InjectionOptions<T>, friction: Bool = false) -> Path<T> {
    { gradients, θ0 in
      var (m, v, last): (T, T, T) = (0, 0, 0)
      var inject = Injector(k: o.k, start: o.start)
      return path(gradients, θ0) { t, g, θ in
        let (bc1, bc2) = (1 - T.pow(o.β1, t), 1 - T.pow(o.β2, t))
        m = o.β1 * m + (1 - o.β1) * inject(g, at: t, θ)
        v = o.β2 * v + (1 - o.β2) * g * g
        let ξ: T = friction ? 1 / (1 + T.exp(-abs(last - g))) : 1
        last = g
        θ -=
          o.isHat
          ? ratio(o.α(t) * ξ * T.sqrt(bc2) / bc1 * m, T.sqrt(v) + o.ε)
          : ratio(o.α(t) * ξ * (m / bc1), T.sqrt(v / bc2) + o.ε)
      }
    }
  }

  static func rAdam<T: ReferenceScalar>(
    _ o: InjectionOptions<T>, above threshold: Int, stepsBefore: Bool = true
  ) -> Path<T> {
    { gradients, θ0 in
      var (m, v): (T, T) = (0, 0)
      var inject = Injector(k: o.k, start: o.start)
      return path(gradients, θ0) { t, g, θ in
        m = o.β1 * m + (1 - o.β1) * inject(g, at: t, θ)
        v = o.β2 * v + (1 - o.β2) * g * g
        let (mHat, bc2) = (m / (1 - T.pow(o.β1, t)), 1 - T.pow(o.β2, t))
        if let r = rectification(o.β2, t, above: threshold) {
          θ -=
            o.isHat
            ? ratio(o.α(t) * r * mHat * T.sqrt(bc2), T.sqrt(v) + o.ε)
            : ratio(o.α(t) * r * mHat, T.sqrt(v / bc2) + o.ε)
        } else if stepsBefore {
          θ -= o.α(t) * mHat
        }
      }
    }
  }

  static func adaBelief<T: ReferenceScalar>(_ o: InjectionOptions<T>, εState: T, rectifies: Bool = false) -> Path<T> {
    { gradients, θ0 in
      var (m, s): (T, T) = (0, 0)
      var inject = Injector(k: o.k, start: o.start)
      return path(gradients, θ0) { t, g, θ in
        m = o.β1 * m + (1 - o.β1) * inject(g, at: t, θ)
        s = o.β2 * s + (1 - o.β2) * (g - m) * (g - m) + εState
        let (mHat, bc2) = (m / (1 - T.pow(o.β1, t)), 1 - T.pow(o.β2, t))
        if !rectifies {
          θ -= ratio(o.α(t) * mHat, T.sqrt(s / bc2) + o.ε)
        } else if let r = rectification(o.β2, t, above: 5) {
          θ -= ratio(o.α(t) * r * T.sqrt(bc2) * mHat, T.sqrt(s) + o.ε)
        } else {
          θ -= o.α(t) * mHat
        }
      }
    }
  }
}
