import RealModule

/// Methods that step all parameters as one vector, written from the papers' equations and the authors' code.
enum VectorReference {
  typealias Model<T> = TensorReference.Model<T>

  /// θ after each step, where `step` changes all parameters, one after the other in one array.
  static func whole<T: Sendable, State>(
    _ initial: @escaping @Sendable (_ θ0: [T]) -> State,
    _ step: @escaping @Sendable (_ t: Int, _ g: [T], _ θ: inout [T], _ state: inout State) -> Void
  ) -> Model<T> {
    { gradients, θ0, _ in
      var θ = θ0.flatMap { $0 }
      var state = initial(θ)
      return gradients.enumerated().map { i, g in
        step(i + 1, g.flatMap { $0 }, &θ, &state)
        var rest = θ[...]
        return θ0.map { part in
          defer { rest = rest.dropFirst(part.count) }
          return Array(rest.prefix(part.count))
        }
      }
    }
  }

  private static func norm<T: Real>(_ x: [T]) -> T { TensorReference.norm(x) }
  private static func ratio<T: Real>(_ x: T, _ y: T) -> T { TensorReference.ratio(x, y) }
  private static func dot<T: Real>(_ x: [T], _ y: [T]) -> T { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
  private static func zeros<T: Real>(_ like: [T]) -> [T] { Array(repeating: 0, count: like.count) }

  static func adaGradNorm<T: Real & Sendable>(α: T, b0: T) -> Model<T> {
    whole { _ in
      b0 * b0
    } _: { _, g, θ, squares in
      squares += dot(g, g)
      for i in g.indices { θ[i] -= α * ratio(g[i], T.sqrt(squares)) }
    }
  }

  static func delayedAdaGradNorm<T: Real & Sendable>(
    α: T, β: T, ε: T, μ: @escaping @Sendable (Int) -> T
  ) -> Model<T> {
    whole {
      (m: zeros($0), S: T.zero)
    } _: { t, g, θ, s in
      let η = α / T.pow(β + s.S, T(1) / 2 + ε)
      for i in g.indices {
        s.m[i] = μ(t) * s.m[i] + η * g[i]
        θ[i] -= s.m[i]
      }
      s.S += dot(g, g)
    }
  }

  /// The momentum form: m is the weighted mean of the gradients.
  static func ftrlMomentumNorm<T: Real & Sendable>(
    c: T, b: T, weight: @escaping @Sendable (Int) -> T
  ) -> Model<T> {
    whole {
      (m: zeros($0), start: $0, squares: T.zero, S: T.zero)
    } _: { t, g, θ, s in
      s.squares += weight(t) * weight(t) * dot(g, g)
      let β = s.S / (s.S + weight(t))
      s.S += weight(t)
      let next = weight(t + 1)
      let γ = ratio(c, T.sqrt(b + s.squares))
      for i in g.indices {
        s.m[i] = β * s.m[i] + (1 - β) * g[i]
        θ[i] =
          s.S / (s.S + next) * θ[i] + next / (s.S + next) * s.start[i] - next * s.S / (s.S + next) * γ * s.m[i]
      }
    }
  }

  struct DistanceOptions<T: Real & Sendable>: Sendable {
    var α: @Sendable (Int) -> T = { _ in 1 }
    var β1: T
    var β2: T
    var β3: T?
    var ε: T
    var d0: T
    var c: T = 1
    var growth: T?
    var λ: T = 0
    var corrects = false
    var safeguards = false

    func rate(_ t: Int, d: T) -> T {
      d * α(t) * (corrects ? T.sqrt(1 - T.pow(β2, t)) / (1 - T.pow(β1, t)) : 1)
    }
  }

  static func prodigy<T: Real & Sendable>(_ o: DistanceOptions<T>) -> Model<T> {
    whole {
      (m: zeros($0), v: zeros($0), s: zeros($0), start: $0, d: o.d0, largest: o.d0, r: T.zero)
    } _: { t, g, θ, s in
      let rate = o.rate(t, d: s.d)
      let β3 = o.β3 ?? T.sqrt(o.β2)
      let numerator = β3 * s.r + s.d / o.d0 * rate * dot(g, zip(s.start, θ).map { $0 - $1 })
      for i in g.indices {
        s.m[i] = o.β1 * s.m[i] + (1 - o.β1) * s.d * g[i]
        s.v[i] = o.β2 * s.v[i] + (1 - o.β2) * s.d * s.d * g[i] * g[i]
        s.s[i] = β3 * s.s[i] + s.d / o.d0 * (o.safeguards ? s.d : rate) * g[i]
      }
      let total = s.s.reduce(0) { $0 + abs($1) }
      guard total != 0 else { return }
      s.r = numerator
      let estimate = o.c * s.r / total
      if s.d == o.d0 { s.d = max(s.d, estimate) }
      s.largest = max(s.largest, estimate)
      s.d = o.growth.map { min(s.largest, s.d * $0) } ?? s.largest
      for i in g.indices {
        θ[i] = θ[i] - rate * o.λ * θ[i] - rate * ratio(s.m[i], T.sqrt(s.v[i]) + s.d * o.ε)
      }
    }
  }

  static func dAdaptAdam<T: Real & Sendable>(_ o: DistanceOptions<T>) -> Model<T> {
    whole {
      (m: zeros($0), v: zeros($0), s: zeros($0), d: o.d0, r: T.zero)
    } _: { t, g, θ, s in
      let rate = o.rate(t, d: s.d)
      let β = T.sqrt(o.β2)
      let direction = zip(s.s, s.v).map { ratio($0, T.sqrt($1) + o.ε) }
      let numerator = β * s.r + (1 - β) * rate * dot(g, direction)
      for i in g.indices {
        s.m[i] = o.β1 * s.m[i] + (1 - o.β1) * rate * g[i]
        s.v[i] = o.β2 * s.v[i] + (1 - o.β2) * g[i] * g[i]
        s.s[i] = β * s.s[i] + (1 - β) * rate * g[i]
      }
      let total = s.s.reduce(0) { $0 + abs($1) }
      guard total != 0 else { return }
      s.r = numerator
      let estimate = s.r / ((1 - β) * total)
      s.d = max(s.d, o.growth.map { min(estimate, s.d * $0) } ?? estimate)
      for i in g.indices { θ[i] -= rate * o.λ * θ[i] + ratio(s.m[i], T.sqrt(s.v[i]) + o.ε) }
    }
  }

  /// The paper's form of the estimate: (‖s‖² − Σ λ² ‖g‖²) / ‖s‖.
  static func dAdaptSGD<T: Real & Sendable>(
    α: T, β: T, d0: T, growth: T? = nil
  ) -> Model<T> {
    whole {
      (s: zeros($0), start: $0, d: d0, squares: T.zero, first: T.zero)
    } _: { t, g, θ, s in
      if s.first == 0 { s.first = norm(g) }
      guard s.first != 0 else { return }
      let λ = s.d * α / s.first
      for i in g.indices { s.s[i] += λ * g[i] }
      s.squares += λ * λ * dot(g, g)
      guard norm(s.s) != 0 else { return }
      let estimate = (dot(s.s, s.s) - s.squares) / norm(s.s)
      s.d = max(s.d, growth.map { min(estimate, s.d * $0) } ?? estimate)
      for i in g.indices { θ[i] = β * θ[i] + (1 - β) * (s.start[i] - s.s[i]) }
    }
  }

  static func swats<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, tolerance: T
  ) -> Model<T> {
    whole {
      (m: zeros($0), a: zeros($0), u: zeros($0), λ: T.zero, Λ: T?.none)
    } _: { t, g, θ, s in
      if let Λ = s.Λ {
        for i in g.indices {
          s.u[i] = β1 * s.u[i] + g[i]
          θ[i] -= (1 - β1) * Λ * s.u[i]
        }
        return
      }
      var p: [T] = []
      for i in g.indices {
        s.m[i] = β1 * s.m[i] + (1 - β1) * g[i]
        s.a[i] = β2 * s.a[i] + (1 - β2) * g[i] * g[i]
        p.append(-α * T.sqrt(1 - T.pow(β2, t)) / (1 - T.pow(β1, t)) * ratio(s.m[i], T.sqrt(s.a[i]) + ε))
        θ[i] += p[i]
      }
      guard dot(p, g) != 0 else { return }
      let γ = dot(p, p) / -dot(p, g)
      s.λ = β2 * s.λ + (1 - β2) * γ
      let settled = s.λ / (1 - T.pow(β2, t))
      if t > 1, abs(settled - γ) < tolerance, settled > 0 { s.Λ = settled }
    }
  }
}
