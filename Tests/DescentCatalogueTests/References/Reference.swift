import RealModule

/// A precision in which the equations are evaluated.
typealias ReferenceScalar = Real & BinaryFloatingPoint & Sendable

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

  static func sign<T: Real & Sendable>(_ x: T, ofZero: T = 0) -> T { x > 0 ? 1 : x < 0 ? -1 : ofZero }

  /// From α to `to` over n steps in half a cosine, then `to`.
  static func cosine<T: Real & Sendable>(from α: T, to: T, over n: Int) -> @Sendable (Int) -> T {
    { t in to + (α - to) * (1 + T.cos(T.pi * min(1, T(t - 1) / T(n)))) / 2 }
  }

  static func sgd<T: Real & Sendable>(α: @escaping @Sendable (Int) -> T) -> Path<T> {
    { path($0, $1) { t, g, θ in θ -= α(t) * g } }
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
}

/// The options of equations that several methods share; each has its default.
protocol ReferenceOptions: Sendable {
  init()
}

extension ReferenceOptions {
  /// The defaults, changed by `change`.
  static func changed(_ change: (inout Self) -> Void = { _ in }) -> Self {
    var options = Self()
    change(&options)
    return options
  }
}

/// x ÷ y, or 0 if y is 0: where no gradient has come, there is no step.
func ratio<T: Real>(_ x: T, _ y: T) -> T { y == 0 ? 0 : x / y }

/// A number from the package's `Double`, in a wider type.
func w<T: BinaryFloatingPoint>(_ x: Double) -> T { T(x) }

/// A falling rate, for the cases that check where in the equations the rate stands.
let cosine = "cosine(0.1, to=0.01, over=150)"
func cosineAt<T: ReferenceScalar>(_ t: Int) -> T { Reference.cosine(from: w(0.1), to: w(0.01), over: 150)(t) }
